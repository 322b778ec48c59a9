package analyzer

import (
	"fmt"
)

var ruleHalfClose = Rule{
	ID: "half-close", Title: "One end went on sending after the other had closed its direction",
	Severity: Notice, About: "closing",
	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			// Data that the closed end never acknowledged was not accepted.
			if o := ev.c.observed(obsHalfClose, x); o != nil && ev.c.end[x.Other()].advance.frame < o.frames[0] {
				return nil
			}
		}
		return ev.counted(obsHalfClose, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s sent data %s after it had acknowledged the %s's FIN", side, times(o.n), side.Other()),
				"The FIN says \"I have nothing more to send\", not \"I stop reading\": shutdown(SHUT_WR), or CloseWrite in Go. If its sender had called close() instead, this data would draw a RST."
		})
	},
}
