package analyzer

import (
	"fmt"
)

// deathCopies is how many copies of one segment, all unanswered to the end, are
// taken for a path or a peer that is gone: three time-outs in a row.
const deathCopies = 3

var ruleRetransmissionTimeout = Rule{
	ID: "retransmission-timeout", Title: "The same segment was sent again and again to no answer",
	Severity: Error, About: "idle and death", Reset: true,

	Seen: "The same segment is sent three times or more, at intervals that double, and from the other end nothing comes any more, to the end of " +
		"the capture.",
	Means: "The path went dark or the peer's host is gone: a cable, a route, a firewall that dropped its state, a host that lost power. A peer " +
		"that was merely slow would acknowledge.",
	Apps: "write() goes on succeeding into the send buffer, read() waits. After tcp_retries2 time-outs (15, about 15 minutes) or " +
		"TCP_USER_TIMEOUT both fail with ETIMEDOUT (Go: \"connection timed out\"), or EHOSTUNREACH after ICMP errors. Linux gives up " +
		"without a packet; what the peer sends later is answered by RST. BSD, macOS and Windows give up sooner, and with a RST.",
	Check: "Routes, firewalls and the peer's host at that moment. To notice in seconds and not minutes: TCP_USER_TIMEOUT, deadlines (Go: " +
		"SetDeadline), HTTP/2 pings. ss -tino shows timer:(on,...), retrans and backoff. If only large segments go unanswered, see mtu-black-hole.",
	Sources: "RFC 9293 section 3.8.3; RFC 6298; Linux tcp_write_timeout(), net.ipv4.tcp_retries2; FreeBSD tcp_timer_rexmt()",

	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			t := ev.c.end[x].tail
			if t == nil || t.kind != segRetransmit || t.n < deathCopies || ev.c.end[x.Other()].time > t.first || ev.c.end[x.Other()].segments == 0 {
				continue
			}
			summary := fmt.Sprintf("the %s sent the same segment again %s over %s; nothing came back", x, times(t.n), seconds(t.last-t.first))
			for i := range ev.resets {
				if q := &ev.resets[i]; q.r.side == x && q.cause == causeGaveUp {
					_, detail := ev.tellReset(q)
					return one(x, Probable, append(t.list(), q.r.frame), summary, detail)
				}
			}
			size := ""
			if ev.lostForSize(x) {
				size = " Nothing as large of the " + x.String() + " got through before: if small segments still do, see mtu-black-hole."
			}
			return one(x, Probable, t.list(), summary,
				"The path went dark or the peer is gone. Linux gives up after tcp_retries2 time-outs (about 15 minutes; an orphan sooner) or TCP_USER_TIMEOUT, without a packet: read and write fail with ETIMEDOUT (Go: \"connection timed out\")."+size)
		}
		return nil
	},
}
