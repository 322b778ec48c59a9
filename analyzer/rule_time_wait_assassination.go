package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleTimeWaitAssassination = Rule{
	ID: "time-wait-assassination", Title: "A RST ended TIME_WAIT early",
	Severity: Notice, About: "reuse",
	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			tl := ev.t[x].timeline
			for i := 1; i < len(tl); i++ {
				if tl[i].Event == tcp.RecvRST && tl[i-1].State == tcp.TimeWait {
					return one(x, Probable, []int{tl[i].Frame},
						fmt.Sprintf("a RST ended the %s's TIME_WAIT after %s", x, seconds(tl[i].Time-tl[i-1].Time)),
						"An old or doubled segment was acknowledged from TIME_WAIT, and the other end, which no longer knew the connection, answered with RST (RFC 1337). Linux ignores such RSTs with net.ipv4.tcp_rfc1337=1. The applications do not notice.")
				}
			}
		}
		return nil
	},
}
