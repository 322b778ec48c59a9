package analyzer_test

import (
	"fmt"
	"slices"
	"testing"

	"tcpreplay-fsm/analyzer"
)

// What is handed on is the same whether conversations are given back or not, and
// nothing of one is left in the next.
func TestRelease(t *testing.T) {
	segments := crowd(t, 500)
	run := func(release bool) (told []string) {
		a := analyzer.NewParallel(analyzer.Options{Labels: true, Done: func(c *analyzer.Conversation) {
			told = append(told, fmt.Sprintf("%+v", *c))
			if release {
				c.Release()
			}
		}}, 2)
		for i := range segments {
			a.Add(&segments[i])
		}
		a.Close()
		return told
	}
	want := run(false)
	for range 3 { // with more and more of them given back
		if got := run(true); !slices.Equal(got, want) {
			t.Fatalf("%d conversations, want %d, or another text", len(got), len(want))
		}
	}
}
