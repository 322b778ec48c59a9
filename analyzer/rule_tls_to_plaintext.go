package analyzer

var ruleTLSToPlaintext = Rule{
	ID: "tls-to-plaintext", Title: "A client speaks TLS to a server that does not",
	Severity: Warning, About: "data", Verdict: true,

	Seen: "A ClientHello, and the first bytes of the server's answer are no TLS record.",
	Means: "The port is that of a plain service: a wrong port or scheme (https:// for http://), a proxy that ends TLS and was bypassed, or one that was told to " +
		"speak TLS to a server that does not.",
	Apps: "The client: curl: (35) wrong version number; Go: http: server gave HTTP response to HTTPS client, or tls: first record does not look like a TLS " +
		"handshake; Java: Unsupported or unrecognized SSL message. The server: a request that it cannot read (400).",
	Check:   "The URL's scheme and port; of a proxy, whether it is to speak TLS to the servers behind it.",
	Sources: "RFC 8446 section 5.1",

	detect: func(ev *evidence) []Finding {
		t := ev.c.tls
		if t == nil || t.plain == 0 {
			return nil
		}
		what := "the server answers a TLS ClientHello in plain text"
		if t.http {
			what = "the server answers a TLS ClientHello with HTTP in plain text"
		}
		return one(Server, Probable, []int{t.plain}, what,
			"A wrong port or scheme (https:// for http://), or a proxy that speaks TLS to a server that does not. The client cannot read the answer (curl: (35) wrong version number; Go: server gave HTTP response to HTTPS client).")
	},
}
