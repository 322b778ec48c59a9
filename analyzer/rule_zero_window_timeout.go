package analyzer

import (
	"fmt"
)

var ruleZeroWindowTimeout = Rule{
	ID: "zero-window-timeout", Title: "Window probes went unanswered to the end",
	Severity: Error, About: "idle and death",
	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			if t := ev.c.end[x].tail; t != nil && t.kind == segWindowProbe && t.n >= 2 && ev.c.end[x.Other()].time < t.first {
				return one(x, Probable, t.list(), fmt.Sprintf("the last %d window probes of the %s were not answered", t.n, x),
					"The receiver had closed its window and then fell silent. The sender gives up after tcp_retries2 probes (about 15 minutes) or TCP_USER_TIMEOUT; write() then fails with ETIMEDOUT.")
			}
		}
		return nil
	},
}

// list returns the frames kept of the run.
func (t *unanswered) list() []int { return append([]int(nil), t.frames[:min(t.n, len(t.frames))]...) }
