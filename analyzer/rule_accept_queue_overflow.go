package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleAcceptQueueOverflow = Rule{
	ID: "accept-queue-overflow", Title: "The server seems to ignore the ACK that completes the handshake",
	Severity: Warning, About: "opening",
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
