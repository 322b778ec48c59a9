package analyzer

import (
	"fmt"
)

var ruleFINRetransmit = Rule{
	ID: "fin-retransmit", Title: "A FIN was sent again",
	Severity: Notice, About: "closing",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsFINRetransmit, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s sent its FIN again %s", side, times(o.n)),
				"The FIN or its acknowledgement was lost, or is late. The applications do not notice; the socket stays longer in FIN_WAIT_1, CLOSING or LAST_ACK."
		})
	},
}
