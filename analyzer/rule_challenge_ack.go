package analyzer

import (
	"fmt"
)

var ruleChallengeACK = Rule{
	ID: "challenge-ack", Title: "A suspicious segment was answered by a challenge ACK",
	Severity: Notice, About: "resets",

	Seen: "A SYN, a RST that is inside the window but not exact, or an acknowledgement of data never sent reaches an open connection, and its " +
		"receiver answers with a plain ACK of where it stands.",
	Means: "A challenge ACK: the receiver does not believe the segment and changes nothing. A peer that really lost the connection answers with " +
		"a RST that is exact, and then it ends; a forger cannot. Linux sends a limited number per second (RFC 5961 section 7).",
	Apps: "Nothing, unless the exact RST follows: then ECONNRESET.",
	Check: "For a SYN: a client that rebooted or reuses its port early, or two hosts behind one NAT address. For a RST: who sent it (TTL, IP " +
		"ID), a firewall that normalises sequence numbers. nstat -az TcpExtTCPChallengeACK TcpExtTCPSYNChallenge.",
	Sources: "RFC 5961 sections 3, 4 and 5; RFC 9293 section 3.10.7.4; Linux tcp_send_challenge_ack()",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsChallengeACK, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s answered a segment that did not fit with a challenge ACK", side),
				"RFC 5961: a SYN, an inexact RST or an acknowledgement of data never sent may be forged, so the receiver changes nothing and only says where it stands. A peer that really lost the connection answers with a RST that is exact."
		})
	},
}
