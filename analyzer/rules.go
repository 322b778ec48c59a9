package analyzer

// Rule is one kind of finding: its identity, its explanation for people, and
// nothing else. The text is the only source of --explain and docs/findings.md.
type Rule struct {
	ID       string // kebab-case, stable
	Title    string // a short sentence without a full stop
	Severity Severity
	About    string // chapter: "opening", "closing", "resets", "idle and death", "reuse", "data", "capture"

	Seen    string // what is seen on the wire
	Means   string // what it means
	Apps    string // what both applications saw: errno and Go's words
	Check   string // what to check: socket option, sysctl, code
	Sources string // RFC sections, kernel functions

	// Detect looks at a finished conversation and returns its findings, nil for
	// most. It is nil for rules over several conversations.
	Detect func(*evidence) []Finding
}
