package analyzer

import (
	"slices"

	"tcpreplay-fsm/tcp"
)

// A SYN with a new initial sequence number on a 4-tuple that is in use may open
// a new incarnation (RFC 9293 section 3.6.1, a peer that lost its state:
// section 3.5.1), or be forged or late and draw nothing but a challenge ACK
// (section 3.10.7.4). Which it is shows only in what follows, so the new
// incarnation is kept beside the old one until then.

// startsAnew reports whether the SYN s, sent by side, may open a new incarnation.
func (c *conn) startsAnew(s *tcp.Segment, side Side) bool {
	e, p := &c.end[side], &c.end[side.Other()]
	if s.Flags.Has(tcp.ACK) {
		// A SYN,ACK alone opens one only where the capture lost the SYN.
		return e.is(hasSYN) && s.Seq != e.isn && c.ended() && s.Ack != p.isn.Add(1)
	}
	switch {
	case e.is(hasSYN) && e.isn == s.Seq:
		return c.ended() && s.Time-c.lastTime > copyGapAny && !c.opening(side) && !c.resendsSYN(s, side)
	case !e.is(hasSYN) && p.is(hasSYN) && p.opened == 0 && (!e.is(hasSeq) && !c.closing || c.opening(side.Other())):
		return false // the SYNs cross: simultaneous open (RFC 9293 section 3.5, figure 7)
	}
	return true
}

// opening reports whether side is still in SYN_SENT although RSTs were seen: its own
// answered SYN,ACKs with a wrong number, and its peer's did not acknowledge its SYN
// (RFC 9293 section 3.10.7.3). It goes on with the same SYN.
func (c *conn) opening(side Side) bool {
	e, p := &c.end[side], &c.end[side.Other()]
	if p.is(hasSYN) || int(e.resets+p.resets) > len(c.rst) {
		return false
	}
	for i := range c.rst {
		r := &c.rst[i]
		ack := r.ack
		if c.unsigned(r) {
			continue
		}
		if r.side == side {
			ack = r.seq
		} else if !r.hasACK {
			continue
		}
		if e.acknowledges(ack) {
			return false
		}
	}
	return true
}

// resendsSYN reports whether the SYN s, which side sends again by its timer, shows that
// the RSTs in its name were not its own: it is still in SYN_SENT. A new socket has
// another number (RFC 9293 section 3.4.1), a copy that the network made the same
// IP ID or timestamp.
func (c *conn) resendsSYN(s *tcp.Segment, side Side) bool {
	e, p := &c.end[side], &c.end[side.Other()]
	return e.resets > 0 && p.resets == 0 && e.opened == 0 && e.has&(hasData|hasFIN) == 0 &&
		!c.isDuplicate(s, e) && s.Time-c.lastTime > synTimeoutLeast
}

// synTimeoutLeast is how long a SYN is out at least before it is sent again:
// RFC 6298 section 2.1 says 1 s, older stacks 3 s.
const synTimeoutLeast = int64(8e8)

// followsBadSYNACK reports whether all that was seen is a SYN,ACK that its receiver
// answered with a RST, and that s is the SYN that receiver really sent: the SYN,ACK was
// an answer to something else, and the conversation begins now.
func (c *conn) followsBadSYNACK(s *tcp.Segment, side Side) bool {
	return c.roles == rolesSYNACK && side == Client && s.Flags&tcp.ACK == 0 && s.Time-c.lastTime < synRetry &&
		!c.end[Client].is(hasSeq) && c.end[Client].resets > 0 && c.end[Server].opened == 0
}

// synRetry is how long after a RST that refused a bad SYN,ACK the SYN may be sent
// again: Linux's first time-out is 1 s, and it doubles.
const synRetry = int64(4e9)

// begin takes what was seen so far for what preceded the conversation.
func (c *conn) begin() {
	for i := range c.log {
		if en := &c.log[i]; en.side == Server {
			en.bits |= entryDropped
			c.observe(obsBadSYNACK, Server, en.frame, en.time)
		}
	}
	c.end[Server] = endpoint{segments: c.end[Server].segments, resets: c.end[Server].resets, recent: c.end[Server].recent, trouble: &noTrouble}
	c.roles, c.closing = rolesSYN, false
}

