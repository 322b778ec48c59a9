package analyzer

var ruleOpenAborted = Rule{
	ID: "open-aborted", Title: "The client answered the SYN,ACK with a RST",
	Severity: Notice, About: "opening",
	detect: func(ev *evidence) []Finding {
		if ev.v.Opened != OpenedAborted {
			return nil
		}
		for i := range ev.c.rst {
			if r := &ev.c.rst[i]; r.side == Client && r.reply {
				return one(Client, Probable, []int{r.frame},
					"the client's host answered the SYN,ACK with a RST",
					"Its socket was gone by then (closed while connecting, or timed out), or the SYN came from a scanner's raw socket. The server's application never sees the connection.")
			}
		}
		return nil
	},
}
