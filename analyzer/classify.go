package analyzer

import (
	"slices"
	"time"

	"tcpreplay-fsm/tcp"
)

// segKind is what a segment is, as told by its numbers against those before it.
type segKind uint8

const (
	segPlain       segKind = iota // an acknowledgement, nothing else
	segSYN                        // SYN or SYN,ACK
	segReset                      // RST
	segData                       // payload or FIN, new
	segFill                       // payload or FIN, new, but below what passed before: out of order
	segRetransmit                 // payload or FIN, all of which passed before
	segRepacked                   // payload that begins with what passed before and goes beyond all that did
	segKeepalive                  // keep-alive probe
	segWindowProbe                // zero-window probe
	segDropped                    // its receiver must drop it (PAWS)
	segMisSigned                  // its receiver must drop it, as it is not signed as its alleged sender signs
	segBadSYNACK                  // a SYN,ACK that acknowledges something else than the SYN
	segForeign                    // not of this connection, which has begun otherwise: another SYN,ACK, or no ACK
)

// classify tells what s is before any of its numbers are taken in.
func (c *conn) classify(s *tcp.Segment, side Side) segKind {
	e, p := &c.end[side], &c.end[side.Other()]
	switch {
	case s.Flags.Has(tcp.RST):
		return segReset
	case s.Flags.Has(tcp.SYN|tcp.ACK) && p.is(hasSYN) && s.Ack != p.isn+1 && !p.acknowledges(s.Ack) && !c.crossesSYN(s, side):
		return segBadSYNACK // RFC 9293 section 3.10.7.3
	case s.Flags.Has(tcp.SYN|tcp.ACK) && e.is(hasSYN) && s.Seq != e.isn && p.opened > 0:
		return segForeign // RFC 9293 section 3.10.7.4: answered with a challenge ACK
	case !s.Flags.Any(tcp.SYN|tcp.ACK) && (e.is(hasSYN) || p.is(hasSYN)):
		return segForeign // dropped in every state (sections 3.10.7.2 to 3.10.7.4)
	case s.Flags.Has(tcp.SYN):
		return segSYN
	case s.Flags.Has(tcp.FIN) && c.impossible(s, side):
		return segForeign
	case !e.is(hasSeq):
		if s.SeqLen() > 0 {
			return segData
		}
		return segPlain
	}
	if k := c.probe(s, e, p); k != segPlain {
		return k
	}
	end := s.End()
	if end == s.Seq {
		return segPlain
	}
	// RFC 7323 section 5.3: a segment whose timestamp is older than the last one
	// received in order is an old duplicate and dropped. One that was merely
	// overtaken is not judged: its bytes lie below what passed.
	if e.is(hasTS) && s.Options.Has(tcp.OptTimestamps) && int32(e.tsRecent-s.Options.TSVal) > 0 &&
		e.contiguous().LessEq(s.Seq) {
		return segDropped
	}
	switch {
	case c.refusedBefore(s, side):
		return segData
	case e.passed.Contains(s.Seq, end):
		return segRetransmit
	case s.Seq.Less(e.top) && e.top.Less(end) && e.passed.Contains(s.Seq, e.top):
		return segRepacked
	case s.Seq.Less(e.top):
		return segFill
	}
	return segData
}

// refusedBefore reports whether s begins with the byte by which its sender has just probed a
// closed window, which has opened since: that had been refused (RFC 9293 section 3.10.7.4: in
// a window of 0 no byte is acceptable), and is sent for the first time that counts.
func (c *conn) refusedBefore(s *tcp.Segment, side Side) bool {
	e, p := &c.end[side], &c.end[side.Other()]
	if s.Seq != p.ack || p.window == 0 {
		return false
	}
	o := c.observed(obsWindowProbe, side)
	if o == nil {
		return false
	}
	for i := range e.recent {
		if r := &e.recent[i]; r.len > 0 {
			return r.frame == o.lastFrame && r.seq == s.Seq
		}
	}
	return false
}

