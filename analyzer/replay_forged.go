package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// settle finds, anew at each replay, what in the log is not of the side in whose name it
// passed, and returns the end of all that each side sent as its peer has it: that may
// include a forged FIN, which its receiver took, but not one that its receiver dropped.
func (c *conn) settle() (tops [2]tcp.Seq) {
	for i := range c.log {
		c.log[i].bits &^= entryForged | entryFresh | entryEnded
	}
	for side := Client; side <= Server; side++ {
		if c.markForged(side) {
			c.refresh(side)
		}
		tops[side] = c.topOf(side)
		c.markBehindFIN(side, tops[side])
	}
	return tops
}

// markBehindFIN marks what lies beyond top, where that is the end of a FIN of side's own and
// its peer acknowledged it: nothing follows a FIN (RFC 9293 section 3.4).
func (c *conn) markBehindFIN(side Side, top tcp.Seq) {
	fin := false
	for i := range c.log {
		switch en := &c.log[i]; {
		case en.side != side || en.end == en.seq || !en.alive():
		case en.realFIN(top):
			fin = c.end[side.Other()].is(hasACK) && top == c.end[side.Other()].ack
		case fin && top.LessEq(en.seq):
			en.bits |= entryForged
		}
	}
}

// markForged marks what is not side's own: of all that passed in its name, what lacks the
// timestamps both agreed on, echoes one never sent or has foreign numbers; and FINs that
// other segments deny. Reports whether there was any.
func (c *conn) markForged(side Side) (some bool) {
	if c.end[side.Other()].resets > 0 {
		c.markEnded(side)
	}
	for i := range c.log {
		if en := &c.log[i]; en.side == side && (c.unstamped(en) || c.foreignKey(en) || en.alive() && c.echoesUnsent(en) ||
			c.foreignNumbers(en) || c.otherSYN(en) || c.unopened(i) || c.acksUnsent(i) || c.pastEnd(i)) {
			en.bits |= entryForged
			some = true
		}
	}
	for i := range c.log {
		en := &c.log[i]
		switch {
		case en.side != side || en.flags&(tcp.FIN|tcp.RST) != tcp.FIN || en.is(entryDropped):
		case c.liesBehind(i):
			if (en.is(entryForged) || c.numbersDeny(en)) && c.otherFIN(i) {
				en.bits |= entryForged
				some = true
				break
			}
			en.bits &^= entryForged // perhaps another sent it as well
		case !en.is(entryForged) && (c.numbersDeny(en) || c.othersDeny(i) || c.answersDeny(i)):
			en.bits |= entryForged
			some = true
		}
	}
	return some
}

// otherFIN reports whether another FIN with the number of that in entry i, one whose numbers
// are right, passed in the same name.
func (c *conn) otherFIN(i int) bool {
	fin := &c.log[i]
	return c.log.first(fin.side, func(o *entry) bool {
		return o.frame != fin.frame && o.end == fin.end && o.flags&(tcp.FIN|tcp.RST) == tcp.FIN && o.bits&(entryDropped|entryForged) == 0 && !c.numbersDeny(o)
	}) != nil
}

// liesBehind reports whether the side of the FIN in entry i answers with the number behind
// it: it has sent a FIN (SND.NXT, RFC 9293 section 3.4).
func (c *conn) liesBehind(i int) bool {
	fin := &c.log[i]
	return c.log[i+1:].first(fin.side, func(o *entry) bool {
		return o.seq == fin.end && o.end == o.seq && o.alive() && !o.is(entryDropped)
	}) != nil
}

// foreignNumbers reports whether en does not acknowledge its peer's SYN, or more than that
// ever sent by far, or carries data with the number of its sender's SYN, or passed before
// that with a number far from it. The incarnation before may have answered a SYN so.
func (c *conn) foreignNumbers(en *entry) bool {
	e, p := &c.end[en.side], &c.end[en.side.Other()]
	if !en.alive() || c.reuse != nil || en.bits&(entryDropped|entryElsewhere) != 0 {
		return false
	}
	return p.is(hasSYN) && (en.ack.LessEq(p.origin()) || c.outOfReach(en.ack, en.side.Other(), en.time)) && !c.answersOther(en) ||
		e.is(hasSYN) && (en.end.Sub(en.seq) > 1 && en.seq.LessEq(e.origin()) || !e.moved() && en.seq.Less(e.isn) || uint32(en.seq-e.origin()) > near && c.precedesSYN(en))
}

