package analyzer

import (
	"fmt"
)

var ruleChallengeACK = Rule{
	ID: "challenge-ack", Title: "A suspicious segment was answered by a challenge ACK",
	Severity: Notice, About: "resets",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsChallengeACK, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s answered a segment that did not fit with a challenge ACK", side),
				"RFC 5961: a SYN, an inexact RST or an acknowledgement of data never sent may be forged, so the receiver changes nothing and only says where it stands. A peer that really lost the connection answers with a RST that is exact."
		})
	},
}
