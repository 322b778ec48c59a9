package analyzer

import "tcpreplay-fsm/tcp"

// unopened reports whether entry i, which only an end of a connection sends, is not of its
// alleged sender, as that has none yet: its SYN was refused, it goes on with its SYN, or
// its peer, which sent nothing but a SYN, answers with a RST.
func (c *conn) unopened(i int) bool {
	en := &c.log[i]
	return en.alive() && c.roles == rolesSYN && (c.followsRefusal(en) || c.goesOnOpening(i) || c.resetByClient(en))
}

// followsRefusal reports whether en belongs to a connection that was never opened: no SYN,ACK
// passed, nor anything but a RST that refuses the client's SYN (RFC 9293 section 3.10.7.1).
func (c *conn) followsRefusal(en *entry) bool {
	e, p := &c.end[Client], &c.end[Server]
	if p.is(hasSYN) || en.side == Server && (e.opened > 0 || en.ack != e.origin().Add(1)) || en.side == Client && (p.opened > 0 || e.opened > 1 && e.is(hasData)) {
		return false
	}
	return c.log.first(Server, func(o *entry) bool {
		return o.frame < en.frame && o.flags.Has(tcp.RST|tcp.ACK) && o.ack == e.origin().Add(1)
	}) != nil
}

// resetByClient reports whether en is payload or a FIN of a server no SYN,ACK of which
// passed, while the client sent nothing but its SYN, and answers en with a RST.
func (c *conn) resetByClient(en *entry) bool {
	if en.side != Server || c.end[Server].is(hasSYN) || c.end[Client].opened > 0 || en.end == en.seq || en.ack != c.end[Client].origin().Add(1) {
		return false
	}
	return c.answeredByReset(en)
}

// answeredByReset reports whether en's peer answers it with a RST.
func (c *conn) answeredByReset(en *entry) bool {
	return c.log.first(en.side.Other(), func(o *entry) bool {
		return o.frame > en.frame && o.flags&(tcp.RST|tcp.ACK) == tcp.RST && o.seq == en.ack
	}) != nil
}

// goesOnOpening reports whether the sender of entry i sends its SYN or SYN,ACK again later,
// by its timer, to which it had no answer: it is in SYN_SENT or SYN_RCVD still (RFC 9293
// section 3.8.1). A server with Fast Open sends before that is over (RFC 7413 section 4.2),
// as does who closes where SYNs crossed.
func (c *conn) goesOnOpening(i int) bool {
	en := &c.log[i]
	if c.facts&(factSYNDataAcked|factSYNData) != 0 {
		return false
	}
	var last *entry
	for j := range c.log {
		o := &c.log[j]
		syn, ack := o.flags.Has(tcp.SYN), o.flags.Has(tcp.ACK)
		switch {
		case o.side != en.side:
			if en.side == Client && ack && !o.flags.Has(tcp.RST) || en.side == Server && (!syn && o.alive() || j > i && syn) {
				return false // it has an answer, or answers itself
			}
		case !syn:
		case ack != (en.side == Server):
			return false // SYNs crossed
		case j > i && o.time-en.time > captureDisorder && (last == nil && ack || last != nil && o.seq == last.seq && o.time-last.time >= synTimeoutLeast && !c.doubled(j)):
			return true
		default:
			last = o
		}
	}
	return false
}

// precedesSYN reports whether en passed before every SYN of its sender.
func (c *conn) precedesSYN(en *entry) bool {
	return c.log.first(en.side, func(o *entry) bool {
		return o.frame < en.frame && o.flags.Has(tcp.SYN) && !c.otherSYN(o)
	}) == nil
}

// pastEnd reports whether entry i carries what a FIN that passed before in its sender's name
// leaves no number for, and its sender had been reset in between: the FIN came first.
func (c *conn) pastEnd(i int) bool {
	en := &c.log[i]
	if !en.alive() || en.end == en.seq || !en.is(entryEnded) {
		return false
	}
	return c.log[:i].first(en.side, func(o *entry) bool {
		return o.flags&(tcp.FIN|tcp.RST) == tcp.FIN && o.bits&(entryDropped|entryEnded) == 0 && o.end.Less(en.end)
	}) != nil
}

// markEnded marks what of side's passed longer than a round trip after a RST with the next
// number of its peer: it had no connection any more.
func (c *conn) markEnded(side Side) {
	rtt := c.handshakeRTT(side)
	var reset *entry // the earliest so far
	for i := range c.log {
		switch en := &c.log[i]; {
		case en.side == side:
			if reset != nil && en.time-reset.time > rtt {
				en.bits |= entryEnded
			}
		case en.flags.Has(tcp.RST) && en.seq == en.edge && (reset == nil || en.time < reset.time):
			reset = en
		}
	}
}
