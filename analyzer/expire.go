package analyzer

import (
	"cmp"
	"slices"
	"time"
)

// finish hands c on and forgets it.
func (a *Analyzer) finish(c *conn) {
	if n := c.heir; n != nil { // its heir never became certain: a SYN that nobody answered
		switch {
		case n.copied:
			a.settleCopy(n)
		case n.metOnlyOld():
			a.mergeIntoPrior(n)
		default:
			a.accept(n)
		}
	}
	if c.prior != nil && a.parted(c) != c {
		return
	}
	a.table.replace(c, nil)
	a.drop(c)
	if a.o.Sink != nil {
		for side, seen := range a.o.Sink.End(int(c.id)) {
			for i := range seen {
				m := c.seldomly()
				m.conflicts = append(m.conflicts, conflict{Side(c.sinkSide(Side(side))), seen[i]})
			}
		}
	}
	if a.deferred {
		a.finished = append(a.finished, finished{c, a.frame, a.now})
		return
	}
	if a.o.Done != nil {
		v := a.handOver(c, a.now)
		a.across.add(v, a.now)
		a.o.Done(v)
	}
}

// Tick tells that the capture has reached now, in Unix nanoseconds: timers run
// and conversations that are over are handed on. Add does this by itself; a live
// capture calls it when the wire is quiet.
func (a *Analyzer) Tick(now int64) {
	if now <= a.now {
		return
	}
	if a.now == 0 {
		a.sweep = now
	}
	a.now = now
	if now < a.sweep {
		return
	}
	a.expire()
}

// expire hands on what is over, or was quiet for too long.
func (a *Analyzer) expire() {
	now := a.now
	a.sweep = now + int64(10*time.Second)
	var due []*conn
	for _, c := range a.conns {
		idle := now - c.lastTime
		if idle > int64(max(overLinger, a.o.TimeWait)) && c.ended() || a.o.IdleTimeout > 0 && idle > int64(a.o.IdleTimeout) {
			due = append(due, c)
		}
	}
	a.finishAll(due)
}

// finishAll hands on several conversations in the order of their first frames.
func (a *Analyzer) finishAll(due []*conn) {
	slices.SortFunc(due, func(x, y *conn) int { return cmp.Compare(x.firstFrame, y.firstFrame) })
	if a.deferred {
		a.finished = slices.Grow(a.finished, len(due))
	}
	for _, c := range due {
		if int(c.slot) < len(a.conns) && a.conns[c.slot] == c {
			a.finish(c)
		}
	}
}

// evict makes room: an eighth of the conversations go, those that are over
// first, then those idle longest.
func (a *Analyzer) evict() {
	type candidate struct {
		c          *conn
		over       int // 0 if it is, else 1
		last       int64
		firstFrame int
	}
	all := make([]candidate, len(a.conns))
	for i, c := range a.conns {
		all[i] = candidate{c, 1, c.lastTime, c.firstFrame}
		if c.ended() {
			all[i].over = 0
		}
	}
	slices.SortFunc(all, func(x, y candidate) int {
		return cmp.Or(x.over-y.over, cmp.Compare(x.last, y.last), x.firstFrame-y.firstFrame)
	})
	due := make([]*conn, max(1, len(all)/8))
	for i := range due {
		due[i] = all[i].c
	}
	a.sum.Evicted += len(due)
	a.finishAll(due)
}
