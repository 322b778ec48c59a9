package analyzer

import "tcpreplay-fsm/tcp"

// ladder keeps the rows of one conversation: the first half of what it may hold
// from the start, the rest as a ring of the newest. A nil ladder keeps nothing.
type ladder struct {
	max     int
	head    []Row
	tail    []Row
	next    int // where in tail the next row goes
	omitted int
	timed   [2][]timed // what is under way, by who sent it
}

func (l *ladder) push(r Row) {
	if len(l.head) < (l.max+1)/2 {
		l.head = append(l.head, r)
		return
	}
	if room := l.max / 2; len(l.tail) < room {
		l.tail = append(l.tail, r)
		return
	} else if room == 0 {
		l.omitted++
		return
	}
	l.tail[l.next] = r
	l.next = (l.next + 1) % len(l.tail)
	l.omitted++
}

// all returns the rows in order, and before which of them rows were left out.
func (l *ladder) all() (rows []Row, gapAt int) {
	rows = append(rows, l.head...)
	if l.omitted > 0 {
		gapAt = len(rows)
	}
	rows = append(rows, l.tail[l.next:]...)
	return append(rows, l.tail[:l.next]...), gapAt
}

var kindMarks = [...]string{
	segFill:        "out of order",
	segRetransmit:  "retransmission",
	segKeepalive:   "keep-alive",
	segWindowProbe: "window probe",
	segDropped:     "dropped by its receiver",
}

func (l *ladder) add(c *conn, s *tcp.Segment, side Side, kind segKind) {
	if l == nil {
		return
	}
	r := l.row(c, s, side)
	l.plot(&r, c, s, side, kind)
	if int(kind) < len(kindMarks) && kindMarks[kind] != "" {
		r.Marks = append(r.Marks, kindMarks[kind])
	}
	if kind == segSYN {
		again := obsSYNRetransmit
		if s.Flags.Has(tcp.ACK) {
			again = obsSYNACKRetransmit
		}
		if o := c.observed(again, side); o != nil && o.lastFrame == s.Frame {
			r.Marks = append(r.Marks, "retransmission")
		}
	}
	for _, m := range [...]struct {
		kind obsKind
		mark string
	}{{obsKeepaliveAnswer, "keep-alive answer"}, {obsDupACK, "duplicate ACK"}, {obsZeroWindow, "zero window"},
		{obsWindowOpen, "window open again"}, {obsWindowFull, "window full"}, {obsFastRetransmit, "fast"},
		{obsDuplicate, "duplicate packet"}, {obsOldDuplicate, "old duplicate"}} {
		if o := c.observed(m.kind, side); o != nil && o.lastFrame == s.Frame {
			r.Marks = append(r.Marks, m.mark)
		}
	}
	l.push(r)
}

func (l *ladder) row(c *conn, s *tcp.Segment, side Side) Row {
	e := &c.end[side]
	r := Row{Frame: s.Frame, Time: s.Time, From: side, Flags: s.Flags, Seq: s.Seq, Ack: s.Ack, Len: s.Len,
		Window: uint32(s.Window), InFlight: [2]uint32{c.underWay(Client), c.underWay(Server)}, Comment: s.Comment}
	if !s.Flags.Any(tcp.SYN | tcp.RST) {
		r.Window <<= e.scale
	}
	if n := s.Options.SACKBlocks; n > 0 {
		r.SACK = append(r.SACK, s.Options.SACK[:n]...)
	}
	return r
}

// copyOf adds a packet that the capture recorded again.
func (l *ladder) copyOf(c *conn, s *tcp.Segment, side Side) {
	if l != nil {
		r := l.row(c, s, side)
		r.Marks = append(r.Marks, "captured again")
		l.push(r)
	}
}

// foreign adds the rows of what seemed to open a new incarnation and opened nothing.
func (l *ladder) foreign(n *ladder, turned bool) {
	if l == nil || n == nil {
		return
	}
	rows, _ := n.all()
	for _, r := range rows {
		if turned {
			r.From = r.From.Other()
		}
		if r.Flags.Has(tcp.SYN) {
			r.Marks = append(r.Marks, "SYN in an open connection")
		}
		l.push(r)
	}
	l.omitted += n.omitted
}

func (l *ladder) icmp(c *conn, e *tcp.ICMPError, side Side) {
	if l != nil {
		l.push(Row{Frame: e.Frame, Time: e.Time, From: side, Seq: e.Seq, ICMP: true,
			Marks: []string{"ICMP " + e.Kind.String()}})
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
