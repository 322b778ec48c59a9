package analyzer_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/golden"
)

const findingsDoc = "../docs/findings.md"

// TestFindingsDoc compares docs/findings.md with the catalogue;
// go test ./analyzer -run FindingsDoc -update writes it anew.
func TestFindingsDoc(t *testing.T) {
	golden.Compare(t, findingsDoc, findingsPage(analyzer.Rules()))
}

// TestRulesAreExplained wants every rule to say something under each heading,
// and its id and sentences to keep their form.
func TestRulesAreExplained(t *testing.T) {
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := make(map[string]bool)
	for _, r := range analyzer.Rules() {
		if !id.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("id %q is not kebab-case or there twice", r.ID)
		}
		seen[r.ID] = true
		if r.Title == "" || strings.HasSuffix(r.Title, ".") || r.About == "" {
			t.Errorf("%s: title %q, chapter %q", r.ID, r.Title, r.About)
		}
		for name, text := range map[string]string{"Seen": r.Seen, "Means": r.Means, "Apps": r.Apps, "Check": r.Check} {
			if !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %s is no sentence: %q", r.ID, name, text)
			}
		}
		if r.Sources == "" {
			t.Errorf("%s names no sources", r.ID)
		}
	}
}

// findingsPage is docs/findings.md as the catalogue has it.
func findingsPage(rules []analyzer.Rule) string {
	var b strings.Builder
	b.WriteString("# Findings\n\nWritten from the catalogue in `analyzer/rule_*.go`; do not edit. `tcpreplay-fsm --explain ID` prints the same text.\n\n")
	b.WriteString("A finding has a severity (the one below, or another where it says so), a confidence (`certain`, `probable`, `possible`), a side and the frames it rests on.\n")
	chapter := ""
	for _, r := range rules {
		if r.About != chapter {
			chapter = r.About
			fmt.Fprintf(&b, "\n## %s%s\n", strings.ToUpper(chapter[:1]), chapter[1:])
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s. Severity: %s.\n", r.ID, r.Title, r.Severity)
		for _, part := range [...]struct{ title, text string }{
			{"What is seen", r.Seen},
			{"What it means", r.Means},
			{"What the applications saw", r.Apps},
			{"What to check", r.Check},
			{"Sources", r.Sources},
		} {
			fmt.Fprintf(&b, "\n**%s.** %s\n", part.title, markdown(part.text))
		}
	}
	return b.String()
}

// markdown escapes what Markdown would take for markup.
func markdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "<", "&lt;", "[", `\[`, " __", ` \_\_`, " _", ` \_`).Replace(s)
}
