package analyzer

import (
	"fmt"

	"tcpreplay-fsm/internal/words"
)

var ruleSegmentsLargerThanMSS = Rule{
	ID: "segments-larger-than-mss", Title: "Segments are larger than the MSS",
	Severity: Info, About: "capture",

	Seen: "Segments larger than the MSS that the other side announced in its SYN, often larger than the MTU.",
	Means: "Segmentation offload: the kernel hands large segments to the network card, which cuts them (TSO, GSO), and joins received ones (GRO, " +
		"LRO) before the capture sees them. On the wire they have the usual size. It shows that the capture was made on that host.",
	Apps:    "Nothing.",
	Check:   "Nothing. For a capture with the sizes of the wire: ethtool -K DEV tso off gso off gro off, or capture elsewhere.",
	Sources: "RFC 9293 section 3.7.1 (MSS)",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsLargeSegment, Certain, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("%s of the %s %s larger than the MSS its peer announced", words.Count(o.n, "segment"), side, words.Of(o.n, "was", "were")),
				"Segmentation or receive offload (TSO, GRO) on the host where this was captured: on the wire they are smaller. Nothing is wrong."
		})
	},
}
