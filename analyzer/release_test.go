package analyzer_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"tcpreplay-fsm/analyzer"
)

// Release gives memory back to conversations that come later, on any worker: what is handed
// on must not change for that, whether its ladder is put together at once or only when it
// is asked for, while others go on.
func TestRelease(t *testing.T) {
	segments := crowd(t, 500)
	address := regexp.MustCompile(`0x[0-9a-f]{6,}`)
	run := func(o analyzer.Options, workers int, release bool) (told []string) {
		var kept []*analyzer.Conversation // whose ladders are loaded later
		give := func(c *analyzer.Conversation) {
			if c.LoadRows != nil {
				c.LoadRows()
				c.LoadRows = nil
			}
			told = append(told, address.ReplaceAllString(fmt.Sprintf("%+v", *c), ""))
			if release {
				c.Release()
			}
		}
		o.Labels, o.MaxConversations = true, 100
		o.Done = func(c *analyzer.Conversation) {
			if kept = append(kept, c); len(kept) == 7 || !o.RowsLater {
				for _, c := range kept {
					give(c)
				}
				kept = kept[:0]
			}
		}
		a := analyzer.NewParallel(o, workers)
		for i := range segments {
			a.Add(&segments[i])
		}
		a.Close()
		for _, c := range kept {
			give(c)
		}
		return told
	}
	for _, o := range []analyzer.Options{{}, {Rows: 40}, {Rows: 40, RowsLater: true}} {
		want := run(o, 2, false)
		for i, workers := range []int{1, 2, 3, 8} { // with more and more of them given back
			if got := run(o, workers, true); !slices.Equal(got, want) {
				t.Errorf("rows %d, later %v, %d workers, run %d: %d conversations, want %d, or another text", o.Rows, o.RowsLater, workers, i, len(got), len(want))
			}
		}
	}
}
