package analyzer_test

import (
	"slices"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/streams"
)

// Who keeps the bytes tells of overlaps that differ; nobody else can.
func TestOverlapConflict(t *testing.T) {
	script, err := pcaptest.Parse(`
A SYN 0
B SYN,ACK 0 1
A ACK 1 1
B PSH,ACK 1 1 len=8 fill=a
B PSH,ACK 1 1 len=8 fill=b
B PSH,ACK 9 1 len=8 fill=c
B PSH,ACK 9 1 len=8 fill=c
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, keep := range []bool{false, true} {
		var found []analyzer.Finding
		o := analyzer.Options{Done: func(c *analyzer.Conversation) { found = c.Findings }}
		if keep {
			e, err := streams.NewExporter(t.TempDir(), streams.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			o.Sink = e
		}
		a := analyzer.New(o)
		for _, s := range script.Segments() {
			a.Add(&s)
		}
		a.Close()
		i := slices.IndexFunc(found, func(f analyzer.Finding) bool { return f.ID == "overlap-conflict" })
		if (i >= 0) != keep {
			t.Fatalf("bytes kept: %v, findings: %+v", keep, found)
		}
		if i < 0 {
			continue
		}
		f := found[i]
		if f.Side != analyzer.Server || f.Severity != analyzer.Error || !slices.Equal(f.Frames, []int{4, 5}) ||
			!strings.Contains(f.Summary, "1 overlap with") || !strings.Contains(f.Detail, `offset 0 "aaaaaaaa" came, and "bbbbbbbb" in frame 5`) {
			t.Errorf("%+v", f)
		}
	}
}
