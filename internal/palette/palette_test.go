package palette

import (
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

func TestWithoutColours(t *testing.T) {
	p := New(false)
	for _, s := range tcp.States() {
		if got := p.State(s)("x"); got != "x" {
			t.Errorf("%v is painted %q", s, got)
		}
	}
	for s := analyzer.Info; s <= analyzer.Error; s++ {
		if got := p.Severity(s)("x"); got != "x" {
			t.Errorf("%v is painted %q", s, got)
		}
	}
	if got := p.Reverse("x"); got != "\x1b[7mx\x1b[27m" && got != "\x1b[7mx\x1b[0m" {
		t.Errorf("reversed: %q", got)
	}
}

// Colours are this package's own decision, whatever the process's stdout is.
func TestColours(t *testing.T) {
	p := New(true)
	seen := map[string]tcp.State{}
	for _, s := range []tcp.State{tcp.SynSent, tcp.Established, tcp.FinWait1, tcp.TimeWait, tcp.Closed} {
		got := p.State(s)("x")
		if other, ok := seen[got]; ok || got == "x" {
			t.Errorf("%v is painted %q, as %v is", s, got, other)
		}
		seen[got] = s
	}
}
