package analyzer

import "tcpreplay-fsm/tcp"

// meter gathers the measures of what one endpoint sent while its segments pass.
// What few endpoints need is behind pointers.
type meter struct {
	unique       uint64 // payload in bytes
	payload      uint64 // with copies
	firstData    int64  // when its first payload passed
	dataSegments uint32 // with new payload
	flight       uint32 // most bytes under way
	initial      uint32 // bytes sent before the first ACK of any
	waitsFor     limit
	waits        [3]int64 // by limit

	timed    timedSegments
	rtt      rttSamples
	*hitches // nil if there was none
}

func (e *endpoint) metered() *meter {
	if e.meter == nil {
		e.meter = spareMeters.Get().(*meter)
	}
	return e.meter
}

// bytes is the payload it sent, without copies.
func (e *endpoint) bytes() uint64 {
	if e.meter == nil {
		return 0
	}
	return e.meter.unique
}

// retransmissions is how many segments it sent again.
func (e *endpoint) retransmissions() int {
	if e.meter == nil || e.meter.hitches == nil {
		return 0
	}
	n := e.meter.again.n
	return n[byTimeout] + n[byFast] + n[byTail] + n[byOther]
}

// hitches is what an endpoint has whose segments did not all pass at once.
type hitches struct {
	sacks  uint32    // segments with SACK blocks it sent
	dsacks uint32    // those that report a duplicate
	sacked uint32    // the most bytes in a row that it reported beyond its acknowledgement
	zero   stopwatch // its own window was closed
	full   stopwatch // its peer's window was filled
	held   int64     // how long it held payload back until delayed ACKs came (nagle.go)
	paced  uint32    // how often it sent what does not wait for them at about that time
	again  resent
}

// stopwatch adds up spans of time.
type stopwatch struct {
	sum, since int64
	on         bool
}

func (w *stopwatch) start(now int64) {
	if !w.on {
		w.since, w.on = now, true
	}
}

func (w *stopwatch) stop(now int64) { w.sum, w.on = w.total(now), false }

// total is the sum so far, when it is now.
func (w *stopwatch) total(now int64) int64 {
	if !w.on {
		return w.sum
	}
	return w.sum + max(0, now-w.since)
}

func (e *endpoint) hitched() *hitches {
	m := e.metered()
	if m.hitches == nil {
		m.hitches = &hitches{}
	}
	return m.hitches
}

// measure takes in a segment that its receiver does not drop, and that is no
// probe, after its numbers were taken in. Before it came, the sender's SND.NXT was
// nxt, and it had last sent payload at last.
func (c *conn) measure(s *tcp.Segment, side Side, kind segKind, nxt tcp.Seq, last int64) {
	e, p := &c.end[side], &c.end[side.Other()]
	if s.Flags.Has(tcp.SYN) && s.Len == 0 {
		return
	}
	if s.Flags.Has(tcp.ACK) {
		if p.meter != nil && e.advance.frame == s.Frame {
			if sent, ok := p.meter.timed.acked(e.ack); ok {
				p.meter.rtt.add(s.Time - sent)
			}
		}
		if s.Options.SACKBlocks > 0 {
			h := e.hitched()
			h.sacks++
			duplicate := reportsDuplicate(s, p)
			if duplicate {
				h.dsacks++
			}
			for i, b := range s.Options.SACK[:min(int(s.Options.SACKBlocks), len(s.Options.SACK))] {
				if i > 0 || !duplicate {
					h.sacked = max(h.sacked, uint32(max(0, b.Right.Sub(b.Left))))
				}
			}
		}
		if !s.Flags.Has(tcp.SYN) {
			c.measureWindow(s, e, p)
		}
	} else if !s.Flags.Has(tcp.SYN) {
		return
	}
	if s.SeqLen() == 0 {
		return
	}
	m := e.metered()
	if s.Len > 0 {
		m.flight = max(m.flight, c.underWay(side))
		if m.payload == 0 {
			m.firstData, last = s.Time, s.Time
		}
		m.payload += uint64(s.Len)
		if e.is(hasSYN) && (!p.is(hasACK) || p.ack.LessEq(e.origin().Add(1))) {
			m.initial = uint32(m.unique)
		}
		m.attribute(c, s, side, kind, nxt, last)
	}
	switch kind {
	case segData, segSYN:
		if !p.is(hasACK) || p.ack.Less(s.End()) {
			m.timed.add(s.End(), s.Time)
		}
	default:
		if p.ack.Less(s.End()) && !c.isDuplicate(s, e) {
			m.timed.forget(s.Seq)
		}
	}
}

