package analyzer

var ruleCaptureFiltered = Rule{
	ID: "capture-filtered", Title: "Nothing but SYN, FIN and RST was captured",
	Severity: Info, About: "capture",

	Seen: "A connection was opened and closed, but no segment without SYN, FIN or RST passed: no data, and no ACK of a SYN,ACK or of a FIN.",
	Means: "A filter kept only the segments that open and close connections. What the two ends sent each other is unknown but for its amount, which " +
		"the numbers of the FINs tell; that their ACKs came is presumed.",
	Apps:    "Nothing.",
	Check:   "The filter, if more was wanted: tcpdump 'tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0' or the like.",
	Sources: "RFC 9293 sections 3.5 and 3.6 (an ACK completes the handshake, and answers each FIN)",

	detect: func(ev *evidence) []Finding {
		if !ev.c.filtered() {
			return nil
		}
		return one(Network, Probable, []int{ev.c.lastFrame}, "the capture holds only its SYN, FIN and RST segments",
			"A filter left out the rest, it seems. What the ends sent each other is unknown, and the ACKs of their FINs are presumed.")
	},
}
