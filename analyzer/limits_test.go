package analyzer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/golden"
)

// TestLimitsOfInference holds docs/limits-of-inference.md to what it says of its
// captures: in each ```capture block stands, below the name of a file of
// testdata/pcaps, what is made of it. Every file of testdata/pcaps/limits has its
// place in the page. With -update the blocks are rewritten.
func TestLimitsOfInference(t *testing.T) {
	const page = "../docs/limits-of-inference.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var now strings.Builder
	named := map[string]bool{}
	block := false
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "```"):
			block = line == "```capture\n"
		case block && strings.HasSuffix(line, ".pcap\n"):
			name := strings.TrimSpace(line)
			named[name] = true
			now.WriteString(line + tell(read(t, []string{filepath.Join(pcaps, name)}, nil)))
			continue
		case block:
			continue // what was made of it before
		}
		now.WriteString(line)
	}
	golden.Compare(t, page, now.String())
	files, err := filepath.Glob(pcaps + "/limits/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	for _, f := range files {
		if name := "limits/" + filepath.Base(f); !named[name] {
			t.Errorf("%s is not in the page", name)
		}
	}
	if len(named) != len(files) {
		t.Errorf("the page names %d captures, there are %d", len(named), len(files))
	}
}

// tell writes conversations as the page has them.
func tell(all []*analyzer.Conversation) string {
	var b strings.Builder
	for _, c := range all {
		fmt.Fprintf(&b, "  %d: opened %s, closed %s\n", c.ID, c.Opened, c.Closed)
		for x, e := range c.Endpoints {
			var states []string
			for _, tr := range e.Timeline {
				states = append(states, fmt.Sprintf("%s/%d %s", tr.State, tr.Frame, tr.Evidence))
			}
			if states == nil {
				states = []string{"nothing is known"}
			}
			fmt.Fprintf(&b, "    %s  %s\n", analyzer.Side(x), strings.Join(states, ", "))
		}
		for _, f := range c.Findings {
			if f.Severity > analyzer.Info {
				fmt.Fprintf(&b, "    %s, %s: %s\n", f.ID, f.Confidence, f.Summary)
			}
		}
	}
	return b.String()
}
