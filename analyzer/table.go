package analyzer

import "tcpreplay-fsm/tcp"

// find returns the newest incarnation that s belongs to, or nil. Of twins in
// different virtual networks it is the one whose same direction has the scope
// of s; else one whose other direction has it; else one that this direction of
// was not seen yet, as where only one direction is tagged.
func (a *Analyzer) find(key tcp.Tuple, s *tcp.Segment) *conn {
	c := a.table[key]
	if c == nil || c.twin == nil && (c.scope[c.sideOf(s)] == s.Scope || !c.bound[c.sideOf(s)]) {
		return c
	}
	var best *conn
	for ; c != nil; c = c.twin {
		side := c.sideOf(s)
		switch {
		case c.bound[side] && c.scope[side] == s.Scope:
			return c
		case c.bound[side]:
		case best == nil, c.scope[side.Other()] == s.Scope && best.scope[side.Other()] != s.Scope:
			best = c
		}
	}
	return best
}

// sideOf tells which side of c sent s.
func (c *conn) sideOf(s *tcp.Segment) Side {
	if s.Tuple == c.tuple {
		return Client
	}
	return Server
}

// open begins to follow a conversation at its first segment.
func (a *Analyzer) open(s *tcp.Segment) *conn {
	c := &conn{tuple: s.Tuple, id: -1, seldom: &usual, firstFrame: s.Frame, first: s.Time, lastTime: s.Time, slot: int32(len(a.conns))}
	switch syn, ack := s.Flags.Has(tcp.SYN), s.Flags.Has(tcp.ACK); {
	case syn && ack:
		c.tuple, c.roles = s.Tuple.Reverse(), rolesSYNACK
	case syn:
		c.roles = rolesSYN
	case likelyServer(s.Tuple.SrcPort, s.Tuple.DstPort):
		c.tuple = s.Tuple.Reverse()
	}
	a.conns = append(a.conns, c)
	if a.o.Rows > 0 {
		c.rows = &ladder{max: a.o.Rows}
	}
	return c
}

// likelyServer guesses from the ports whether the sender is the server.
func likelyServer(src, dst uint16) bool { return src < dst }

// replace puts n, or nothing, in the place of c in the table, if c is there.
func (a *Analyzer) replace(c, n *conn) {
	next := c.twin
	if n != nil {
		n.twin, next = c.twin, n
	}
	key, _ := c.tuple.Canonical()
	switch head := a.table[key]; {
	case head != c:
		for ; head != nil; head = head.twin {
			if head.twin == c {
				head.twin = next
				return
			}
		}
	case next == nil:
		delete(a.table, key)
	default:
		a.table[key] = next
	}
}

// drop removes c from the list of conversations.
func (a *Analyzer) drop(c *conn) {
	last := a.conns[len(a.conns)-1]
	a.conns[c.slot], last.slot = last, c.slot
	a.conns[len(a.conns)-1] = nil
	a.conns = a.conns[:len(a.conns)-1]
	a.watch.forget(c)
	if c.guess != nil {
		a.guessing--
	}
}
