package analyzer

import (
	"fmt"
)

var ruleOneDirection = Rule{
	ID: "one-direction", Title: "Only one direction was captured",
	Severity: Notice, About: "capture",

	Seen: "All segments come from one side, and they acknowledge data of the other that was never captured.",
	Means: "Routes are asymmetric, a mirror port copies one direction only, or the capture filter is too narrow. The missing side's states are " +
		"inferred from acknowledgements and marked so.",
	Apps:    "Nothing: it is a matter of the capture, not of the connection.",
	Check:   "The filter (host A and host B, not src host), both directions of the mirror port, both interfaces of a bond.",
	Sources: "RFC 9293 section 3.4 (an ACK proves what its sender had received)",

	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			p := &ev.c.end[x.Other()]
			if ev.unheard(x) {
				return one(x, Probable, []int{p.advance.frame, ev.c.firstFrame},
					fmt.Sprintf("no segment of the %s was captured, yet the %s acknowledges what it sent", x, x.Other()),
					"The other direction takes another path, or the filter or mirror port left it out. Its states are inferred from the acknowledgements.")
			}
		}
		return nil
	},
}

// unheard reports whether only the direction towards side was captured, though it spoke.
func (ev *evidence) unheard(side Side) bool {
	p := &ev.c.end[side.Other()]
	return ev.c.end[side].segments == 0 && !ev.c.itself() && p.is(hasACK) && p.segments > 1 && p.advance.from != p.advance.to
}