// refusedAhead reports whether all that was seen is a RST that acknowledges the SYN s, which
// follows at once: the capture holds the two out of order.
func (c *conn) refusedAhead(s *tcp.Segment, side Side) bool {
	p := &c.end[side.Other()]
	if s.Flags.Has(tcp.ACK) || c.end[side].segments > 0 || p.segments > p.resets || len(c.rst) == 0 {
		return false
	}
	r := &c.rst[len(c.rst)-1]
	return r.hasACK && r.ack == s.End() && s.Time-r.time <= captureDisorder
}

// ended reports whether the conversation has seen its last: a RST, or FINs from
// both sides.
func (c *conn) ended() bool {
	return c.end[0].resets+c.end[1].resets > 0 || c.end[0].is(hasFIN) && c.end[1].is(hasFIN)
}

// over reports whether the conversation has ended by what its numbers tell: FINs from both
// sides, or a RST at the next number of its sender, which its receiver takes.
func (c *conn) over() bool {
	if c.end[0].is(hasFIN) && c.end[1].is(hasFIN) || int(c.end[0].resets+c.end[1].resets) > len(c.rst) {
		return c.ended()
	}
	return slices.ContainsFunc(c.rst, func(r resetSeen) bool { return !c.unsigned(&r) && (r.seq == r.edge || r.hasACK && r.reply) })
}

// decideCopy is decide where the SYN of n is a copy of the one before. It may find
// a listener, which answers with a SYN,ACK of its own; that is an endpoint with no
// peer.
func (n *conn) decideCopy(s *tcp.Segment) fate {
	c := n.prior
	side := n.sideOf(s)
	e, p := &n.end[side], &n.end[side.Other()]
	opener := side == n.sideOf(n.syn)
	switch {
	case s.Flags.Has(tcp.SYN):
		if !opener && s.Flags.Has(tcp.ACK) && s.Seq == c.end[c.sideOf(s)].isn {
			return fateOpened // sent again, as recorded
		}
		return fateNew
	case s.Flags.Has(tcp.RST|tcp.ACK) && !opener && !e.is(hasSYN) && s.Seq == 0 && s.Ack == n.syn.End():
		return fateBogus // refused: it found no listener either
	case !opener || !p.is(hasSYN):
		return fateOld
	case s.Flags.Has(tcp.RST) && s.Seq == e.isn.Add(1):
		return fateNew
	case s.Seq == e.isn.Add(1) && s.Ack == p.nxt:
		return fateOpened
	}
	return fateOld
}

// fate says what a segment means for an incarnation that is not yet certain.
type fate uint8

const (
	fateOld    fate = iota // it belongs to the old incarnation; nothing is decided
	fateNew                // it belongs to the new one; nothing is decided
	fateOpened             // it belongs to the new one and proves it
	fateBogus              // it belongs to the old one, which lives on: the SYN was not for real
)

