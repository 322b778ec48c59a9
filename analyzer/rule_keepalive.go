package analyzer

import (
	"fmt"
	"slices"
	"time"
)

var ruleKeepalive = Rule{
	ID: "keepalive", Title: "Keep-alive probes",
	Severity: Info, About: "idle and death",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsKeepalive, Probable, func(side Side, o *observation) (string, string) {
			answered := 0
			if a := ev.c.observed(obsKeepaliveAnswer, side.Other()); a != nil {
				answered = a.n
			}
			idle := o.first - o.before
			s := fmt.Sprintf("the %s sent %d keep-alive probe%s, %d answered", side, o.n, plural(o.n), answered)
			d := fmt.Sprintf("The first came after %s of silence", seconds(idle))
			if every, ok := o.interval(); ok {
				s += fmt.Sprintf(", one every %s", seconds(every))
				d += fmt.Sprintf(", the next ones every %s", seconds(every))
			}
			d += "."
			if who := cadence(idle, o); who != "" {
				d += " That is the default of " + who + " (a guess)."
			}
			d += " One unanswered probe does not mean a dead peer: Linux answers at most one such segment in 500 ms."
			return s, d
		})
	},
}

// interval is the time between probes, and whether it was about constant.
func (o *observation) interval() (int64, bool) {
	n := min(o.n, maxObsFrames)
	if n < 2 {
		return 0, false
	}
	gaps := make([]int64, 0, n)
	for i := 1; i < n; i++ {
		gaps = append(gaps, o.times[i]-o.times[i-1])
	}
	slices.Sort(gaps)
	mid := gaps[len(gaps)/2]
	return mid, gaps[0] > mid/2 && gaps[len(gaps)-1] < 2*mid
}

// cadences are known defaults of keep-alive: idle time and interval.
var cadences = []struct {
	idle, every time.Duration
	who         string
}{
	{15 * time.Second, 15 * time.Second, "Go's net package (15 s, 15 s, 9 probes)"},
	{7200 * time.Second, 75 * time.Second, "Linux or macOS (2 h, 75 s)"},
	{7200 * time.Second, time.Second, "Windows (2 h, 1 s, 10 probes)"},
	{45 * time.Second, 45 * time.Second, "Chromium (45 s)"},
}

// cadence names whose default an idle time and interval are, or "".
func cadence(idle int64, o *observation) string {
	near := func(got int64, want time.Duration) bool {
		return got > int64(want)*19/20 && got < int64(want)*21/20+int64(200*time.Millisecond)
	}
	every, regular := o.interval()
	for _, k := range cadences {
		if near(idle, k.idle) && (o.n < 2 || regular && near(every, k.every)) {
			return k.who
		}
	}
	return ""
}
