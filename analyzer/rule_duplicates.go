package analyzer

import (
	"fmt"

	"tcpreplay-fsm/internal/words"
)

var ruleDuplicates = Rule{
	ID: "duplicates", Title: "The network delivered packets twice",
	Severity: Info, About: "data",

	Seen: "The same packet passes twice, with the same IP ID or timestamp: it was not sent again but doubled on the way. Or a SYN,ACK passes again " +
		"before its timer, of 1 s, can have run out, and no SYN came again.",
	Means: "A network that doubles (a loop, bonding, a virtual switch), or a capture that sees the packet at two places further apart than is " +
		"taken for one. Copies that the capture itself made within a millisecond are folded and not counted here.",
	Apps:    "Nothing: TCP drops the second copy.",
	Check:   "Capture on one interface instead of any. If the doubles are real, look for a layer 2 loop or a mirror port that feeds back.",
	Sources: "RFC 9293 section 3.4; RFC 2883; RFC 6298 section 2.1",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsDuplicate, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("%s of the %s passed twice", words.Count(o.n, "packet"), side),
				"The second carries the same IP ID or timestamp as the first: not sent again, but doubled on the way. Or it is a SYN,ACK that came too soon for a timer: the network doubled it, or the SYN behind this point."
		})
	},
}
