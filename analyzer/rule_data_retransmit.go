package analyzer

import (
	"fmt"
)

var ruleDataRetransmit = Rule{
	ID: "data-retransmit", Title: "Data was sent again",
	Severity: Notice, About: "data",
	detect: func(ev *evidence) []Finding {
		out := ev.counted(obsDataRetransmit, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s sent data again %s", side, times(o.n)),
				"Both copies passed here: the first was lost between here and its receiver, or its acknowledgement was lost or late."
		})
		return append(out, ev.counted(obsLostBefore, Possible, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s sent data again %s whose first copy did not pass here", side, times(o.n)),
				"It was lost between its sender and the point of capture, or the capture missed it."
		})...)
	},
}
