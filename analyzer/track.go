package analyzer

import (
	"math"
	"time"

	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

const (
	// burstPause is the pause after which payload counts as sent anew.
	burstPause = int64(20 * time.Millisecond)
	// captureDisorder is by how much frames may be recorded out of order.
	captureDisorder = int64(10 * time.Millisecond)
	// near is how much in a row of what a side sent a capture may have lost, if its
	// peer's window tells no more.
	near = 1 << 20
)

// take accounts for one more segment of the conversation, sent by side.
func (c *conn) take(s *tcp.Segment, side Side) {
	e, p := &c.end[side], &c.end[side.Other()]
	if pause := s.Time - c.lastTime; pause > c.longPause && !c.closing && c.segments() > 0 {
		c.longPause = pause
	}
	c.lastFrame, c.lastTime = s.Frame, s.Time
	e.segments++
	if c.foretold(s, e, p) {
		c.takeForetold(s, side)
		return
	}
	signed := !c.misSigned(s, side)
	switch {
	case !s.Flags.Has(tcp.RST):
	case signed:
		e.resets++
	default:
		e.troubled().resetsElsewhere++
	}
	if c.isCopy(s, e) {
		c.seldomly().copies++
		c.rows.copyOf(c, s, side)
		return
	}
	if !signed {
		c.takeMisSigned(s, side)
		return
	}
	var bits entryBits
	if c.sentEarlier(s, e) || c.closing && c.isDuplicate(s, e) || s.Flags.Has(tcp.SYN) && c.copiesSYN(s, side) {
		bits |= entryOld
	}
	kind := c.classify(s, side)
	if kind != segDropped && kind != segBadSYNACK && kind != segForeign {
		c.settleBeyond(s, e, p, side)
		c.acknowledge(s, side)
	}
	edge := e.nxt
	if !e.is(hasSeq) {
		edge = s.Seq
	}
	switch kind {
	case segDropped, segBadSYNACK, segForeign:
		bits |= entryDropped
	case segKeepalive, segWindowProbe:
		bits |= entryProbe
	case segReset:
		if c.keepReset(s, side) {
			bits |= entryReply
		}
	default:
		last := e.payloadTime
		c.advance(s, side)
		c.measure(s, side, kind, edge, last)
	}
	c.note(s, side, kind)
	c.record(s, side, bits, edge)
	c.rows.add(c, s, side, kind)
	e.remember(s)
	c.steady = c.isSteady()
}

// advance moves the sender's sequence numbers.
func (c *conn) advance(s *tcp.Segment, side Side) {
	e := &c.end[side]
	end := s.End()
	if !e.is(hasSeq) {
		first := c.numbersFrom(s, side)
		e.isn, e.nxt, e.top = first, first, first
		e.has |= hasSeq
		e.learnKey(s)
		if first != s.Seq {
			c.findGap(side.Other(), s.Frame, s.Time)
		}
	}
	if s.Flags.Has(tcp.SYN) {
		if e.moved() {
			return // a late copy of it: far behind what was sent since, and not to be put in order with that
		}
		c.advanceSYN(s, side)
	}
	if end != s.Seq {
		fresh := e.passed.Add(s.Seq, end)
		payload := s.Seq
		if s.Flags.Has(tcp.SYN) {
			payload++
		}
		if s.Len > 0 {
			c.sentPayload(s, side, fresh)
		}
		if s.Len > 0 && end < payload && fresh > 0 {
			c.facts |= factSeqWrap
		}
		e.top = e.top.Max(end)
	}
	e.nxt = e.nxt.Max(end)
	c.stretch(side)
	if s.Flags.Has(tcp.FIN) {
		e.has |= hasFIN
		if s.Len > 0 {
			c.facts |= factFINWithData
		}
	}
	if s.Options.Has(tcp.OptTimestamps) && s.Seq.LessEq(e.contiguous()) {
		if !e.is(hasTS) || int32(s.Options.TSVal-e.tsRecent) > 0 {
			e.tsRecent = s.Options.TSVal
			e.has |= hasTS
		}
	}
	if !s.Flags.Has(tcp.SYN) {
		c.agreeScale(side) // the window of a SYN is never scaled (RFC 7323 section 2.2)
	}
	e.window = s.Window
	e.has |= hasWindow
}

// advanceSYN is what a SYN does before its number is taken in: the first of its sender,
// or one that shows that the first was not its own.
func (c *conn) advanceSYN(s *tcp.Segment, side Side) {
	e := &c.end[side]
	denied := e.is(hasSYN) && c.deniesSYN(s, side)
	if e.is(hasSYN) && !denied {
		return
	}
	if denied {
		c.end[side.Other()].has &^= hasACK // of the other number
	}
	e.isn = s.Seq
	e.has |= hasSYN
	if d := e.nxt.Sub(s.Seq); d < 0 || d > near || denied {
		// What passed before was of another connection, or forged.
		e.nxt, e.top, e.passed = s.Seq, s.Seq, reassembly.Ranges{}
	}
	e.offered = offeredBy(&s.Options)
	e.scale = 0
	e.learnKey(s)
	// RFC 3168 section 6.1.1: a SYN asks with both flags, a SYN,ACK agrees with one.
	if ecn := s.Flags & (tcp.ECE | tcp.CWR); ecn == tcp.ECE && s.Flags.Has(tcp.ACK) || ecn == tcp.ECE|tcp.CWR && !s.Flags.Has(tcp.ACK) {
		e.has |= hasECN
	}
}

// numbersFrom returns where side's numbers begin, of which s is the first segment that
// passed: where the capture lost a server's SYN,ACK, what acknowledged that tells.
func (c *conn) numbersFrom(s *tcp.Segment, side Side) tcp.Seq {
	if side == Server && c.roles == rolesSYN && !s.Flags.Any(tcp.SYN|tcp.RST) {
		for i := range c.log {
			if en := &c.log[i]; en.side == Client && en.alive() && en.ack.Less(s.Seq) && s.Seq.Sub(en.ack) < near {
				return en.ack
			}
		}
	}
	return s.Seq
}

// sentPayload accounts for the payload of s, of which fresh bytes had not passed yet.
func (c *conn) sentPayload(s *tcp.Segment, side Side, fresh uint32) {
	e, p := &c.end[side], &c.end[side.Other()]
	e.has |= hasData
	e.answered = p.bytes()
	if p.payloadFrame > e.payloadFrame {
		e.bursts = 1
	} else if (s.Time-e.payloadTime > burstPause || e.bursts == 0) && e.bursts < math.MaxUint16 {
		e.bursts++
	}
	e.payloadFrame, e.payloadTime = s.Frame, s.Time
	e.metered().unique += uint64(min(fresh, s.Len))
}

// agreeScale sets the scale of side's windows once both SYNs are known: both must offer
// the option (RFC 7323 section 2.2).
func (c *conn) agreeScale(side Side) {
	e, p := &c.end[side], &c.end[side.Other()]
	if e.scale == 0 && e.is(hasSYN) && p.is(hasSYN) &&
		e.offered.has(tcp.OptWindowScale) && p.offered.has(tcp.OptWindowScale) {
		e.scale = min(e.offered.windowScale, 14)
	}
}

// acknowledge moves what the sender is known to have received.
func (c *conn) acknowledge(s *tcp.Segment, side Side) {
	if !s.Flags.Has(tcp.ACK) || s.Flags.Has(tcp.RST) {
		return
	}
	e, p := &c.end[side], &c.end[side.Other()]
	switch {
	case s.Flags.Has(tcp.SYN) && (p.moved() || p.is(hasSYN) && s.Ack != p.isn+1 && c.crossesSYN(s, side)):
		return // a late copy, as advance has it; or the number of another's SYN
	case !e.is(hasACK):
		if p.is(hasSYN) && p.nxt.Less(s.Ack) {
			e.troubled().beyond = &ackBeyond{p.isn, p.nxt, s.Frame, s.Time}
		}
		e.ack = s.Ack
		e.has |= hasACK
		e.advance = ackAdvance{s.Ack, s.Ack, s.Frame, s.Time}
	case e.ack.Less(s.Ack):
		e.advance = ackAdvance{e.ack, s.Ack, s.Frame, s.Time}
		if p.is(hasSeq) && p.nxt.Less(s.Ack) && e.beyond == nil {
			e.troubled().beyond = &ackBeyond{e.ack, p.nxt, s.Frame, s.Time}
			if s.Ack == p.nxt+1 {
				c.closing = true // perhaps its FIN, which the capture lost
			}
		}
		e.ack = s.Ack
	default:
		return
	}
	if e.beyond == nil && p.is(hasSeq) {
		c.findGap(side, s.Frame, s.Time)
	}
}

// settleBeyond decides about an acknowledgement of what was never seen, by what its peer
// sends next: if that is what was acknowledged, and comes at once, the capture recorded
// them out of order; if the peer is not that far, the acknowledgement was bogus (RFC 5961
// section 5); if it goes on from there, the capture lost segments.
func (c *conn) settleBeyond(s *tcp.Segment, e, p *endpoint, side Side) {
	if b := e.beyond; b != nil && s.Time-b.time > captureDisorder && s.Flags.Has(tcp.ACK) && !s.Ack.Less(e.ack) {
		e.trouble.beyond = nil
		c.findGap(side, b.frame, b.time)
	}
	b := p.beyond
	if b == nil || s.Seq.Less(b.edge) || s.Flags&(tcp.RST|tcp.ACK) == tcp.RST { // a RST that answers carries that same number
		return
	}
	next, passed, plain := e.contiguous(), s.Time-b.time, !s.Flags.Any(tcp.RST|tcp.SYN)
	switch {
	case plain && s.SeqLen() > 0 && s.Seq.LessEq(next) && !s.End().Less(p.ack) && passed <= captureDisorder:
		p.trouble.beyond = nil
	case plain && s.Seq == b.edge && p.ack != b.edge && passed > captureDisorder/10,
		plain && b.edge.Less(s.Seq) && s.Seq == next && s.Seq.Less(p.ack) && passed > captureDisorder:
		// Its own next number is still an older one.
		p.ack, p.trouble.beyond = b.before, nil
		c.observe(obsAckOfUnsent, side.Other(), b.frame, b.time)
	case b.edge.Less(s.Seq) && (!plain || !s.Seq.Less(p.ack) || passed > captureDisorder):
		p.trouble.beyond = nil
		c.findGap(side.Other(), b.frame, b.time)
	}
}

// findGap looks for bytes of side's peer that side acknowledged and nobody saw.
func (c *conn) findGap(side Side, frame int, when int64) {
	e, p := &c.end[side], &c.end[side.Other()]
	from := p.contiguous()
	if !from.Less(e.ack) {
		return
	}
	left := from
	if p.nxt.Less(e.ack) {
		left = p.nxt // what lies at the end may be a FIN
	}
	if p.lost == nil {
		p.troubled().lost = new(gap)
	}
	p.lost.Block = tcp.Block{Left: left, Right: e.ack}
	p.lost.frame, p.lost.time = frame, when
	p.lost.total += uint64(p.passed.Add(from, e.ack))
	p.nxt = p.nxt.Max(e.ack)
	c.stretch(side.Other())
	c.observe(obsGap, side.Other(), frame, when)
}

func (e *endpoint) remember(s *tcp.Segment) {
	e.recent[2], e.recent[1] = e.recent[1], e.recent[0]
	e.recent[0] = recent{frame: s.Frame, time: s.Time, seq: s.Seq, ack: s.Ack, len: s.Len, tsval: s.Options.TSVal,
		flags: s.Flags, ipid: s.IPID, window: s.Window, ttl: s.TTL, link: uint8(s.Interface)}
	e.time = s.Time
	switch {
	case s.LinkSource == 0 || s.Flags.Has(tcp.RST):
	case e.linkSource == 0:
		e.linkSource = s.LinkSource
	case e.linkSource != s.LinkSource:
		e.has |= hasLinkSources
	}
}
