package analyzer

var ruleRefused = Rule{
	ID: "refused", Title: "The connection was refused by a RST",
	Severity: Warning, About: "opening",
	detect: func(ev *evidence) []Finding {
		r := ev.refusal()
		if r == nil {
			return nil
		}
		return one(Server, Certain, []int{r.frame, ev.c.firstFrame},
			"the SYN was answered by a RST: nothing listens there, or a firewall rejects it",
			"connect() fails with ECONNREFUSED (Go: \"connect: connection refused\"). The kernel's reason is NO_SOCKET; a firewall's REJECT with tcp-reset sends the same packet.")
	},
}