// acksUnsent reports whether entry i acknowledges what its peer never sent, as what that
// sends next shows, and no segment that passed says otherwise: its receiver drops it (RFC
// 9293 section 3.10.7.4, fifth check).
func (c *conn) acksUnsent(i int) bool {
	en := &c.log[i]
	p := &c.end[en.side.Other()]
	if !en.alive() || !p.is(hasSeq) || !p.nxt.Less(en.ack) || c.end[en.side].beyond != nil {
		return false
	}
	return c.log[i+1:].first(en.side.Other(), func(o *entry) bool {
		return o.alive() && !o.late() && o.time-en.time > captureDisorder/10
	}) != nil
}

// numbersDeny reports whether the FIN en contradicts what passed before: its ACK or
// timestamp is older than those of segments which lie before it, and SND.NXT never goes
// back (RFC 9293 section 3.4), unless data was sent again.
func (c *conn) numbersDeny(en *entry) bool {
	return en.is(entryOld) && en.edge.Less(en.end) && c.end[en.side].retransmissions() == 0
}

// othersDeny reports whether the FIN in entry i is denied by another segment: by an
// ACK of its sender that acknowledges more with a number before the FIN's end (SND.NXT,
// RFC 9293 section 3.4); by a RST of its sender, with the right numbers, before which it
// should lie but does not; or by what its peer sends later, whose number lies before what
// the FIN acknowledges, as that was never sent.
func (c *conn) othersDeny(i int) bool {
	fin := &c.log[i]
	e, p := &c.end[fin.side], &c.end[fin.side.Other()]
	sent, later := fin.ack, false
	if p.is(hasSeq) && p.is(hasACK) {
		sent = p.origin()
	}
	var asked *entry
	for j := range c.log {
		en := &c.log[j]
		switch {
		case en.is(entryDropped) || j == i:
		case en.side != fin.side:
			asked = en
			if en.alive() {
				sent, later = sent.Max(en.end), later || j > i && en.time-fin.time > captureDisorder
				if j < i {
					sent = sent.Max(en.edge)
				}
			}
		case en.flags.Has(tcp.RST):
			if j < i && en.aborts() && en.seq == en.edge && en.seq.Less(fin.seq) && fin.edge.Less(fin.seq) && en.ack.LessEq(p.nxt) {
				return true
			}
		case en.alive() && en.end == en.seq && fin.ack.Less(en.ack) && en.seq.Less(fin.end) && en.ack.LessEq(p.nxt) && !shrunk(p):
			if en.seq != fin.end-1 || asked != nil && en.time-asked.time < answerDelay {
				return true
			}
		}
	}
	return later && e.beyond == nil && sent.Less(fin.ack) && p.nxt.Less(fin.ack)
}

// answersDeny reports whether the side of the FIN in entry i goes on with its number, with
// data or in its answers to what its peer sends. Behind a FIN of its own all it sends has
// the number after it (SND.NXT, RFC 9293 section 3.4), but for keep-alives, which answer
// nothing. A RST by which a socket aborts carries SND.NXT as well: it is enough where the
// FIN was never acknowledged, or where answers show later that it was for real.
func (c *conn) answersDeny(i int) bool {
	fin, answers, aborted := &c.log[i], 0, false
	p := &c.end[fin.side.Other()]
	var asked *entry
	for j := i + 1; j < len(c.log); j++ {
		en := &c.log[j]
		switch {
		case en.side != fin.side:
			asked = en
		case en.bits&(entryDropped|entryOld|entryForged) != 0:
		case en.flags.Has(tcp.RST):
			if en.is(entryReply) {
				if aborted {
					return true // it had no connection any more, as after the RST before
				}
			} else if en.is(entryEnded) {
				continue // it had no socket any more to abort
			} else if en.flags.Has(tcp.ACK) && fin.seq.LessEq(en.seq) && en.seq.Less(fin.end) && fin.ack.LessEq(en.ack) && en.ack.LessEq(p.nxt) && !shrunk(p) {
				answers++
				aborted = true
				if p.ack.Less(fin.end) {
					return true
				}
			}
		case en.flags.Has(tcp.FIN):
			if en.end == fin.end {
				answers = 0
			}
		case en.seq.Less(fin.end) && fin.end.Less(en.end):
			return true // its data takes that number, and more
		case en.seq != fin.end-1:
		case en.end != en.seq && !en.is(entryProbe) || asked != nil && en.time-asked.time < answerDelay:
			answers++
		}
		if answers > 1 {
			return true
		}
	}
	return false
}

