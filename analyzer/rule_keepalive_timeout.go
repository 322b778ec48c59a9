package analyzer

var ruleKeepaliveTimeout = Rule{
	ID: "keepalive-timeout", Title: "Keep-alive gave the peer up for dead",
	Severity: Warning, About: "idle and death", Reset: true,

	Seen: "Keep-alive probes without an answer, then, one interval after the last, a RST,ACK by the same side.",
	Means: "The peer or the path is dead, or only the way back is: the kernel gave up after TCP_KEEPCNT probes (Linux 9). The RST is a last word " +
		"in case the peer still lives; it usually does not arrive. HTTP keep-alive, a connection used for several requests, sends no probes and " +
		"has a timer of its own (idle-timeout).",
	Apps: "The prober: read or write fails with ETIMEDOUT (Go: \"connection timed out\"), or EHOSTUNREACH if ICMP errors came. The peer, if it " +
		"lives and hears the RST: ECONNRESET.",
	Check: "Is the peer up, and since when? Does a firewall drop what it takes for idle (idle-timeout)? Were the probes seen on the peer's host, " +
		"and answered there? nstat -az TcpExtTCPAbortOnTimeout counts. Time to notice = idle + probes x interval.",
	Sources: "RFC 9293 section 3.8.4; Linux tcp_keepalive_timer(), reason TCP_KEEPALIVE_TIMEOUT",

	detect: func(ev *evidence) []Finding { return ev.resetFindings(causeKeepalive) },
}
