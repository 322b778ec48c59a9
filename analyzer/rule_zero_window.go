package analyzer

import (
	"fmt"
	"time"
)

// zeroWindowShort is below which a closed window is nothing to worry about.
const zeroWindowShort = int64(time.Second)

var ruleZeroWindow = Rule{
	ID: "zero-window", Title: "A receiver closed its window",
	Severity: Warning, About: "idle and death",
	detect: func(ev *evidence) []Finding {
		out := ev.counted(obsZeroWindow, Certain, func(side Side, o *observation) (string, string) {
			closed, open := ev.c.closedFor(side, ev.end)
			s := fmt.Sprintf("the %s closed its window %s, %s in all", side, times(o.n), seconds(closed))
			if open {
				s += ", and had not opened it at the end"
			}
			d := fmt.Sprintf("Its application did not read as fast as data came: the %s had to wait.", side.Other())
			if p := ev.c.observed(obsWindowProbe, side.Other()); p != nil {
				d += fmt.Sprintf(" Its peer sent %d window probe%s meanwhile.", p.n, plural(p.n))
			}
			return s, d
		})
		for i := range out {
			if closed, open := ev.c.closedFor(out[i].Side, ev.end); closed < zeroWindowShort && !open {
				out[i].Severity = Notice
			}
		}
		return out
	},
}

// closedFor is how long side's window was closed, and whether it still was at end.
func (c *conn) closedFor(side Side, end int64) (total int64, still bool) {
	shut, open := c.observed(obsZeroWindow, side), c.observed(obsWindowOpen, side)
	for i := range min(shut.n, maxObsFrames) {
		if open == nil || i >= open.n {
			last := min(end, c.lastTime)
			return total + last - shut.times[i], true
		}
		if i < maxObsFrames {
			total += open.times[i] - shut.times[i]
		}
	}
	return total, open == nil || open.n < shut.n
}
