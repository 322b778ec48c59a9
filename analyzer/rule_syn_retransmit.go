package analyzer

import (
	"fmt"
)

var ruleSYNRetransmit = Rule{
	ID: "syn-retransmit", Title: "A SYN was sent again",
	Severity: Notice, About: "opening",

	Seen: "The same SYN, with the same initial sequence number, passes again. Linux repeats it after 1, 2, 3, 4, 5, 7 s (since 6.5, " +
		"tcp_syn_linear_timeouts), older kernels after 1, 3, 7, 15 s.",
	Means: "The SYN or its answer was lost, or the server did not answer: a firewall that drops, a full SYN or accept queue, an address that " +
		"nobody holds. A first copy that got no answer and a second that did is the usual reason for a connect() that is late by just about 1 " +
		"s or 3 s.",
	Apps: "connect() takes longer by the time named, then succeeds; without any answer see syn-unanswered. In Go a Dialer.Timeout may end it " +
		"first, with \"i/o timeout\".",
	Check: "On the client: nstat -az TcpExtTCPSynRetrans. On the server: nstat -az TcpExtListenOverflows TcpExtListenDrops " +
		"TcpExtTCPReqQFullDrop, and ss -ltn (Recv-Q near Send-Q: the accept queue is full). Capture on the server as well: if the SYN does " +
		"not get there it is the path, if it does and is not answered it is the host.",
	Sources: "RFC 9293 section 3.8.1; RFC 6298; Linux tcp_retransmit_timer(), net.ipv4.tcp_syn_retries, tcp_syn_linear_timeouts",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsSYNRetransmit, Probable, func(side Side, o *observation) (string, string) {
			wait := o.last - ev.c.first
			d := fmt.Sprintf("connect() was %s late by the last of them.", seconds(wait))
			if ev.c.end[side.Other()].segments == 0 {
				d = fmt.Sprintf("No answer came; by the last SYN the application had waited %s in connect().", seconds(wait))
			}
			return fmt.Sprintf("the %s sent its SYN again %s, over %s", side, times(o.n), seconds(wait)), d
		})
	},
}
