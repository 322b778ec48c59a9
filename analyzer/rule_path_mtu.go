package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var rulePathMTU = Rule{
	ID: "path-mtu", Title: "A router reported that segments are too large for the path",
	Severity: Notice, About: "data",

	Seen: "An ICMP message (fragmentation needed, packet too big) that quotes a segment and names the largest size for the path.",
	Means: "Path MTU discovery at work: the sender should send smaller segments from now on. If it goes on with the old size, the message did " +
		"not reach it, and large segments vanish while small ones pass: a black hole.",
	Apps: "Nothing if it works. In a black hole: connections open and small requests work, large answers hang.",
	Check: "Let ICMP type 3 code 4 and ICMPv6 type 2 through every firewall. Otherwise clamp the MSS (iptables TCPMSS --clamp-mss-to-pmtu), set " +
		"the interface's MTU right (VPN, overlay network), or net.ipv4.tcp_mtu_probing=1. ip route get ADDRESS shows the learnt mtu.",
	Sources: "RFC 1191; RFC 8201; RFC 2923; RFC 4821; Linux tcp_v4_mtu_reduced()",

	detect: func(ev *evidence) []Finding {
		var out []Finding
		for i := range ev.c.icmp {
			m := &ev.c.icmp[i]
			if m.kind != tcp.ICMPFragNeeded {
				continue
			}
			out = append(out, one(m.side, Certain, []int{m.frame},
				fmt.Sprintf("ICMP from %s: the %s's segments must fit %d bytes", m.from, m.side, m.mtu),
				"Path MTU discovery (RFC 1191, RFC 8201). If segments of the old size go on unanswered, the ICMP message does not reach their sender: a black hole.")...)
			break
		}
		return out
	},
}
