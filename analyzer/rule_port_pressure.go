package analyzer

// rulePortPressure is about several conversations: see across.go.
var rulePortPressure = Rule{
	ID: "port-pressure", Title: "A client uses up its ephemeral ports towards one server",
	Severity: Warning, About: "reuse",

	Seen: "One client address puts thousands of sockets into TIME_WAIT towards one server address and port.",
	Means: "The client opens a connection for each request and closes first. Each port is then taken for 60 s (Linux; fixed, tcp_fin_timeout " +
		"does not change it), for this one server. With the default range of 28 232 ports about 470 new connections a second are the limit.",
	Apps: "Beyond it connect() fails with EADDRNOTAVAIL (Go: \"connect: cannot assign requested address\"), after slowing down as the kernel " +
		"searches for a free port. The server sees nothing.",
	Check: "Reuse connections: a pool large enough (Go: http.Transport.MaxIdleConnsPerHost is 2 by default, and bodies must be read to the end " +
		"and closed), HTTP keep-alive, HTTP/2. Let the server close first. net.ipv4.tcp_tw_reuse=1 and a wider net.ipv4.ip_local_port_range " +
		"help on the client; more addresses on either side multiply the ports. Count: ss -tan state time-wait dst SERVER | wc -l. Never " +
		"tcp_tw_recycle (removed in Linux 4.12).",
	Sources: "RFC 9293 section 3.6.1; Linux __inet_hash_connect(), TCP_TIMEWAIT_LEN; RFC 6191",
}