// impossible reports whether the FIN s has the number of its sender's SYN, of a byte or one out of
// reach, or acknowledges what is far from all its peer sent: its receiver drops it (RFC
// 9293 section 3.10.7.4, first and fifth check), and it is not its sender's.
func (c *conn) impossible(s *tcp.Segment, side Side) bool {
	e, p := &c.end[side], &c.end[side.Other()]
	if e.is(hasSYN) && (s.Seq.LessEq(e.origin()) || c.outOfReach(s.Seq, side, s.Time)) {
		return true
	}
	if e.numbersByte(s.End() - 1) {
		return true
	}
	return p.is(hasSYN) && (c.outOfReach(s.Ack, side.Other(), s.Time) || p.origin().Sub(s.Ack) > near)
}

// numbersByte reports whether n is the number of a payload byte, and no FIN's: it passed, before
// any FIN, and the sender went on to higher ones; else the byte may be the forged one.
func (e *endpoint) numbersByte(n tcp.Seq) bool {
	return !e.is(hasFIN) && e.is(hasData) && e.lost == nil && e.passed.Contains(n, n+1) &&
		slices.ContainsFunc(e.recent[:], func(r recent) bool { return r.flags&(tcp.ACK|tcp.RST) == tcp.ACK && n.Less(r.seq) })
}

// sentEarlier reports whether s was sent before something its sender was seen to
// send earlier: a sender's acknowledgement and its timestamp never go back
// (RFC 9293 section 3.10.7.4, RFC 7323 section 4.1). Of SYN,ACKs only those with its
// number compare.
func (c *conn) sentEarlier(s *tcp.Segment, e *endpoint) bool {
	if s.Flags.Has(tcp.RST) || !s.Flags.Has(tcp.ACK) || s.Flags.Has(tcp.SYN) && s.Seq != e.isn {
		return false
	}
	return !s.Flags.Has(tcp.SYN) && e.is(hasACK) && e.beyond == nil && s.Ack.Less(e.ack) ||
		e.is(hasTS) && s.Options.Has(tcp.OptTimestamps) && int32(e.tsRecent-s.Options.TSVal) > 0
}

// probe tells keep-alive probes from zero-window probes and from everything
// else: a segment of at most one byte just below SND.NXT, all of it already
// acknowledged, is a zero-window probe if the peer's window is closed
// (RFC 9293 section 3.8.6.1) and a keep-alive if not (section 3.8.4). BSD probes a
// closed window with the next byte, the first time as new data (see note). Any
// other byte not yet acknowledged is a retransmission.
func (c *conn) probe(s *tcp.Segment, e, p *endpoint) segKind {
	if s.Len > 1 || s.Flags.Has(tcp.FIN) || !s.Flags.Has(tcp.ACK) {
		return segPlain
	}
	closed := p.is(hasWindow) && p.window == 0
	if closed && s.Len == 1 && s.Seq == e.nxt {
		return segPlain // BSD's, which is data
	}
	if e.is(hasFIN) {
		return c.probeAfterFIN(s, e, p)
	}
	if s.Seq != e.nxt-1 || e.nxt != e.top {
		return segPlain
	}
	acked := !p.is(hasACK) || e.nxt.LessEq(p.ack)
	switch {
	case closed && (acked || s.Len == 1 && s.Seq == p.ack):
		return segWindowProbe // the second is BSD's, sent again
	case acked && (s.Len == 0 || s.Time-e.payloadTime >= leastKeepalive):
		return segKeepalive
	}
	return segPlain // a byte sent again so soon had its ACK lost
}

// leastKeepalive is the shortest time between keep-alive probes: those that can be set count
// seconds, and Windows repeats an unanswered one after one.
const leastKeepalive = int64(time.Second) * 9 / 10

// probeAfterFIN is probe for a sender that has closed: it probes just below SND.UNA after
// silence of its peer (Linux, tcp_keepalive_timer() and tcp_xmit_probe_skb()). Windows does
// so while its FIN is not acknowledged as well, with a byte. What passes there sooner was
// sent before the FIN.
func (c *conn) probeAfterFIN(s *tcp.Segment, e, p *endpoint) segKind {
	if !p.is(hasACK) || s.Seq != p.ack-1 || p.ack.Less(e.top-1) || s.Len == 0 && p.ack != e.top {
		return segPlain
	}
	if s.Ack != e.ack || s.Time-p.time < leastKeepalive || p.is(hasWindow) && p.window == 0 {
		return segPlain
	}
	for i := range e.recent {
		if r := &e.recent[i]; r.len == 1 && r.seq == s.Seq && r.time < p.advance.time {
			return segPlain // data that was acknowledged since: it is sent again
		}
	}
	return segKeepalive
}
