package analyzer

import "tcpreplay-fsm/tcp"

// Most segments of an open connection are foretold by those before them: one side's
// next bytes, or an ACK of more of the other's, and nothing about the connection that
// is lost, late, closed or closing. A kernel has a short way for those (Van Jacobson's
// header prediction; Linux, tcp_rcv_established()), and so has this package. It does
// what take does of that which is left to do; a test plays every capture both ways.

// isSteady reports whether the next segments of c may be foretold.
func (c *conn) isSteady() bool {
	return !c.closing && c.challenge == nil && c.end[Client].isSteady() && c.end[Server].isSteady()
}

// isSteady reports whether e is open, in both directions, and all that it sent passed in
// order.
func (e *endpoint) isSteady() bool {
	if e.opened < openingSegments || !e.is(hasSeq|hasACK|hasWindow) || e.is(hasFIN) || e.window == 0 || e.recent[0].window == 0 ||
		e.beyond != nil || e.tail != nil || e.nxt != e.top || e.contiguous() != e.nxt {
		return false
	}
	for i := range e.recent {
		if e.ack.Less(e.recent[i].ack) {
			return false // an ACK of the unsent, which may come again
		}
	}
	return true
}

// foretold reports whether s, sent by e, is what was to come next.
func (c *conn) foretold(s *tcp.Segment, e, p *endpoint) bool {
	if !c.steady || s.Seq != e.nxt || s.Flags&^(tcp.PSH|tcp.ECE|tcp.CWR) != tcp.ACK || s.Window == 0 {
		return false
	}
	if s.Ack.Less(e.ack) || p.nxt.Less(s.Ack) || s.Ack == e.ack && s.Len == 0 {
		return false // late, of the unsent, or a duplicate
	}
	switch s.Options.Set {
	case 0:
		if e.is(hasTS) {
			return false
		}
	case tcp.OptTimestamps:
		if !e.is(hasTS) || int32(s.Options.TSVal-e.tsRecent) < 0 {
			return false
		}
	default:
		return false
	}
	end := s.Seq.Add(s.Len)
	return s.Len == 0 || s.Seq < end && end != p.ack.Add(p.windowBytes()) // nor does the window end there
}

// takeForetold is take for s, which is foretold.
func (c *conn) takeForetold(s *tcp.Segment, side Side) {
	e := &c.end[side]
	if s.Ack != e.ack {
		e.advance = ackAdvance{e.ack, s.Ack, s.Frame, s.Time}
		e.ack = s.Ack
	}
	kind, edge, last := segPlain, e.nxt, e.payloadTime
	if s.Len > 0 {
		kind = segData
		end := s.Seq.Add(s.Len)
		c.sentPayload(s, side, e.passed.Add(s.Seq, end))
		e.top, e.nxt = end, end
		c.stretch(side)
	}
	if e.is(hasTS) {
		e.tsRecent = s.Options.TSVal
	}
	c.agreeScale(side)
	e.window = s.Window
	c.measure(s, side, kind, edge, last)
	c.noteLarge(s, side)
	c.rows.foretold(c, s, side, kind)
	e.remember(s)
}
