package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleRefusedICMP = Rule{
	ID: "refused-icmp", Title: "The connection was refused by an ICMP error",
	Severity: Warning, About: "opening", Reset: true,

	Seen: "The SYN is answered by an ICMP error that quotes it, such as port, host or network unreachable or administratively prohibited; its " +
		"sender is in the summary.",
	Means: "A firewall or a router refused the connection, or found no way to the host. The sender's address tells which box decided.",
	Apps: "connect() fails: ECONNREFUSED for port unreachable, EHOSTUNREACH or ENETUNREACH for the others (Go: \"connect: connection refused\", " +
		"\"connect: no route to host\", \"connect: network is unreachable\").",
	Check: "The rules of the box that sent it (iptables REJECT answers with icmp-port-unreachable unless told otherwise), the route to the " +
		"server, and whether the host's ARP or neighbour entry resolves (a router sends host unreachable when it does not).",
	Sources: "RFC 9293 section 3.9.2.2; RFC 5461; RFC 1122 section 4.2.3.9; Linux tcp_v4_err()",

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