// decide tells for n, whose prior incarnation is still kept, what s means.
func (n *conn) decide(s *tcp.Segment) fate {
	if n.copied {
		return n.decideCopy(s)
	}
	c := n.prior
	side := n.sideOf(s)
	e := &n.end[side]
	opener := e.is(hasSYN) // this side sent the new SYN
	switch {
	case n.keyOfPrior(s):
		return fateBogus
	case s.Flags.Has(tcp.SYN):
		if !opener && s.Flags.Has(tcp.ACK) {
			switch old := &c.end[c.sideOf(s).Other()]; {
			case s.Ack == n.end[side.Other()].isn.Add(1):
				return fateOpened
			case old.is(hasSYN) && s.Ack == old.isn.Add(1):
				return fateOld // it answers the SYN before (RFC 9293 section 3.10.7.2)
			case !c.fits(s):
				return fateOpened
			}
			return fateOld
		}
		if old := &c.end[c.sideOf(s)]; opener && s.Flags.Has(tcp.ACK) && s.Seq != e.isn && old.is(hasSYN) && s.Seq == old.isn {
			return fateBogus // its SYN,ACK repeats the number of its SYN: that one crossed another (RFC 9293 section 3.5)
		}
		if n.syn.Flags.Has(tcp.ACK) && s.Flags&tcp.ACK == 0 && n.syn.Ack == s.Seq.Add(1) && s.Time-n.syn.Time <= captureDisorder {
			return fateOpened // it was recorded after its answer
		}
		return fateNew
	case s.Flags.Has(tcp.RST):
		switch {
		case opener && n.abortsOld(s):
			return fateBogus
		case opener:
		case s.Flags.Has(tcp.ACK) && n.meetsHandshake(s):
			return fateBogus
		case s.Flags.Has(tcp.ACK) && (!c.fits(s) || s.Seq == 0 && s.Window == 0 && s.Ack == n.syn.End()):
			return fateOpened // the new SYN was refused
		case n.syn.Flags.Has(tcp.ACK) && s.Seq == n.syn.Ack && s.Flags&tcp.ACK == 0:
			if c.sideOf(n.syn) == Client {
				return fateBogus // nobody listens there
			}
			return fateOpened // the new SYN,ACK was refused
		}
		return fateOld
	case !opener && n.syn.Flags.Has(tcp.ACK) && c.fits(s) && s.Ack.LessEq(c.end[c.sideOf(s).Other()].nxt):
		return fateBogus // the old connection answers a SYN,ACK that came alone
	case !opener:
		return fateOld // a challenge ACK, or the old connection talking
	case s.Seq == e.nxt && (!c.fits(s) || s.Flags.Has(tcp.ACK) && c.end[c.sideOf(s).Other()].nxt.Less(s.Ack)):
		return fateOpened // the capture lost the SYN,ACK, or recorded it later
	case c.fits(s):
		return fateBogus
	}
	return fateOpened
}

// abortsOld reports whether s is the RST by which the socket of the old incarnation aborts,
// some time after n's SYN passed in its name: it lives, and a host has one socket for a
// 4-tuple.
func (n *conn) abortsOld(s *tcp.Segment) bool {
	c := n.prior
	side := c.sideOf(s)
	return s.Flags.Has(tcp.ACK) && s.Time-n.syn.Time > captureDisorder && c.end[side].is(hasSeq) && s.Seq == c.end[side].nxt && s.Ack == c.end[side.Other()].nxt
}

// meetsHandshake reports whether the RST s, which acknowledges n's SYN, is that of SYN_RCVD
// of the old incarnation, in the window of which the SYN lies: Linux ends SYN_RCVD so
// (tcp_check_req()), as RFC 793 section 3.9 had it.
func (n *conn) meetsHandshake(s *tcp.Segment) bool {
	c := n.prior
	side := c.sideOf(s)
	e, p := &c.end[side], &c.end[side.Other()]
	return !c.over() && e.resets == 0 && c.sentSYNs(side, true) && e.is(hasWindow) && e.opened == 0 && p.is(hasSYN) && n.syn.Seq.InWindow(p.isn.Add(1), max(uint32(e.window), 1)) && s.Ack == n.syn.End()
}

// metOnlyOld reports whether n is but a SYN that the old incarnation answered with an ACK,
// and its sender not that with a RST, as SYN_SENT does (RFC 9293 section 3.10.7.3): it was
// forged, or old.
func (n *conn) metOnlyOld() bool {
	return !n.listed && !n.copied && len(n.log) == 1 && n.log[0].is(entryElsewhere) && n.end[0].resetsElsewhere+n.end[1].resetsElsewhere == 0
}

// metOld notes that the old incarnation answered the SYNs sent so far with the
// challenge ACK s: they opened nothing (RFC 9293 section 3.10.7.4).
func (n *conn) metOld(s *tcp.Segment) {
	side := n.sideOf(s)
	for i := range n.log {
		if en := &n.log[i]; en.side != side && en.flags.Has(tcp.SYN) {
			en.bits |= entryElsewhere
		}
	}
	n.prior.observe(obsChallengeACK, n.prior.sideOf(s), s.Frame, s.Time)
	n.observe(obsChallengeACK, side, s.Frame, s.Time)
}

// fits reports whether s continues what its sender sent in this incarnation.
func (c *conn) fits(s *tcp.Segment) bool {
	e := &c.end[c.sideOf(s)]
	d := s.Seq.Sub(e.nxt)
	return e.is(hasSeq) && -near < d && d < near
}
