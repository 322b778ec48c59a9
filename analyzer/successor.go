package analyzer

import "tcpreplay-fsm/tcp"

// succeed begins a new incarnation of c's 4-tuple at the SYN s.
func (a *Analyzer) succeed(c *conn, s *tcp.Segment) *conn {
	if c.prior != nil {
		c = a.parted(c)
	}
	n := a.open(s)
	a.table.replace(c, n)
	syn := *s
	syn.Payload = nil
	c.seldomly().heir = n
	m := n.seldomly()
	m.prior, m.syn = c, &syn
	if m.copied = c.again(s, c.sideOf(s)); c.ended() && !m.copied && !s.Flags.Has(tcp.ACK) {
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
		a.confirm(n)
	case fateBogus:
		c := n.prior
		a.table.replace(n, c)
		n.prior, c.heir = nil, nil
		if n.listed {
			a.finish(n)
			return c
		}
		c.takeForeign(n)
		a.drop(n)
		return c
	}
	return n
}

// confirm makes n certain; its prior incarnation is over.
func (a *Analyzer) confirm(n *conn) {
	c := n.prior
	a.accept(n)
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
		n.reuse.Prior, n.reuse.prior = int(n.reuse.prior.id), nil
	}
}

// parted ends that n waits for what becomes of its prior incarnation, and returns
// which of the two is left.
func (a *Analyzer) parted(n *conn) *conn {
	if !n.copied {
		a.confirm(n)
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
		a.table.replace(n, c)
		n.prior, c.heir = nil, nil
		c.takeForeign(n)
		a.drop(n)
		return c
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