// underWay is how many bytes side has sent that its peer has not acknowledged,
// from the highest of each; SYN and FIN are no bytes.
func (c *conn) underWay(side Side) uint32 {
	e, p := &c.end[side], &c.end[side.Other()]
	una := p.ack
	switch {
	case !e.is(hasSeq), !p.is(hasACK) && !e.is(hasSYN):
		return 0
	case !p.is(hasACK):
		una = e.origin().Add(1) // data in a SYN or before the first ACK
	}
	if e.is(hasFIN) {
		una++
	}
	return uint32(max(0, e.top.Sub(una)))
}

// reportsDuplicate tells a D-SACK (RFC 2883 section 4) of what p sent: its first block
// lies below what is acknowledged, or within the second block. One of p's SYN is left
// out: each SYN,ACK of a simultaneous open repeats one that has arrived.
func reportsDuplicate(s *tcp.Segment, p *endpoint) bool {
	b := &s.Options.SACK
	if p.is(hasSYN) && b[0].Left == p.isn {
		return false
	}
	return b[0].Right.LessEq(s.Ack) || s.Options.SACKBlocks > 1 && b[1].Left.LessEq(b[0].Left) && b[0].Right.LessEq(b[1].Right)
}

// measureWindow takes in the window that e advertises in s.
func (c *conn) measureWindow(s *tcp.Segment, e, p *endpoint) {
	w := e.windowBytes()
	shut := e.meter != nil && e.meter.hitches != nil && e.meter.zero.on
	if e.windowMax == 0 && e.windowMin == 0 && !shut {
		e.windowMin = w
	}
	e.windowMin, e.windowMax = min(e.windowMin, w), max(e.windowMax, w)
	switch {
	case w == 0:
		e.hitched().zero.start(s.Time)
	case shut:
		e.meter.zero.stop(s.Time)
	}
	if m := p.meter; m != nil && m.hitches != nil && m.full.on && p.nxt.Less(e.ack.Add(w)) {
		m.full.stop(s.Time)
	}
}

// resent counts what was sent again.
type resent struct {
	n       [4]int // by trigger
	bytes   uint64
	recover tcp.Seq // SND.NXT when the repair began (RFC 6582 section 3.2)
	trigger trigger
}

// trigger is what made an endpoint send something again.
type trigger uint8

const (
	byTimeout trigger = iota
	byFast
	byTail
	byOther
)

const (
	// minRTO is the shortest retransmission time-out in use: Linux has 200 ms
	// (TCP_RTO_MIN) where RFC 6298 section 2.4 says 1 s.
	minRTO = int64(200e6)
	// dupACKRecent is for how long after the last duplicate ACK a retransmission is
	// an answer to it.
	dupACKRecent = int64(100e6)
)

// resend counts s as a retransmission.
func (c *conn) resend(s *tcp.Segment, side Side) {
	e, p := &c.end[side], &c.end[side.Other()]
	a := &e.hitched().again
	a.bytes += uint64(s.Len)
	quiet := s.Time - max(e.time, p.time)
	repairing := a.n != [4]int{} && s.Seq.Less(a.recover) && p.ack.Less(a.recover)
	dups := c.observed(obsDupACK, side.Other())
	holes := p.recent[0].frame != 0 && dups != nil && s.Time-dups.last < dupACKRecent
	switch {
	case holes && (dups.n >= 2 || repairing):
		a.trigger = byFast
	case !holes && !repairing && c.probesTail(s, side, quiet):
		a.trigger = byTail
	case quiet >= minRTO:
		a.trigger = byTimeout
	case !repairing:
		a.trigger = byOther
	}
	if !repairing {
		a.recover = e.nxt
	}
	a.n[a.trigger]++
}

// probesTail tells a tail loss probe (RFC 8985 section 7.3) from the retransmission
// timer: when nothing was heard for a while, it sends the last segment again, where
// the timer sends the first one that is not acknowledged (RFC 6298 section 5.4).
// Where that is the same one, the probe comes sooner, after about two round trips.
func (c *conn) probesTail(s *tcp.Segment, side Side, quiet int64) bool {
	e, p := &c.end[side], &c.end[side.Other()]
	if s.End() != e.nxt || !p.is(hasACK) || s.Flags.Has(tcp.SYN) {
		return false
	}
	if p.ack.Less(s.Seq) {
		return true
	}
	rtt := c.handshakeRTT(Client) + c.handshakeRTT(Server)
	return rtt > 0 && quiet >= rtt && quiet < minRTO
}
