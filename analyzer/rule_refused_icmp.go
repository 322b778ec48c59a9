package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleRefusedICMP = Rule{
	ID: "refused-icmp", Title: "The connection was refused by an ICMP error",
	Severity: Warning, About: "opening",
	detect: func(ev *evidence) []Finding {
		m := ev.icmpRefusal()
		if m == nil {
			return nil
		}
		app := "EHOSTUNREACH (Go: \"connect: no route to host\")"
		if m.kind == tcp.ICMPPortUnreachable {
			app = "ECONNREFUSED (Go: \"connect: connection refused\")"
		}
		return one(Network, Certain, []int{m.frame, ev.c.firstFrame},
			fmt.Sprintf("the SYN was answered by ICMP %s from %s", m.kind, m.from),
			fmt.Sprintf("A firewall or router refused the connection. connect() fails with %s.", app))
	},
}
