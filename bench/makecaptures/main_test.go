package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/feed"
)

// Each kind of capture holds what it says, is the same on every run, and grows with
// the scale.
func TestKinds(t *testing.T) {
	t.Chdir("../..")
	const scale = 0.002
	for _, test := range []struct {
		kind          string
		conversations int
		closed        bool // all are
	}{
		{"long", 20, true}, {"flood", 10_000, false}, {"live", 2000, false},
	} {
		name := filepath.Join(t.TempDir(), test.kind+".pcap")
		if err := run(test.kind, name, scale, nil); err != nil {
			t.Fatal(err)
		}
		n, closed := 0, 0
		for _, c := range conversations(t, name) {
			n++
			if c.Closed != analyzer.ClosedOpen && c.Closed != analyzer.ClosedTimeout {
				closed++
			}
		}
		if n != test.conversations || closed != 0 && !test.closed || test.closed && closed != n {
			t.Errorf("%s: %d conversations, %d of them closed, want %d", test.kind, n, closed, test.conversations)
		}
	}
}

// The mixed capture is real traffic: whole conversations, repeated under other
// addresses.
func TestMixed(t *testing.T) {
	t.Chdir("../..")
	dir := t.TempDir()
	sources := []string{"testdata/pcaps/normal_close.pcap", "testdata/pcaps/reset_unread_data.pcap"}
	var first []byte
	for i, scale := range []float64{0.001, 0.001, 0.002} {
		name := filepath.Join(dir, "mixed.pcap")
		if err := run("mixed", name, scale, sources); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n := len(conversations(t, name))
		switch i {
		case 0:
			if first = b; n < 40 || n > 60 {
				t.Errorf("%d conversations, want about 47", n)
			}
		case 1:
			if !bytes.Equal(b, first) {
				t.Error("another capture on the second run")
			}
		case 2:
			if n < 90 || n > 110 {
				t.Errorf("%d conversations at twice the scale", n)
			}
		}
	}
}

func conversations(t *testing.T, name string) (all []*analyzer.Conversation) {
	t.Helper()
	o := analyzer.Options{Done: func(c *analyzer.Conversation) { all = append(all, c) }}
	if _, err := feed.Captures([]string{name}, nil, o); err != nil {
		t.Fatal(err)
	}
	return all
}
