package analyzer

import (
	"time"

	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

// overtakingLimit is how far behind its SYN,ACK an overtaken SYN may pass: a socket sends
// nothing again so soon (Linux, TCP_RTO_MIN is 200 ms).
const overtakingLimit = int64(150 * time.Millisecond)

// Where two SYNs cross, each end answers with a SYN,ACK that repeats the number of its
// SYN (RFC 9293 section 3.5, figure 7, and section 3.10.7.3). A SYN,ACK with another
// number is that of a listener: the SYN in its name was forged, though who received it
// took it.

// synsCross reports whether both sides sent a SYN without ACK: simultaneous open.
func (c *conn) synsCross() bool {
	syn := func(en *entry) bool {
		return en.flags&(tcp.SYN|tcp.ACK) == tcp.SYN && !en.is(entryForged) && !c.behindOpening(en)
	}
	return c.log.first(Server, syn) != nil && c.log.first(Client, syn) != nil
}

// behindOpening reports whether the SYN en passed after others of its sender, who was past
// SYN_SENT by then, and so late that they did not overtake it, as no older timestamp says that
// they did: it is another's, or a copy.
func (c *conn) behindOpening(en *entry) bool {
	for i := range c.log {
		w := &c.log[i]
		switch {
		case w == en:
			return false
		case w.side != en.side || w.bits&(entryDropped|entryForged) != 0 || en.stampedBefore(w):
		case w.alive() || w.flags.Has(tcp.SYN|tcp.ACK) && en.time-w.time > overtakingLimit:
			return true
		}
	}
	return false
}

// deniesSYN reports whether the SYN,ACK s of side shows that the SYNs in its name, all
// that was seen of it, were not its own. A client's must answer the other's SYN to do so.
func (c *conn) deniesSYN(s *tcp.Segment, side Side) bool {
	e, p := &c.end[side], &c.end[side.Other()]
	if c.roles != rolesSYN || !s.Flags.Has(tcp.ACK) || s.Seq == e.isn || e.opened+p.opened > 0 {
		return false
	}
	if side == Client && !(p.is(hasSYN) && s.Ack == p.isn+1 && c.sentSYNs(Server, false)) {
		return false
	}
	return c.sentSYNs(side, false) && !c.sentSYNs(side, true)
}

// sentSYNs reports whether SYNs, or SYN,ACKs, passed in side's name.
func (c *conn) sentSYNs(side Side, ack bool) bool {
	return c.log.first(side, func(o *entry) bool { return o.flags.Has(tcp.SYN) && o.flags.Has(tcp.ACK) == ack }) != nil
}

// crossesSYN reports whether the SYN,ACK s of side acknowledges a SYN that passed in its
// peer's name, if only another's, and repeats its own number.
func (c *conn) crossesSYN(s *tcp.Segment, side Side) bool {
	return s.Seq == c.end[side].isn && c.log.first(side.Other(), func(o *entry) bool {
		return o.flags&(tcp.SYN|tcp.ACK) == tcp.SYN && o.end == s.Ack
	}) != nil
}

// otherSYN reports whether en is a SYN with another number than that of the SYN,ACK by
// which its alleged sender opened: see deniesSYN.
func (c *conn) otherSYN(en *entry) bool {
	return en.flags&(tcp.SYN|tcp.ACK) == tcp.SYN && en.side == Server && c.roles == rolesSYN && c.end[Server].is(hasSYN) && en.seq != c.end[Server].origin()
}

// answersOther reports whether en acknowledges a SYN in its peer's name that was not that
// one's: its receiver took it.
func (c *conn) answersOther(en *entry) bool {
	return c.log.first(en.side.Other(), func(o *entry) bool { return c.otherSYN(o) && o.end == en.ack }) != nil
}

// turn makes the client the server: the SYN in its name was not its own, and it answers
// that of the other. Nothing but SYNs and RSTs passed so far.
func (c *conn) turn() {
	c.facts ^= factTurned
	c.tuple = c.tuple.Reverse()
	c.end[0], c.end[1] = c.end[1], c.end[0]
	c.scope[0], c.scope[1] = c.scope[1], c.scope[0]
	c.bound[0], c.bound[1] = c.bound[1], c.bound[0]
	for i := range c.log {
		c.log[i].side = c.log[i].side.Other()
	}
	if c.obs != nil {
		for i := range *c.obs {
			(*c.obs)[i].side = (*c.obs)[i].side.Other()
		}
	}
	if c.reuse != nil {
		c.reuse.next[0], c.reuse.next[1] = c.reuse.next[1], c.reuse.next[0]
	}
	for i := range c.rst {
		c.rst[i].side = c.rst[i].side.Other()
	}
	for i := range c.icmp {
		c.icmp[i].side = c.icmp[i].side.Other()
	}
	if c.challenge != nil {
		c.challenge.side = c.challenge.side.Other()
	}
	if c.rows != nil {
		c.seldomly().rows = c.rows.turned()
	}
}

// sinkSide is side as a Sink knows it.
func (c *conn) sinkSide(side Side) reassembly.Side {
	if c.facts&factTurned != 0 {
		side = side.Other()
	}
	return reassembly.Side(side)
}
