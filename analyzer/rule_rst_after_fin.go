package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleRSTAfterFIN = Rule{
	ID: "rst-after-fin", Title: "A RST cut short a close that had begun with a FIN",
	Severity: Notice, About: "resets", Reset: true,

	Seen: "A close begins with a FIN, and before both directions are closed a RST ends it.",
	Means: "The close was not orderly: data came for a socket that was closed (rst-on-data-after-close), the second end aborted, or the first " +
		"one closed what it had only shut down before. What was on its way then is lost. The other findings of the conversation say which it was. " +
		"Some browsers and load balancers do it by habit to avoid TIME_WAIT.",
	Apps: "Who had received the FIN (CLOSE_WAIT) gets EPIPE on its next write, and may see no error at all if it only reads and closes. Who had " +
		"not gets ECONNRESET.",
	Check: "If both applications had all they wanted, nothing. Otherwise read to EOF on both sides before close(), and look for SO_LINGER with " +
		"time 0.",
	Sources: "RFC 9293 sections 3.6 and 3.10.7.4; RFC 1122 section 4.2.2.13",

	detect: func(ev *evidence) []Finding {
		for i := range ev.resets {
			r := ev.resets[i].r
			fin := 0
			for x := Client; x <= Server; x++ {
				if ev.c.finBefore(x, r.frame) && ev.was(x, tcp.FinWait1) {
					fin = ev.c.finFrame(x)
				}
			}
			if fin == 0 || !ev.cuts(r) {
				continue
			}
			return one(r.side, Probable, []int{r.frame, fin},
				fmt.Sprintf("the close began with a FIN and ended with a RST by the %s", r.side),
				"If anything was still on its way to the end that closed, it was lost.")
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
			if i > 0 && ev.changes(r, &tl[i]) && tl[i-1].State != tcp.TimeWait {
				return true
			}
		}
	}
	return false
}
