package analyzer

import "tcpreplay-fsm/tcp"

var ruleRefused = Rule{
	ID: "refused", Title: "The connection was refused by a RST",
	Severity: Warning, About: "opening", Reset: true,

	Seen: "The SYN is answered by RST,ACK with sequence number 0, window 0 and the SYN's number plus one acknowledged.",
	Means: "The host is up and no socket listens on that address and port. A firewall rule with REJECT --reject-with tcp-reset sends the same " +
		"packet; a TTL that differs from the host's other packets would give it away.",
	Apps: "connect() fails at once with ECONNREFUSED (Go: \"connect: connection refused\"). The server's application sees nothing.",
	Check: "Is the service running, and on this address? ss -ltnp | grep :PORT. Listening on 127.0.0.1 or only on IPv6 is the classic mistake; " +
		"in a container, 127.0.0.1 is the container's own. During a restart a short time of refusals is normal: retry with back-off.",
	Sources: "RFC 9293 section 3.10.7.1; Linux tcp_v4_rcv() to tcp_v4_send_reset(), reason NO_SOCKET",

	detect: func(ev *evidence) []Finding {
		r := ev.refusal()
		if r == nil {
			return nil
		}
		frames := []int{r.frame}
		if syn := ev.entered(Client, tcp.SynSent); syn != nil {
			frames = append(frames, syn.Frame)
		}
		return one(Server, Certain, frames,
			"the SYN was answered by a RST: nothing listens there, or a firewall rejects it",
			"connect() fails with ECONNREFUSED (Go: \"connect: connection refused\"). The kernel's reason is NO_SOCKET; a firewall's REJECT with tcp-reset sends the same packet.")
	},
}
