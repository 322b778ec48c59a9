package analyzer

import (
	"fmt"
)

var ruleFastRetransmit = Rule{
	ID: "fast-retransmit", Title: "Data was sent again after duplicate ACKs",
	Severity: Info, About: "data",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsFastRetransmit, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s recovered from loss %s by fast retransmit", side, times(o.n)),
				"Duplicate ACKs told it of the loss before a time-out would have (RFC 5681 section 3.2, RFC 6675)."
		})
	},
}
