package analyzer

import (
	"sync"

	"tcpreplay-fsm/tcp"
)

// ladder keeps the rows of one conversation: the first half of what it may hold
// from the start, and the newest for the rest. A nil ladder keeps nothing.
type ladder struct {
	max  int
	head packedRows
	tail []packedRows // the newest, in runs of tailRun so that the oldest can go
	last differences  // the next row is told by what differs from it
	rows int          // that came
	lost int          // of those that came from another ladder, left out there

	timed [2][]timed // what is under way, by who sent it
}

const tailRun = 64

var ladders = sync.Pool{New: func() any { return new(ladder) }}

func newLadder(most int) *ladder {
	l := ladders.Get().(*ladder)
	l.max = most
	return l
}

// release gives l back, which nobody may look at any more.
func (l *ladder) release() {
	leave(l.head.b)
	for i := range l.tail {
		leave(l.tail[i].b)
	}
	*l = ladder{timed: [2][]timed{l.timed[0][:0], l.timed[1][:0]}}
	ladders.Put(l)
}

func (l *ladder) push(r *Row, m marks) {
	l.rows++
	if l.head.n < l.headMax() {
		l.head.add(r, m, &l.last)
		return
	}
	if l.max < 2 {
		return
	}
	n := len(l.tail)
	switch {
	case n > 0 && l.tail[n-1].n < tailRun:
	case n > 0 && (n-1)*tailRun >= l.max/2:
		oldest := l.tail[0].b[:0]
		copy(l.tail, l.tail[1:])
		l.tail[n-1], l.last = packedRows{b: oldest}, differences{}
	default:
		l.tail, l.last = append(l.tail, packedRows{}), differences{}
	}
	l.tail[len(l.tail)-1].add(r, m, &l.last)
}

func (l *ladder) headMax() int { return (l.max + 1) / 2 }

// each calls f with the rows that are kept, in order; they are f's.
func (l *ladder) each(f func(*Row, marks)) {
	l.head.each(f)
	kept := 0
	for i := range l.tail {
		kept += l.tail[i].n
	}
	for i := range l.tail {
		l.tail[i].each(func(r *Row, m marks) {
			if kept <= l.max/2 {
				f(r, m)
			}
			kept = max(kept-1, l.max/2)
		})
	}
}

// all returns the rows in order, before which of them rows were left out, and how
// many.
func (l *ladder) all() (rows []Row, gapAt, omitted int) {
	rows = make([]Row, 0, min(l.rows, l.max))
	l.each(func(r *Row, m marks) {
		r.Marks = m.names()
		rows = append(rows, *r)
	})
	if omitted = l.rows - len(rows) + l.lost; omitted > 0 {
		gapAt = l.head.n
	}
	return rows, gapAt, omitted
}

func (l *ladder) add(c *conn, s *tcp.Segment, side Side, kind segKind) {
	if l == nil {
		return
	}
	r := l.row(c, s, side)
	l.plot(&r, c, s, side, kind)
	var m marks
	if int(kind) < len(kindMarks) {
		m = kindMarks[kind]
	}
	if o := c.observed(obsFINInACK, side); o != nil && o.lastFrame == s.Frame {
		m &^= markRetransmission
	}
	if kind == segSYN {
		again := obsSYNRetransmit
		if s.Flags.Has(tcp.ACK) {
			again = obsSYNACKRetransmit
		}
		if o := c.observed(again, side); o != nil && o.lastFrame == s.Frame {
			m |= markRetransmission
		}
	}
	for _, o := range obsMarks {
		if seen := c.observed(o.kind, side); seen != nil && seen.lastFrame == s.Frame {
			m |= o.mark
		}
	}
	l.push(&r, m)
}

// foretold adds s, which is foretold: nothing can be made of it that has a mark.
func (l *ladder) foretold(c *conn, s *tcp.Segment, side Side, kind segKind) {
	if l == nil {
		return
	}
	r := l.row(c, s, side)
	l.plot(&r, c, s, side, kind)
	l.push(&r, 0)
}

func (l *ladder) row(c *conn, s *tcp.Segment, side Side) Row {
	e := &c.end[side]
	r := Row{Frame: s.Frame, Time: s.Time, From: side, Flags: s.Flags, Seq: s.Seq, Ack: s.Ack, Len: s.Len,
		Window: uint32(s.Window), InFlight: [2]uint32{c.underWay(Client), c.underWay(Server)}, Comment: s.Comment}
	if !s.Flags.Any(tcp.SYN | tcp.RST) {
		r.Window <<= e.scale
	}
	if n := s.Options.SACKBlocks; n > 0 {
		r.SACK = s.Options.SACK[:n]
	}
	return r
}

// copyOf adds a packet that the capture recorded again.
func (l *ladder) copyOf(c *conn, s *tcp.Segment, side Side) {
	if l != nil {
		r := l.row(c, s, side)
		l.push(&r, markCapturedAgain)
	}
}

// foreign adds the rows of what seemed to open a new incarnation and opened nothing.
func (l *ladder) foreign(n *ladder, turned bool) {
	if l == nil || n == nil {
		return
	}
	kept := 0
	n.each(func(r *Row, m marks) {
		kept++
		if turned {
			r.From = r.From.Other()
		}
		if r.Flags.Has(tcp.SYN) {
			m |= markSYNInConnection
		}
		l.push(r, m)
	})
	l.lost += n.rows - kept + n.lost
}

// turned is l with its sides exchanged.
func (l *ladder) turned() *ladder {
	n := &ladder{max: l.max, lost: l.lost, timed: [2][]timed{l.timed[1], l.timed[0]}}
	kept := 0
	l.each(func(r *Row, m marks) {
		kept++
		r.From = r.From.Other()
		r.InFlight[0], r.InFlight[1] = r.InFlight[1], r.InFlight[0]
		n.push(r, m)
	})
	n.lost += l.rows - kept
	return n
}

func (l *ladder) icmp(e *tcp.ICMPError, side Side) {
	if l != nil {
		l.push(&Row{Frame: e.Frame, Time: e.Time, From: side, Seq: e.Seq, ICMP: true}, markICMP<<e.Kind)
	}
}

// fillStates sets the states of both sides after each row. A side's position in
// its timeline never goes back: where a segment was captured before it arrived,
// the change shows at the row by which it is known to have happened.
func fillStates(rows []Row, timelines [2][]Transition) {
	var pos [2]int
	for i := range rows {
		r := &rows[i]
		for x := range timelines {
			for pos[x] < len(timelines[x]) {
				t := timelines[x][pos[x]]
				if t.Frame > r.Frame || t.Frame == 0 && t.Time > r.Time {
					break
				}
				pos[x]++
				r.Changed[x] = true
			}
			if pos[x] > 0 {
				t := timelines[x][pos[x]-1]
				r.States[x], r.Evidence[x], r.Known[x] = t.State, t.Evidence, true
			}
		}
	}
}
