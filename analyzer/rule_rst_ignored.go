package analyzer

import (
	"fmt"

	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

var ruleRSTIgnored = Rule{
	ID: "rst-ignored", Title: "A RST was ignored by its receiver",
	Severity: Notice, About: "resets",

	Seen: "A RST whose sequence number lies outside the receive window of its target, or, where that waits for the answer to its SYN, one that " +
		"does not acknowledge the SYN, or one without the TCP signature (MD5, TCP-AO) that its target wants; the connection goes on.",
	Means: "A receiver drops such a RST without a word. It is a late packet of an earlier connection on the same ports, a forged one whose " +
		"author did not know the numbers or the key, or a middlebox that guessed. A host that has lost the connection, and the key with it, " +
		"cannot sign. Tools that end a conversation at any RST are wrong here.",
	Apps:    "Nothing.",
	Check:   "Nothing, unless there are many: then who sends them (TTL, MAC address).",
	Sources: "RFC 5961 section 3.2; RFC 9293 sections 3.10.7.3 (second step) and 3.10.7.4 (first step: sequence number); RFC 2385 section 4.1",

	detect: func(ev *evidence) []Finding {
		var out []Finding
		for x := Client; x <= Server; x++ {
			if frames := ev.ignoredResets(x, tcp.State.Synchronized); frames != nil {
				out = append(out, one(x, Probable, frames,
					fmt.Sprintf("%s outside the window of the %s: ignored", words.Count(len(frames), "RST"), x.Other()),
					"RFC 5961 section 3 has a receiver drop a RST whose sequence number lies outside its window: the connection lives on. It is late, forged, or from a middlebox that guessed.")...)
			}
			if frames := ev.ignoredResets(x, func(st tcp.State) bool { return st == tcp.SynSent }); frames != nil {
				out = append(out, one(x, Probable, frames,
					fmt.Sprintf("%s, no acknowledgement of the %s's SYN: ignored", words.Count(len(frames), "RST"), x.Other()),
					"RFC 9293 section 3.10.7.3 has an end that waits for the answer to its SYN drop a RST that does not acknowledge it: connect() goes on. It is late, forged, or from a middlebox that guessed.")...)
			}
			if frames := ev.unsignedResets(x); frames != nil {
				out = append(out, one(x, Probable, frames,
					fmt.Sprintf("%s not signed as the %s wants: ignored", words.Count(len(frames), "RST"), x.Other()),
					"RFC 2385 section 4.1 (TCP MD5; RFC 5925 for TCP-AO) has an end with a key drop what is not signed, a RST as well: it is forged, or from a host that has lost the connection and the key with it.")...)
			}
		}
		return out
	},
}

// ignoredResets returns the RSTs in side's name that its peer ignored in a state that fits.
func (ev *evidence) ignoredResets(side Side, fits func(tcp.State) bool) (frames []int) {
	for i := range ev.resets {
		q := &ev.resets[i]
		if q.r.side == side && q.fate == resetOutside && fits(ev.t[side.Other()].stateAt(q.r.frame-1).State) {
			frames = append(frames, q.r.frame)
		}
	}
	return frames
}
