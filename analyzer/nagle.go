package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// Nagle's algorithm holds a segment that is not full back while other data is not
// acknowledged (RFC 9293 section 3.7.4), and a receiver that has nothing to say delays its
// ACK (section 3.8.6.3): where an application writes a message in two pieces, each end waits for
// the other until the receiver's timer runs out.

const (
	// A delayed ACK is 40 ms late on Linux (TCP_DELACK_MIN), 200 ms on BSD, and less than 500
	// ms anywhere.
	leastDelayedACK = int64(30 * time.Millisecond)
	mostDelayedACK  = int64(500 * time.Millisecond)
	// heldFor is by how much at most the time from that ACK to what it lets go differs from the
	// round trip to its sender.
	heldFor = int64(3 * time.Millisecond)
	// ownPace is how long after that ACK, beside heldFor, what comes tells of an application that
	// itself takes about as long as the ACK: it writes as well shortly before the ACK as behind it.
	ownPace = int64(15 * time.Millisecond)
)

// noteHeld counts s if Nagle's algorithm held it back until a delayed ACK came, leastDelayedACK
// or longer after its sender's payload before it, which passed at last and ended at nxt.
func (c *conn) noteHeld(s *tcp.Segment, side Side, nxt tcp.Seq, last int64) {
	e, p := &c.end[side], &c.end[side.Other()]
	a := &p.advance
	if s.Seq != nxt || a.to != nxt || p.payloadTime > last {
		return
	}
	size, rtt := p.largest(), c.handshakeRTT(side.Other())
	late := a.time - last - rtt
	if a.to.Sub(a.from) >= int32(size) || s.Len%size == 0 || rtt == 0 || late < leastDelayedACK || late > mostDelayedACK {
		return
	}
	switch wait := s.Time - a.time - c.handshakeRTT(side); {
	case -heldFor <= wait && wait <= heldFor:
		e.hitched().held += late
		c.observe(obsHeld, side, s.Frame, s.Time)
	case wait <= heldFor+ownPace: // below 0, it was sent before the ACK came
		e.hitched().paced++
	}
}

// noteNotHeld counts s, which e sent and which began at nxt, if it passed although it is not full
// and as little was under way up to p's acknowledgement: Nagle's algorithm would have held it
// back, but what follows urgent data (4.4BSD, tcp_output()).
func (h *hitches) noteNotHeld(s *tcp.Segment, nxt tcp.Seq, e, p *endpoint) {
	urgent := (s.Flags | e.recent[0].flags).Has(tcp.URG)
	if size := p.largest(); s.Seq == nxt && s.Len < size && uint32(nxt.Sub(p.ack)) < size && !s.Flags.Has(tcp.FIN) && !urgent {
		h.paced++
	}
}
