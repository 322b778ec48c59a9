package analyzer

import (
	"tcpreplay-fsm/tcp"
)

var ruleStray = Rule{
	ID: "stray", Title: "Segments of no connection",
	Severity: Notice, About: "data",

	Seen: "Segments without a handshake that continue nothing in the capture; often answered by RST, or with flags that no connection sends " +
		"(none at all, FIN without ACK, FIN PSH URG).",
	Means: "A late segment of a connection that is over, a host whose peer or NAT forgot it, backscatter of an attack that used this address, or " +
		"a scan (NULL, FIN, Xmas, ACK).",
	Apps:    "Nothing: no socket is concerned. If the sender believed in a connection, it gets ECONNRESET from the RST.",
	Check:   "Who sends them and to how many ports. For long-lived connections that broke, see half-open-peer-lost and idle-timeout.",
	Sources: "RFC 9293 section 3.10.7.1; Linux tcp_v4_rcv(), reasons NO_SOCKET and TCP_FLAGS",

	detect: func(ev *evidence) []Finding {
		c := ev.c
		if c.end[0].is(hasSYN) && c.roles == rolesSYN || c.segments() > 8 {
			return nil
		}
		first := &c.log[0]
		to := first.side.Other()
		refused := c.end[to].resets > 0 && c.end[to].segments == c.end[to].resets
		odd := first.flags&tcp.ACK == 0
		if !refused && !odd {
			return nil
		}
		s := "a segment that belongs to no connection"
		d := "No handshake was seen and no open connection sends this: a scan, a late segment, or a host whose peer forgot it."
		if refused {
			s += ", answered by RST"
			d = "The receiver's host knew no such connection and said so with a RST (RFC 9293 section 3.10.7.1)."
		}
		return one(first.side, Probable, []int{first.frame}, s, d)
	},
}
