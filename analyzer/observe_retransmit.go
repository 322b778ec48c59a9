package analyzer

import "tcpreplay-fsm/tcp"

// noteRetransmit tells what s is, all of which passed before: sent again, doubled on the
// way, or old.
func (c *conn) noteRetransmit(s *tcp.Segment, side Side) {
	e, p := &c.end[side], &c.end[side.Other()]
	switch {
	case !s.Flags.Has(tcp.FIN) && e.is(hasFIN) && p.is(hasFIN) && e.top.LessEq(p.ack):
		c.observe(obsOldDuplicate, side, s.Frame, s.Time)
		return
	case c.isDuplicate(s, e), s.Flags.Has(tcp.FIN) && c.stamped(s, side) == sameStamp:
		c.observe(obsDuplicate, side, s.Frame, s.Time)
		return
	case s.Flags.Has(tcp.FIN) && s.Len == 0 && e.advance.frame == s.Frame && s.Time-p.time < minRTO:
		// BSD and macOS set FIN on all they send until it is acknowledged
		// (tcp_output(), tcp_outflags): this is but the ACK of something new. Later
		// it is a copy whose like, without FIN, the capture lost.
		c.observe(obsFINInACK, side, s.Frame, s.Time)
		return
	case s.Flags.Has(tcp.FIN):
		c.resend(s, side)
		c.observe(obsFINRetransmit, side, s.Frame, s.Time)
		if s.Len == 0 {
			return
		}
	default:
		c.resend(s, side)
	}
	c.observe(obsDataRetransmit, side, s.Frame, s.Time)
	c.noteFast(s, side)
}

// noteFast finds that s, sent again, is what duplicate ACKs have just asked for.
func (c *conn) noteFast(s *tcp.Segment, side Side) {
	o := c.observed(obsDupACK, side.Other())
	if o != nil && c.end[side.Other()].ack == s.Seq && s.Time-o.last < dupACKRecent && o.n >= 2 {
		c.observe(obsFastRetransmit, side, s.Frame, s.Time)
	}
}

// noteTail keeps what is sent again and again without an answer. Keep-alive probes between
// the copies of a FIN, which Windows sends, do not end that.
func (c *conn) noteTail(s *tcp.Segment, e, p *endpoint, kind segKind) {
	p.silence()
	if kind == segKeepalive && e.tail != nil && e.tail.kind == segRetransmit && e.tail.n >= deathCopies {
		return
	}
	switch kind {
	case segRetransmit, segKeepalive, segWindowProbe:
	case segReset:
		return
	default:
		e.silence()
		return
	}
	if e.tail == nil || e.tail.kind != kind || e.tail.seq != s.Seq {
		e.troubled().tail = &unanswered{kind: kind, seq: s.Seq, first: s.Time}
	}
	t := e.tail
	if t.n < len(t.frames) {
		t.frames[t.n] = s.Frame
	}
	if t.n > 0 {
		t.gap = s.Time - t.last
	}
	t.n++
	t.last = s.Time
}

// silence ends that e goes on without an answer.
func (e *endpoint) silence() {
	if e.tail != nil {
		e.trouble.tail = nil
	}
}
