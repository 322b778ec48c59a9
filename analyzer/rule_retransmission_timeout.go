package analyzer

import (
	"fmt"
)

// deathCopies is how many copies of one segment, all unanswered to the end, are
// taken for a path or a peer that is gone: three time-outs in a row.
const deathCopies = 3

var ruleRetransmissionTimeout = Rule{
	ID: "retransmission-timeout", Title: "The same segment was sent again and again to no answer",
	Severity: Error, About: "idle and death",
	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			t := ev.c.end[x].tail
			if t == nil || t.kind != segRetransmit || t.n < deathCopies || ev.c.end[x.Other()].time > t.first || ev.c.end[x.Other()].segments == 0 {
				continue
			}
			return one(x, Probable, t.list(),
				fmt.Sprintf("the %s sent the same segment again %s over %s; nothing came back", x, times(t.n), seconds(t.last-t.first)),
				"The path went dark or the peer is gone. Linux gives up after tcp_retries2 time-outs (about 15 minutes; an orphan sooner) or TCP_USER_TIMEOUT, without a packet: read and write fail with ETIMEDOUT (Go: \"connection timed out\").")
		}
		return nil
	},
}
