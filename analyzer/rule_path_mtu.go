package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var rulePathMTU = Rule{
	ID: "path-mtu", Title: "A router reported that segments are too large for the path",
	Severity: Notice, About: "data",
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
