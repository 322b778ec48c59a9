package analyzer

var ruleFastOpen = Rule{
	ID: "fast-open", Title: "TCP Fast Open: the SYN carried data and the server took it",
	Severity: Notice, About: "opening",

	Seen: "The SYN carries data and the SYN,ACK acknowledges it.",
	Means: "TCP Fast Open: the client had a cookie from an earlier connection, so the server takes the data at once and a round trip is saved. " +
		"Data in a SYN may be delivered twice if the SYN is doubled, so it must be a request that may be repeated.",
	Apps: "sendto(MSG_FASTOPEN), or connect() and write() with TCP_FASTOPEN_CONNECT, return without waiting. accept() returns before the " +
		"handshake is over.",
	Check: "Nothing needs doing. net.ipv4.tcp_fastopen has bits for client and server (1 by default, client only); nstat -az " +
		"TcpExtTCPFastOpenActive TcpExtTCPFastOpenPassive counts it.",
	Sources: "RFC 7413; Linux tcp_try_fastopen()",

	detect: func(ev *evidence) []Finding {
		if ev.v.Opened != OpenedFastOpen {
			return nil
		}
		return one(Client, Certain, []int{ev.c.firstFrame}, "data in the SYN, acknowledged by the SYN,ACK",
			"The client saved a round trip. The server may answer before the handshake is over.")
	},
}
