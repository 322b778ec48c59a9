package analyzer

// rulePortPressure is about several conversations: see across.go.
var rulePortPressure = Rule{
	ID: "port-pressure", Title: "A client uses up its ephemeral ports towards one server",
	Severity: Warning, About: "reuse",
}
