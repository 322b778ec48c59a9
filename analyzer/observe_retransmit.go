package analyzer

import (
	"slices"

	"tcpreplay-fsm/tcp"
)

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
		e.troubled().tail = &unanswered{kind: kind, repeated: repeated{seq: s.Seq}}
	}
	e.tail.add(s)
}

// silence ends that e goes on without an answer.
func (e *endpoint) silence() {
	if e.tail != nil {
		e.trouble.tail = nil
	}
}

// noteVain keeps that s is the first segment that p waits for, sent again.
func (e *endpoint) noteVain(s *tcp.Segment, p *endpoint) {
	if s.Len == 0 || s.Seq != p.ack {
		return
	}
	if e.vain == nil || e.vain.seq != s.Seq {
		e.troubled().vain = &vain{len: s.Len, repeated: repeated{seq: s.Seq}}
	}
	e.vain.len = min(e.vain.len, s.Len)
	e.vain.add(s)
}

// unanswered is a run of segments that an endpoint sent again and again while its
// peer said nothing.
type unanswered struct {
	repeated
	kind segKind // segRetransmit, segKeepalive or segWindowProbe
}

// vain is a segment that was sent again and again and not acknowledged, whatever else the
// peer said meanwhile.
type vain struct {
	repeated
	len uint32 // of the smallest copy
}

// repeated are the copies of what was sent again and again.
type repeated struct {
	seq         tcp.Seq
	n           int
	frames      [8]int // of the first ones
	first, last int64
	gap         int64 // between the last two
}

func (r *repeated) add(s *tcp.Segment) {
	if r.n == 0 {
		r.first = s.Time
	} else {
		r.gap = s.Time - r.last
	}
	if r.n < len(r.frames) {
		r.frames[r.n] = s.Frame
	}
	r.n++
	r.last = s.Time
}

// list returns the frames kept.
func (r *repeated) list() []int { return slices.Clone(r.frames[:min(r.n, len(r.frames))]) }
