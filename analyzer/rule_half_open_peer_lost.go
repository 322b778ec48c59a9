package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleHalfOpenPeerLost = Rule{
	ID: "half-open-peer-lost", Title: "One end had lost the connection without the other knowing",
	Severity: Warning, About: "resets", Reset: true,

	Seen: "Data, a keep-alive probe or a new SYN on a connection that its receiver's host no longer knows, though it had sent neither FIN nor " +
		"RST: the host answers with a RST that repeats the acknowledgement number. Where the lost end itself opens again from the same port: " +
		"SYN, an ACK of the old connection, a RST with just that number, and the SYN again.",
	Means: "One end is gone and the other did not know. The host rebooted or lost power, a virtual machine or container was replaced under the " +
		"same address, a firewall ate the FIN or RST, or it was lost before the point of capture, or a NAT or load balancer moved the connection to a host that never had it.",
	Apps: "The end that still had it: ECONNRESET (Go: \"connection reset by peer\") on the next read or write; before that it saw nothing for as " +
		"long as it sent nothing. The new connect() takes one SYN retry longer, up to 1 s.",
	Check: "Uptime of the host that answered, its deployments at that time, idle timers on the path (idle-timeout). To notice sooner: keep-alive " +
		"with a short idle time (TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT; Go does so every 15 s by default), TCP_USER_TIMEOUT, or a " +
		"heartbeat of the application.",
	Sources: "RFC 9293 section 3.5.1, figures 9 and 10; Linux tcp_v4_send_reset(), reason NO_SOCKET; tcp_rcv_state_process(), reason TCP_ABORT_ON_DATA, where the FIN was lost",

	detect: func(ev *evidence) []Finding {
		out := ev.resetFindings(causeNoSocket)
		for i := range out {
			if n := len(out[i].Frames); n > 1 && ev.isProbe(out[i].Frames[1], out[i].Side.Other()) {
				out[i].Severity = Notice // what keep-alive is for
			}
		}
		if s := ev.c.succ; s != nil && len(out) == 0 {
			// RFC 9293 section 3.5.1, figure 9: the SYN of the restarted end draws an
			// ACK of the old connection, and that a RST.
			x := s.side
			ch, cut := ev.c.observed(obsChallengeACK, x.Other()), ev.firstReset()
			if ch != nil && cut != nil && cut.side == x && ev.t[x.Other()].stateAt(s.frame).State.Synchronized() && ev.t[x.Other()].stateAt(s.frame).State != tcp.TimeWait {
				return one(x, Probable, []int{s.frame, ch.seen[0].frame, cut.frame},
					fmt.Sprintf("the %s had lost the connection and opened a new one from the same port", x),
					fmt.Sprintf("The %s still held the old connection and answered the SYN with an ACK; the RST that drew told it. The new connection came about with the SYN sent again.", x.Other()))
			}
		}
		return out
	},
}
