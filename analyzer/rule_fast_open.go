package analyzer

var ruleFastOpen = Rule{
	ID: "fast-open", Title: "TCP Fast Open: the SYN carried data and the server took it",
	Severity: Notice, About: "opening",
	detect: func(ev *evidence) []Finding {
		if ev.v.Opened != OpenedFastOpen {
			return nil
		}
		return one(Client, Certain, []int{ev.c.firstFrame}, "data in the SYN, acknowledged by the SYN,ACK",
			"The client saved a round trip. The server may answer before the handshake is over.")
	},
}
