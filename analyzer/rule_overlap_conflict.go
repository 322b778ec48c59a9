package analyzer

// ruleOverlapConflict has no detector here: only who keeps the bytes of both
// copies can compare them (package reassembly).
var ruleOverlapConflict = Rule{
	ID: "overlap-conflict", Title: "The same bytes of the stream were sent with different contents",
	Severity: Error, About: "data",
}
