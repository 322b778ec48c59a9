package analyzer

import (
	"fmt"
)

var ruleRefusedICMP = Rule{
	ID: "refused-icmp", Title: "The connection was refused by an ICMP error",
	Severity: Warning, About: "opening", Reset: true,

	Seen: "The SYN is answered by an ICMP error that quotes it, such as port, host or network unreachable or administratively prohibited; its " +
		"sender is in the summary.",
	Means: "A firewall or a router refused the connection, or found no way to the host. The sender's address tells which box decided.",
	Apps: "connect() fails. On Linux with ECONNREFUSED for port unreachable, ENETUNREACH for the codes about networks and for no route in IPv6, " +
		"EACCES for administratively prohibited in IPv6, ENOPROTOOPT for protocol unreachable, EHOSTUNREACH for nearly all others (Go: " +
		"\"connect: connection refused\", \"connect: network is unreachable\", \"connect: permission denied\", \"connect: no route to host\").",
	Check: "The rules of the box that sent it (iptables REJECT answers with icmp-port-unreachable unless told otherwise), the route to the " +
		"server, and whether the host's ARP or neighbour entry resolves (a router sends host unreachable when it does not).",
	Sources: "RFC 9293 section 3.9.2.2; RFC 5461; RFC 1122 section 4.2.3.9; Linux tcp_v4_err(), tcp_v6_err(), icmp_err_convert[], icmpv6_err_convert()",

	detect: func(ev *evidence) []Finding {
		m := ev.icmpRefusal()
		if m == nil {
			return nil
		}
		app := m.errno()
		if said := goErrors[app]; said != "" {
			app += " (Go: \"connect: " + said + "\")"
		}
		return one(Network, Certain, []int{m.frame, ev.c.firstFrame},
			fmt.Sprintf("the SYN was answered by ICMP %s from %s", m.kind, m.from),
			fmt.Sprintf("A firewall or router refused the connection. connect() fails with %s.", app))
	},
}

// goErrors are Go's words for the errors that are met at all.
var goErrors = map[string]string{
	"ECONNREFUSED": "connection refused",
	"EHOSTUNREACH": "no route to host",
	"ENETUNREACH":  "network is unreachable",
	"EACCES":       "permission denied",
	"ENOPROTOOPT":  "protocol not available",
}
