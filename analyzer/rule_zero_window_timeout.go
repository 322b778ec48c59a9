package analyzer

import (
	"fmt"
)

var ruleZeroWindowTimeout = Rule{
	ID: "zero-window-timeout", Title: "Window probes went unanswered to the end",
	Severity: Error, About: "idle and death", Reset: true,

	Seen: "The peer closed its window and then fell silent: the probes at the end draw no answer at all.",
	Means: "A receiver that is only slow answers each probe with window 0, for hours if need be. No answer means that the peer or the path is " +
		"gone. A sender that waits behind a zero window notices only by the probes.",
	Apps: "write() blocks, and fails with ETIMEDOUT (Go: \"connection timed out\") after tcp_retries2 probes, about 15 minutes, or after " +
		"TCP_USER_TIMEOUT. A close() behind a closed window sends no FIN: the data before it must go first.",
	Check:   "Is the peer alive? Set TCP_USER_TIMEOUT or a write deadline (Go: SetWriteDeadline). ss -to shows timer:(persist,...) on the sender.",
	Sources: "RFC 9293 section 3.8.6.1; RFC 6429; Linux tcp_probe_timer(), net.ipv4.tcp_retries2, tcp_orphan_retries",

	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			if t := ev.c.end[x].tail; t != nil && t.kind == segWindowProbe && t.n >= 2 && ev.c.end[x.Other()].time < t.first {
				return one(x, Probable, t.list(), fmt.Sprintf("the last %d window probes of the %s were not answered", t.n, x),
					"The receiver had closed its window and then fell silent. The sender gives up after tcp_retries2 probes (about 15 minutes) or TCP_USER_TIMEOUT; write() then fails with ETIMEDOUT.")
			}
		}
		return nil
	},
}
