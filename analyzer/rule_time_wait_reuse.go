package analyzer

import (
	"fmt"
)

var ruleTimeWaitReuse = Rule{
	ID: "time-wait-reuse", Title: "A new connection took over a 4-tuple that was in TIME_WAIT",
	Severity: Notice, About: "reuse",
	detect: func(ev *evidence) []Finding {
		u := ev.c.reuse
		if u == nil || !u.TimeWait[0] && !u.TimeWait[1] || u.Refused {
			return nil
		}
		who := "client"
		if u.TimeWait[1] {
			who = "server"
		}
		why := "Its initial sequence number is above the last one of the old connection (RFC 9293 section 3.6.1)."
		if u.TSAhead {
			why = "Its timestamp is above the last one of the old connection (RFC 6191)."
		}
		if u.ByHolder {
			why = "The side in TIME_WAIT opened it itself: tcp_tw_reuse, or SO_REUSEADDR with bind()."
		}
		if u.Plus65537 {
			why += " The new number is SND.NXT + 65537, as Linux chooses out of TIME_WAIT."
		}
		return one(Both, Probable, []int{u.Frame},
			fmt.Sprintf("the %s's TIME_WAIT of the connection before (#%d), %s old, was reused", who, u.Prior, seconds(u.TimeWaitAge)), why)
	},
}
