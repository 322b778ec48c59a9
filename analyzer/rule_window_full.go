package analyzer

import (
	"fmt"
)

var ruleWindowFull = Rule{
	ID: "window-full", Title: "A sender filled its peer's receive window",
	Severity: Info, About: "data",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsWindowFull, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s filled the %s's window %s", side, side.Other(), times(o.n)),
				"It may not send more until the receiver opens its window: the receiver's buffer or its application sets the pace."
		})
	},
}
