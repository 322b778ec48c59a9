package analyzer

var ruleBadSYNACK = Rule{
	ID: "bad-synack", Title: "A SYN,ACK acknowledged something the client never sent",
	Severity: Warning, About: "opening",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsBadSYNACK, Certain, func(side Side, o *observation) (string, string) {
			return "a SYN,ACK with a wrong acknowledgement number arrived",
				"RFC 9293 has the client answer it with a RST and stay in SYN_SENT. It is forged, comes from an old connection, or from a middlebox that keeps the wrong state."
		})
	},
}
