package analyzer

var ruleTLSToPlaintext = Rule{
	ID: "tls-to-plaintext", Title: "A client speaks TLS to a server that does not",
	Severity: Warning, About: "data", Verdict: true,

	Seen: "The client's first bytes are a ClientHello, and the server's are no TLS record; or the server had already greeted the client, as those of SSH, mail and MySQL do.",
	Means: "The port is that of a plain service: a wrong port or scheme (https:// for http://), TLS from the first byte where the server wants STARTTLS (SMTP on port 25 or 587, IMAP on 143), a proxy that ends TLS and was bypassed, or one that was told to " +
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
		switch {
		case t.first:
			what = "the client speaks TLS to a server that had greeted it in plain text"
		case t.http:
			what = "the server answers a TLS ClientHello with HTTP in plain text"
		}
		return one(Server, Probable, []int{t.plain}, what,
			"A wrong port or scheme (https:// for http://, TLS at once where STARTTLS is wanted), or a proxy that speaks TLS to a server that does not. The client cannot read what the server says (curl: (35) wrong version number; Go: server gave HTTP response to HTTPS client).")
	},
}
