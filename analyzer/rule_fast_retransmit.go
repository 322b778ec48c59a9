package analyzer

import (
	"fmt"
)

var ruleFastRetransmit = Rule{
	ID: "fast-retransmit", Title: "Data was sent again after duplicate ACKs",
	Severity: Info, About: "data",

	Seen:    "Duplicate acknowledgements, or SACK blocks, and then the missing segment again within about a round trip.",
	Means:   "Loss, found quickly. TCP repaired it without waiting for a time-out; the sender halves its rate or so.",
	Apps:    "A round trip of delay for what was behind the hole.",
	Check:   "As for data-retransmit; nstat -az TcpExtTCPFastRetrans.",
	Sources: "RFC 5681 section 3.2; RFC 6675; RFC 8985",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsFastRetransmit, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s recovered from loss %s by fast retransmit", side, times(o.n)),
				"Duplicate ACKs told it of the loss before a time-out would have (RFC 5681 section 3.2, RFC 6675)."
		})
	},
}
