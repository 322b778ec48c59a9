package analyzer

// ruleSYNScan is about several conversations: see across.go.
var ruleSYNScan = Rule{
	ID: "syn-scan", Title: "One host tried many ports or hosts in vain",
	Severity: Warning, About: "opening",
}
