package analyzer

import (
	"cmp"
	"slices"
)

// watch remembers which conversations changed since somebody last looked.
type watch struct {
	on      bool
	last    *conn // the newest of them: most segments are of the conversation of the one before
	changed map[*conn]struct{}
}

func (w *watch) touch(c *conn) {
	if !w.on || c == w.last {
		return
	}
	w.last = c
	w.changed[c] = struct{}{}
}

func (w *watch) forget(c *conn) {
	delete(w.changed, c)
	if w.last == c {
		w.last = nil
	}
}

// Watch begins to remember which conversations change, for Changed.
func (a *Analyzer) Watch() { a.watch.on, a.watch.changed = true, make(map[*conn]struct{}) }

// Changed hands f, in the order of their ids, each conversation that is followed
// and that segments came for since the last call. It is what the conversation
// would be if the capture ended at now, in Unix nanoseconds, and belongs to f.
// What is presumed in it may turn out otherwise. The analysis is not changed by
// looking at it. Watch must have been called before.
func (a *Analyzer) Changed(now int64, f func(*Conversation)) {
	var due []*conn
	for c := range a.watch.changed {
		if c.id >= 0 { // else it is open whether its SYN began something
			due = append(due, c)
			delete(a.watch.changed, c)
		}
	}
	a.watch.last = nil
	a.look(now, due, func(c *Conversation) bool { f(c); return true })
}

// Live hands f, in the order of their ids, each conversation that is followed and
// that want asks for, as Changed does, until f returns false; want may be nil. It
// returns the findings about several of those conversations.
func (a *Analyzer) Live(now int64, want func(id int) bool, f func(*Conversation) bool) []Finding {
	var due []*conn
	for _, c := range a.conns {
		if c.id >= 0 && (want == nil || want(int(c.id))) {
			due = append(due, c)
		}
	}
	return a.look(now, due, f)
}

// look concludes conversations that go on. A second analyzer does it, so that
// what is gathered over all conversations counts each of them once.
func (a *Analyzer) look(now int64, due []*conn, f func(*Conversation) bool) []Finding {
	slices.SortFunc(due, func(x, y *conn) int { return cmp.Compare(x.id, y.id) })
	onlooker := Analyzer{o: a.o, now: max(now, a.now)}
	onlooker.o.RowsLater = false // its ladder goes on, and is another's once it is over
	for _, c := range due {
		v := onlooker.conclude(c, onlooker.now)
		onlooker.across.add(v, onlooker.now)
		if !f(v) {
			break
		}
	}
	return onlooker.across.findings(a.o.TimeWait)
}