// shrunk reports whether p closed its window, perhaps behind what was sent: then its
// peer's ACKs and RSTs carry the number at the window's end instead of SND.NXT (Linux,
// tcp_acceptable_seq()).
func shrunk(p *endpoint) bool { return p.is(hasWindow) && p.window == 0 }

// refresh marks what of side's segments looks late only beside forged ones.
func (c *conn) refresh(side Side) {
	var last *entry // its newest own
	nxt, forged := c.end[side].origin(), false
	for i := range c.log {
		en := &c.log[i]
		switch {
		case en.side != side || en.flags.Has(tcp.RST) || en.is(entryDropped):
		case en.is(entryForged):
			forged = true
		default:
			if !forged {
				nxt = nxt.Max(en.edge)
			} else if en.late() && nxt.LessEq(en.seq) && (last == nil || last.ack.LessEq(en.ack) && int32(en.tsval-last.tsval) >= 0) {
				en.bits |= entryFresh
			}
			nxt, last = nxt.Max(en.end), en
		}
	}
}

// topOf is endpoint.top, but for what its peer cannot have taken: something that passed
// beyond a FIN and was never acknowledged, while the FIN was, as nothing follows a FIN
// (RFC 9293 section 3.10.7.4, seventh check); a FIN beyond every window; and a forged one
// that was never acknowledged.
func (c *conn) topOf(side Side) tcp.Seq {
	e, p := &c.end[side], &c.end[side.Other()]
	if !e.is(hasFIN) {
		return e.top
	}
	if p.is(hasACK) && p.ack.Less(e.top) {
		if c.beyondWindow(side) {
			return p.ack
		}
		for i := range c.log {
			en := &c.log[i]
			if en.side == side && en.flags.Has(tcp.FIN) && !en.is(entryDropped) && (en.end == p.ack || en.end != e.top && c.abortsAt(side.Other(), en.end)) {
				return en.end
			}
		}
	}
	own, last := e.origin(), false
	for i := range c.log {
		en := &c.log[i]
		switch {
		case en.side != side || en.flags.Has(tcp.RST) || en.is(entryDropped):
		case en.is(entryForged):
			last = last || en.end == e.top && !(p.is(hasACK) && e.top.LessEq(p.ack))
			own = own.Max(en.edge)
		default:
			own = own.Max(en.end)
		}
	}
	if last {
		return own
	}
	return e.top
}

// abortsAt reports whether side aborted with the ACK number ack: its RCV.NXT was that.
func (c *conn) abortsAt(side Side, ack tcp.Seq) bool {
	return c.log.first(side, func(o *entry) bool { return o.aborts() && o.ack == ack }) != nil
}

// ownTop returns the end of all that side sent itself. It is top, but that may be the
// end of a FIN in its name which its peer took.
func (c *conn) ownTop(side Side, top tcp.Seq) tcp.Seq {
	own, forged := c.end[side].origin(), false
	for i := range c.log {
		en := &c.log[i]
		switch {
		case en.side != side || en.is(entryDropped) || en.flags.Any(tcp.SYN|tcp.RST) || en.flags&tcp.ACK == 0:
		case en.is(entryForged):
			forged = forged || en.flags.Has(tcp.FIN)
		default:
			own = own.Max(en.end)
		}
	}
	if !forged {
		return top
	}
	return own
}

// answerDelay is within what time of its peer's segment what an endpoint sends is no
// keep-alive: those come a second after it at the earliest (Linux, TCP_KEEPIDLE).
const answerDelay = int64(500 * time.Millisecond)

// beyondWindow reports whether the FIN that ends all that side sent lies beyond
// every window its peer offered, whose newest acknowledgement passed after it: its
// receiver drops it (RFC 9293 section 3.10.7.4, first check), so it was forged.
func (c *conn) beyondWindow(side Side) bool {
	e, p := &c.end[side], &c.end[side.Other()]
	if p.windowMax == 0 || e.top.Sub(p.ack) <= int32(min(p.windowMax, 1<<30))+1 {
		return false
	}
	fin := 0
	for i := range c.log {
		switch en := &c.log[i]; {
		case en.side == side && en.flags.Has(tcp.FIN) && en.end == e.top && !en.is(entryDropped):
			fin = en.frame
		case en.side != side && fin > 0 && en.alive():
			return true
		}
	}
	return false
}
