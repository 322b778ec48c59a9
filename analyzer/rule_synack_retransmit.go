package analyzer

import (
	"fmt"
)

var ruleSYNACKRetransmit = Rule{
	ID: "synack-retransmit", Title: "A SYN,ACK was sent again",
	Severity: Notice, About: "opening",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsSYNACKRetransmit, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s sent its SYN,ACK again %s", side, times(o.n)),
				"The ACK that completes the handshake did not arrive, or was ignored (accept queue full, TCP_DEFER_ACCEPT), or the other end is gone."
		})
	},
}
