package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleAcceptQueueOverflow = Rule{
	ID: "accept-queue-overflow", Title: "The server seems to ignore the ACK that completes the handshake",
	Severity: Warning, About: "opening", Reset: true,

	Seen: "The client acknowledges the SYN,ACK, perhaps sends data too, and the server sends its SYN,ACK again after 1, 3 s as if nothing had " +
		"come.",
	Means: "Linux ignores the ACK (and the data with it) when the listener's accept queue is full: the application does not call accept() fast " +
		"enough, or its backlog is small. A path that loses each ACK looks the same from here; the server's counters tell. With SYN cookies " +
		"the SYN,ACK is not sent again, with tcp_abort_on_overflow=1 a RST comes instead.",
	Apps: "The client is connected and hangs: its request is sent again and again. The server's application does not know of it. If no place " +
		"comes free in about a minute, the client's data then meets a RST: ECONNRESET.",
	Check: "On the server: ss -ltn, where Recv-Q is the queue's length and Send-Q its limit; nstat -az TcpExtListenOverflows TcpExtListenDrops. " +
		"Raise the backlog of listen() together with net.core.somaxconn (Go uses somaxconn), and look why accept() is slow: a blocked accept " +
		"loop, a process out of file descriptors, CPU starvation.",
	Sources: "Linux tcp_v4_syn_recv_sock(), tcp_check_req(); listen(2); net.ipv4.tcp_abort_on_overflow",

	detect: func(ev *evidence) []Finding {
		o := ev.c.observed(obsSYNACKRetransmit, Server)
		if o == nil || ev.was(Server, tcp.Established) {
			return nil
		}
		var acks []int
		for i := range ev.c.log {
			if en := &ev.c.log[i]; en.side == Client && en.alive() {
				acks = append(acks, en.frame)
			}
		}
		if len(acks) < 2 {
			return nil
		}
		return one(Server, Possible, append(o.frameList(), acks...),
			fmt.Sprintf("the client acknowledged %s, yet the server sent its SYN,ACK again %s", times(len(acks)), times(o.n)),
			"Linux ignores the last ACK of the handshake while the listener's accept queue is full. It may also be lost every time between here and the server. Compare Recv-Q with Send-Q in ss -ltn, and ListenOverflows in nstat.")
	},
}
