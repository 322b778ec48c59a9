package analyzer

import (
	"fmt"
	"slices"

	"tcpreplay-fsm/tcp"
)

var ruleTimeWaitAssassination = Rule{
	ID: "time-wait-assassination", Title: "A RST ended TIME_WAIT early",
	Severity: Notice, About: "reuse", Reset: true,

	Seen: "An old or doubled segment reaches an end in TIME_WAIT, which acknowledges it; the other end knows the connection no more and answers " +
		"with a RST, and the RST ends TIME_WAIT before its time. Or the other end aborts after its FIN.",
	Means: "The hazard of RFC 1337: a new connection on the same ports may now meet old segments. With timestamps (PAWS) they are rejected " +
		"anyway.",
	Apps: "Nothing: both applications had closed.",
	Check: "Usually nothing. net.ipv4.tcp_rfc1337=1 makes Linux ignore such RSTs. What resent the old segment: loss of the last ACK, or a " +
		"network that doubles packets? Look for both.",
	Sources: "RFC 1337; Linux tcp_timewait_state_process()",

	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			tl := ev.t[x].timeline
			for i := 1; i < len(tl); i++ {
				if tl[i].Event == tcp.RecvRST && tl[i-1].State == tcp.TimeWait {
					why := "An old or doubled segment was acknowledged from TIME_WAIT, and the other end, which no longer knew the connection, answered with RST (RFC 1337)."
					if ev.abortedBy(&tl[i]) {
						why = "It answers nothing: the other end had sent its FIN, and then aborted what was left of the connection."
					}
					return one(x, Probable, []int{tl[i].Frame},
						fmt.Sprintf("a RST ended the %s's TIME_WAIT after %s", x, seconds(tl[i].Time-tl[i-1].Time)),
						why+" Linux ignores such RSTs with net.ipv4.tcp_rfc1337=1. The applications do not notice.")
				}
			}
		}
		return nil
	},
}

// abortedBy reports whether a RST that its sender sent of its own accord caused t.
func (ev *evidence) abortedBy(t *Transition) bool {
	return slices.ContainsFunc(ev.resets, func(q resetReading) bool { return !q.r.reply && ev.changes(q.r, t) })
}
