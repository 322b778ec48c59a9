package analyzer

var ruleRSTInjected = Rule{
	ID: "rst-injected", Title: "A RST was probably not sent by the host whose address it carries",
	Severity: Warning, About: "resets", Reset: true,

	Seen: "A RST ended the connection for its receiver (or should have), and the end in whose name it came goes on sending as if nothing had " +
		"happened; or its numbers are not those that end had come to; or it comes with another TTL than that end's packets before it, three hops or more, perhaps with an IP ID out of their " +
		"count or from another MAC address.",
	Means: "Somebody between the ends sent it: a firewall or intrusion prevention system, a censor, a load balancer whose timer ran out, or an " +
		"attacker. A connection-tracking firewall that takes a segment for invalid can also cause a real host to answer with RST.",
	Apps: "The receiver of the RST: ECONNRESET. The other end knows of nothing until its next data draws a RST from the first.",
	Check: "Compare TTL, IP ID, window and options of the RST with packets of that end just before it. Capture on both hosts at once: a RST that " +
		"one host received and the other never sent is proof. Then the logs and idle timers of what stands between. A program that sets " +
		"IP_TTL on its sockets (BGP speakers: 255) makes its own kernel's replies look foreign.",
	Sources: "RFC 5961 section 3; RFC 3360",

	detect: func(ev *evidence) []Finding {
		var out []Finding
		for i := range ev.resets {
			q := &ev.resets[i]
			if q.cause != causeForged || q.fate != resetExact {
				continue
			}
			s, d := ev.tellReset(q)
			out = append(out, one(Network, q.sure, []int{q.r.frame}, s, d)...)
		}
		return out
	},
}
