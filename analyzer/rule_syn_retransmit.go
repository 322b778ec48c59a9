package analyzer

import (
	"fmt"
)

var ruleSYNRetransmit = Rule{
	ID: "syn-retransmit", Title: "A SYN was sent again",
	Severity: Notice, About: "opening",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsSYNRetransmit, Probable, func(side Side, o *observation) (string, string) {
			wait := o.last - ev.c.first
			d := fmt.Sprintf("connect() was %s late by the last of them.", seconds(wait))
			if ev.c.end[side.Other()].segments == 0 {
				d = fmt.Sprintf("No answer came; by the last SYN the application had waited %s in connect().", seconds(wait))
			}
			return fmt.Sprintf("the %s sent its SYN again %s, over %s", side, times(o.n), seconds(wait)), d
		})
	},
}
