package analyzer

import (
	"fmt"
)

var ruleOneDirection = Rule{
	ID: "one-direction", Title: "Only one direction was captured",
	Severity: Notice, About: "capture",
	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			p := &ev.c.end[x.Other()]
			if ev.c.end[x].segments == 0 && p.is(hasACK) && p.segments > 1 && p.advance.from != p.advance.to {
				return one(x, Probable, []int{p.advance.frame, ev.c.firstFrame},
					fmt.Sprintf("no segment of the %s was captured, yet the %s acknowledges what it sent", x, x.Other()),
					"The other direction takes another path, or the filter or mirror port left it out. Its states are inferred from the acknowledgements.")
			}
		}
		return nil
	},
}
