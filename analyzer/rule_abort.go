package analyzer

var ruleAbort = Rule{
	ID: "abort", Title: "An application aborted the connection",
	Severity: Warning, About: "resets",
	detect: func(ev *evidence) []Finding { return ev.resetFindings(causeAbort) },
}
