package analyzer

import (
	"fmt"

	"tcpreplay-fsm/internal/words"
)

var ruleRSTIgnored = Rule{
	ID: "rst-ignored", Title: "A RST was ignored by its receiver",
	Severity: Notice, About: "resets",

	Seen: "A RST whose sequence number lies outside the receive window of its target; the connection goes on.",
	Means: "A receiver drops such a RST without a word. It is a late packet of an earlier connection on the same ports, a forged one whose " +
		"author did not know the numbers, or a middlebox that guessed. Tools that end a conversation at any RST are wrong here.",
	Apps:    "Nothing.",
	Check:   "Nothing, unless there are many: then who sends them (TTL, MAC address).",
	Sources: "RFC 5961 section 3.2; RFC 9293 section 3.10.7.4 (first step: sequence number)",

	detect: func(ev *evidence) []Finding {
		var out []Finding
		for x := Client; x <= Server; x++ {
			var frames []int
			for i := range ev.resets {
				if q := &ev.resets[i]; q.r.side == x && q.fate == resetOutside && ev.t[x.Other()].stateAt(q.r.frame-1).State.Synchronized() {
					frames = append(frames, q.r.frame)
				}
			}
			if frames != nil {
				out = append(out, one(x, Probable, frames,
					fmt.Sprintf("%s outside the window of the %s: ignored", words.Count(len(frames), "RST"), x.Other()),
					"RFC 5961 section 3 has a receiver drop a RST whose sequence number lies outside its window: the connection lives on. It is late, forged, or from a middlebox that guessed.")...)
			}
		}
		return out
	},
}
