package analyzer

var ruleKeepaliveTimeout = Rule{
	ID: "keepalive-timeout", Title: "Keep-alive gave the peer up for dead",
	Severity: Warning, About: "idle and death",
	detect: func(ev *evidence) []Finding { return ev.resetFindings(causeKeepalive) },
}
