package analyzer

import (
	"fmt"
)

var ruleSpuriousRetransmit = Rule{
	ID: "spurious-retransmit", Title: "Data was sent again although it had arrived",
	Severity: Info, About: "data",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsSpuriousRetransmit, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the receiver reported %s that it had the %s's data already", times(o.n), side),
				"It says so with a D-SACK (RFC 2883). The acknowledgement was late or lost, or the network doubled the packet."
		})
	},
}
