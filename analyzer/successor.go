package analyzer

import "tcpreplay-fsm/tcp"

// succeed begins a new incarnation of c's 4-tuple at the SYN s.
func (a *Analyzer) succeed(c *conn, s *tcp.Segment) *conn {
	switch {
	case c.prior == nil:
	case c.guesses(s):
		c = a.mergeIntoPrior(c)
	default:
		c = a.parted(c)
	}
	n := a.open(s)
	a.table.replace(c, n)
	syn := *s
	syn.Payload = nil
	c.seldomly().heir = n
	m := n.seldomly()
	m.prior, m.syn = c, &syn
	if m.copied = c.copiesSYN(s, c.sideOf(s)); c.over() && !m.copied && !s.Flags.Has(tcp.ACK) {
		a.list(n) // whatever becomes of it, it is not the old connection's
	}
	return n
}

// settle finds out to which of n and its prior incarnation s belongs.
func (a *Analyzer) settle(n *conn, s *tcp.Segment) *conn {
	switch n.decide(s) {
	case fateOld:
		if s.Flags.Has(tcp.ACK) && !s.Flags.Any(tcp.SYN|tcp.RST) {
			n.metOld(s)
		}
		if side := n.sideOf(s); s.Flags.Has(tcp.RST) && n.end[side].is(hasSYN) {
			n.end[side].troubled().resetsElsewhere++ // the new socket's answer to the old connection's ACK
		}
		return n.prior
	case fateOpened:
		a.confirm(n, s.Flags.Has(tcp.SYN|tcp.ACK))
	case fateBogus:
		if n.listed {
			c := n.prior
			a.table.replace(n, c)
			n.prior, c.heir = nil, nil
			a.finish(n)
			return c
		}
		c := a.mergeIntoPrior(n)
		if s.Flags.Has(tcp.RST) && !s.Tuple.Equal(&n.syn.Tuple) {
			c.end[c.sideOf(n.syn)].remember(n.syn) // s answers it
		}
		return c
	}
	return n
}

// guesses reports whether s is another SYN with another number, sooner than n's would
// be sent again or given up, while nothing answered that, and the prior incarnation
// was open: they are not of a socket, which keeps its number (RFC 9293 section 3.4.1),
// but of who guesses one (RFC 5961 section 4).
func (n *conn) guesses(s *tcp.Segment) bool {
	return !n.copied && !n.listed && !n.prior.ended() && s.Flags&tcp.ACK == 0 && s.Tuple.Equal(&n.syn.Tuple) &&
		n.syn.Flags&tcp.ACK == 0 && s.Seq != n.syn.Seq && s.Time-n.syn.Time < synTimeoutLeast && !n.end[n.sideOf(s).Other()].is(hasSYN)
}

// mergeIntoPrior gives what came with a SYN that opened nothing to the prior incarnation of
// n, and returns that.
func (a *Analyzer) mergeIntoPrior(n *conn) *conn {
	c := n.prior
	a.table.replace(n, c)
	n.prior, c.heir = nil, nil
	c.takeForeign(n)
	a.drop(n)
	return c
}

// confirm makes n certain; its prior incarnation is over. Whether its SYN was answered
// with a SYN,ACK is told by answered.
func (a *Analyzer) confirm(n *conn, answered bool) {
	c := n.prior
	a.accept(n)
	c.succ.answered = answered
	a.finish(c)
}

// accept works out what n met in its prior incarnation, and parts them.
func (a *Analyzer) accept(n *conn) {
	n.meets(int64(a.o.TimeWait))
	n.prior.heir, n.prior, n.syn = nil, nil, nil
	switch {
	case !n.listed:
		a.list(n)
	case n.id >= 0:
		n.reuse.numbered()
	}
}

// parted ends that n waits for what becomes of its prior incarnation, and returns
// which of the two is left.
func (a *Analyzer) parted(n *conn) *conn {
	if !n.copied {
		a.confirm(n, false)
		return n
	}
	c := n.prior
	left := a.settleCopy(n)
	if left == n {
		a.finish(c)
	}
	return left
}

// settleCopy makes a conversation of n, which a late copy of the SYN of its prior
// incarnation began, if it was answered; else it belongs to that one. Returns which
// is left.
func (a *Analyzer) settleCopy(n *conn) *conn {
	c := n.prior
	if !n.end[n.sideOf(n.syn).Other()].is(hasSYN) {
		return a.mergeIntoPrior(n)
	}
	for i := range n.log {
		if en := &n.log[i]; en.flags&(tcp.SYN|tcp.ACK) == tcp.SYN {
			en.bits |= entryOld // not sent anew
		}
	}
	c.heir, n.prior, n.syn = nil, nil, nil
	a.list(n)
	return n
}

// takeForeign takes in the segments of n, which turned out not to open anything.
func (c *conn) takeForeign(n *conn) {
	turned := n.tuple != c.tuple
	for x := range n.end {
		side := Side(x)
		if turned {
			side = side.Other()
		}
		c.end[side].segments += n.end[x].segments
		c.end[side].resets += n.end[x].resets
	}
	c.observe(obsSYNInConnection, c.sideOf(n.syn), n.syn.Frame, n.syn.Time)
	c.rows.foreign(n.rows, turned)
}
