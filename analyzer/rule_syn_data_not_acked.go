package analyzer

var ruleSYNDataNotAcked = Rule{
	ID: "syn-data-not-acked", Title: "The SYN carried data that the server did not take",
	Severity: Notice, About: "opening",

	Seen: "The SYN carries data; the SYN,ACK acknowledges the SYN only, and the client sends the data again.",
	Means: "The server does not do Fast Open for this client: it is not enabled, the cookie is missing or stale, or a middlebox dropped the " +
		"option or the data. It is the designed fallback.",
	Apps: "Nothing is lost but the round trip that Fast Open would have saved.",
	Check: "On the server: net.ipv4.tcp_fastopen with bit 2, TCP_FASTOPEN set on the listener, nstat -az TcpExtTCPFastOpenPassiveFail " +
		"TcpExtTCPFastOpenListenOverflow. Linux clients stop trying for a while when they suspect a black hole " +
		"(tcp_fastopen_blackhole_timeout_sec).",
	Sources: "RFC 7413 section 4.2; Linux tcp_rcv_fastopen_synack()",

	detect: func(ev *evidence) []Finding {
		if !ev.c.refusesSYNData() {
			return nil
		}
		return one(Server, Certain, []int{ev.c.firstFrame}, "data in the SYN; the SYN,ACK acknowledges the SYN only",
			"The server does not do TCP Fast Open for this client (no or a stale cookie, or not enabled): the client sends the data again. Nothing is lost but the round trip.")
	},
}

// refusesSYNData reports whether the server's SYN,ACK acknowledges a SYN without the data in it.
func (c *conn) refusesSYNData() bool {
	return c.facts&factSYNData != 0 && c.facts&factSYNDataAcked == 0 && c.sentSYNs(Server, true)
}
