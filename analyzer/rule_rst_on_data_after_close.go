package analyzer

var ruleRSTOnDataAfterClose = Rule{
	ID: "rst-on-data-after-close", Title: "Data arrived for a socket that had been closed",
	Severity: Warning, About: "resets",
	detect: func(ev *evidence) []Finding { return ev.resetFindings(causeDataAfterFIN) },
}
