package analyzer

var ruleSYNDataNotAcked = Rule{
	ID: "syn-data-not-acked", Title: "The SYN carried data that the server did not take",
	Severity: Notice, About: "opening",
	detect: func(ev *evidence) []Finding {
		if ev.c.facts&factSYNData == 0 || ev.c.facts&factSYNDataAcked != 0 || !ev.c.end[Server].is(hasSYN) {
			return nil
		}
		return one(Server, Certain, []int{ev.c.firstFrame}, "data in the SYN; the SYN,ACK acknowledges the SYN only",
			"The server does not do TCP Fast Open for this client (no or a stale cookie, or not enabled): the client sends the data again. Nothing is lost but the round trip.")
	},
}
