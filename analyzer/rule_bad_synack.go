package analyzer

var ruleBadSYNACK = Rule{
	ID: "bad-synack", Title: "A SYN,ACK acknowledged something the client never sent",
	Severity: Warning, About: "opening",

	Seen: "A SYN,ACK whose acknowledgement number is not the client's initial sequence number plus one.",
	Means: "It is not the answer to this SYN: a late answer to an earlier attempt from the same port, a forged packet, or a middlebox with wrong " +
		"state. RFC 9293 has the client answer with RST and go on waiting in SYN_SENT.",
	Apps: "The client's application notices at most the delay: connect() goes on.",
	Check: "Compare TTL and timestamps with the true SYN,ACK, if there is one. Many of these: a load balancer or firewall that keeps state of an " +
		"earlier connection with the same ports.",
	Sources: "RFC 9293 section 3.10.7.3; Linux tcp_rcv_synsent_state_process(), reason TCP_INVALID_ACK_SEQUENCE",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsBadSYNACK, Certain, func(side Side, o *observation) (string, string) {
			return "a SYN,ACK with a wrong acknowledgement number arrived",
				"RFC 9293 has the client answer it with a RST and stay in SYN_SENT. It is forged, comes from an old connection, or from a middlebox that keeps the wrong state."
		})
	},
}
