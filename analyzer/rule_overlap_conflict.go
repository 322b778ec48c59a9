package analyzer

import (
	"fmt"

	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/reassembly"
)

// conflict is an overlap that differed, as whoever keeps the bytes saw it.
type conflict struct {
	from Side
	reassembly.Conflict
}

// ruleOverlapConflict needs the bytes of both copies: it finds what Options.Sink
// tells.
var ruleOverlapConflict = Rule{
	ID: "overlap-conflict", Title: "The same bytes of the stream were sent with different contents",
	Severity: Error, About: "data",

	Seen: "Two segments cover the same sequence numbers with different bytes. The bytes must be kept for that: it is found with " +
		"--export-streams only.",
	Means: "No correct sender does that. Somebody injects data (a captive portal, a censor, an attacker that races the server), evades an " +
		"inspecting device, or a middlebox rewrites payload in one copy only. Corruption that the checksum missed is possible but rare.",
	Apps: "The receiver keeps one version, which one depends on its stack (Linux: the first to arrive, mostly): applications and inspecting " +
		"devices may read different texts.",
	Check: "Compare TTL, IP ID and timing of the two copies. Use TLS, which makes it a broken connection instead of changed data. The overlap " +
		"policy option shows what other stacks would have read.",
	Sources: "RFC 9293 section 3.10.7.4; RFC 5961 section 5; Ptacek and Newsham, Insertion, Evasion, and Denial of Service, 1998",

	detect: func(ev *evidence) []Finding {
		var out []Finding
		for x := Client; x <= Server; x++ {
			var frames []int
			var first *conflict
			n := 0
			for i := range ev.c.conflicts {
				k := &ev.c.conflicts[i]
				if k.from != x {
					continue
				}
				if n++; first == nil {
					first = k
				}
				if k.KeptFrame > 0 {
					frames = append(frames, k.KeptFrame)
				}
				frames = append(frames, k.DroppedFrame)
			}
			if first == nil {
				continue
			}
			out = append(out, one(x, Certain, frames, fmt.Sprintf("the %s's stream has %s with different bytes", x, words.Count(n, "overlap")),
				fmt.Sprintf("At offset %d %q came, and %q in frame %d.", first.Offset, excerpt(first.Kept), excerpt(first.Dropped), first.DroppedFrame))...)
		}
		return out
	},
}

// excerpt is the beginning of bytes, short enough for a sentence.
func excerpt(b []byte) []byte { return b[:min(len(b), 24)] }
