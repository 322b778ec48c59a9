package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleRSTAfterFIN = Rule{
	ID: "rst-after-fin", Title: "A RST cut short a close that had begun with a FIN",
	Severity: Notice, About: "resets",
	detect: func(ev *evidence) []Finding {
		for i := range ev.resets {
			r := ev.resets[i].r
			fin := 0
			for x := Client; x <= Server; x++ {
				if f := ev.c.finFrame(x); f != 0 && f < r.frame && ev.was(x, tcp.FinWait1) {
					fin = f
				}
			}
			if fin == 0 || !ev.cuts(r) {
				continue
			}
			return one(r.side, Probable, []int{r.frame, fin},
				fmt.Sprintf("the close began with a FIN and ended with a RST by the %s", r.side),
				"What was still on its way to the end that closed was lost.")
		}
		return nil
	},
}

// cuts reports whether r ended a state of its sender or its receiver that was
// not TIME_WAIT.
func (ev *evidence) cuts(r *resetSeen) bool {
	for x := range ev.t {
		tl := ev.t[x].timeline
		for i := range tl {
			if tl[i].Frame == r.frame && (tl[i].Event == tcp.SentRST || tl[i].Event == tcp.RecvRST) && i > 0 && tl[i-1].State != tcp.TimeWait {
				return true
			}
		}
	}
	return false
}
