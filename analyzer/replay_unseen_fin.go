package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// A FIN that the capture lost is told by numbers: its peer acknowledges one that nobody saw,
// and its sender goes on behind it (SND.NXT, RFC 9293 section 3.4). What these rules find is
// presumed, and so is all that follows from it, as that number may have been a byte.

// impliedFIN returns the end of side's FIN if it was not captured and its peer's
// acknowledgements imply it: one sequence number that no captured segment holds, at the
// end of all that side sent. It may have been a byte of data, which is rare at the end, but
// not where somebody types or a closed window is probed (RFC 9293 section 3.8.6.1). So if the
// peer does not close as well, it must have said nothing more; and where only the peer's
// segments were captured, it must have closed.
func (c *conn) impliedFIN(side Side) (tcp.Seq, bool) {
	e, p := &c.end[side], &c.end[side.Other()]
	closed := p.is(hasFIN)
	if e.is(hasFIN) || e.resets > 0 || !closed && shrunk(p) {
		return 0, false
	}
	if !e.is(hasSeq) { // only the other direction was captured
		return p.advance.to, closed && p.advance.to == p.advance.from+1
	}
	if b := p.beyond; b != nil && b.edge == e.nxt && p.ack == e.nxt.Add(1) && e.top.LessEq(e.nxt) {
		return p.ack, closed || p.payloadFrame < b.frame // and it never said anything again
	}
	l := e.lost
	if l == nil || l.Right != l.Left+1 || e.nxt != l.Right || l.Left.Less(e.top) {
		return 0, false
	}
	return l.Right, closed || p.payloadFrame < l.frame
}

// acksFINBefore reports whether en and all that the endpoint sent after it acknowledge
// a FIN of the peer that passed only later, when it was sent again: the capture lost
// the first copy.
func (r *replayer) acksFINBefore(en *entry) bool {
	if en.ack.Less(r.peerFIN) {
		return false
	}
	less := func(w *entry) bool { return w.frame >= en.frame && w.alive() && w.ack.Less(r.peerFIN) }
	again := func(w *entry) bool { return w.frame >= en.frame && r.isPeerFIN(w) && w.time-en.time > captureDisorder }
	return r.c.log.first(r.me, less) == nil && r.c.log.first(r.me.Other(), again) != nil
}

// seenTo returns the end of what passed of side's numbers, if that is known to be all it
// had sent until then: the first number is told by its SYN, or by the SYN,ACK that answers it.
func (r *replayer) seenTo(side Side) (tcp.Seq, bool) {
	if e := &r.c.end[side]; e.has&(hasSYN|hasData|hasFIN) != 0 {
		return e.top, true
	}
	if synack := r.c.log.first(side.Other(), func(en *entry) bool { return en.flags.Has(tcp.SYN | tcp.ACK) }); synack != nil {
		return synack.ack, true
	}
	return 0, false
}

// mayFollowFIN reports whether own, the endpoint's FIN, may be the second: the last number
// that it acknowledges, and behind which nothing of the peer's passed, was not captured.
// It may have been a FIN. So it may if own is the first of all that was captured of the
// endpoint, and perhaps a copy, or if nothing was captured of the peer.
func (r *replayer) mayFollowFIN(own *entry) bool {
	top, ok := r.seenTo(r.me.Other())
	return !ok || r.fin != nil && (r.filtered || r.mayRepeatFIN(own)) || !r.p.is(hasSeq) || top.Less(own.ack) || r.c.roles == rolesGuessed && !r.acked
}

// mayRepeatFIN reports whether own, the endpoint's FIN, is the first to acknowledge the
// peer's, but long after that passed: a FIN is acknowledged at once (RFC 9293 section
// 3.10.7.4, eighth step), so an ACK was lost before the capture, and perhaps a FIN of which
// own is a copy, sent before the peer's arrived. It takes the handshake to know what is long.
func (r *replayer) mayRepeatFIN(own *entry) bool {
	const atOnce = int64(100 * time.Millisecond) // ACKs are held back for 40 ms (Linux, TCP_DELACK_MIN)
	if own == nil || r.c.roles == rolesGuessed || r.ownFIN != nil && r.ownFIN != own || !r.peerFins || !r.owns(own) || own.ack.Less(r.peerFIN) || r.acked && r.peerFIN.LessEq(r.ack) {
		return false
	}
	var fin *entry // the last copy of it
	for i := range r.c.log {
		if en := &r.c.log[i]; en.frame < own.frame && en.side != r.me && r.isPeerFIN(en) {
			fin = en
		}
	}
	return fin != nil && own.time-r.c.lastSeen(fin).time > r.rtt+atOnce
}

// mayPrecedeFIN reports whether the endpoint may have sent its FIN before fin, the peer's:
// that acknowledges a number of the endpoint's that was not captured, and behind which
// nothing passed.
func (r *replayer) mayPrecedeFIN(fin *entry) bool {
	top, ok := r.seenTo(r.me)
	return r.ownFIN == nil && fin.flags.Has(tcp.ACK) && (!ok || top.Less(fin.ack))
}

// behindLost reports whether own, a plain segment of the endpoint, lies at the end of all
// that it sent and behind numbers that were not captured: a FIN may have been the last of
// them, sent before the endpoint received what own acknowledges.
func (r *replayer) behindLost(own *entry) bool {
	if own == nil || r.ownFIN != nil || r.e.is(hasFIN) || own.end != own.seq || own.seq != r.e.nxt {
		return false
	}
	return own.edge.Less(own.seq) || r.e.lost != nil && r.e.lost.Right == own.seq
}

// impliedOwnFIN lets the endpoint send the FIN that its peer's acknowledgement
// implies, before at, the segment that acknowledges it.
func (r *replayer) impliedOwnFIN(at *entry) {
	if r.ownFIN != nil || at != nil && at.side == r.me {
		return
	}
	end, ok := r.c.impliedFIN(r.me)
	if !ok {
		return
	}
	if at == nil {
		at = r.c.log.first(r.me.Other(), func(en *entry) bool { return en.flags.Has(tcp.ACK) && end.LessEq(en.ack) })
	}
	if at == nil || at.flags&tcp.ACK == 0 || at.ack.Less(end) {
		return
	}
	fin := *at
	fin.side, fin.flags, fin.seq, fin.end = r.me, tcp.FIN|tcp.ACK, end-1, end
	fin.ack = r.ackBefore()
	switch crossed := !r.e.is(hasSeq) && r.c.soonAfterFIN(r.me.Other(), at); {
	case crossed:
		fin.ack, r.guessed = r.peerFIN-1, true
		r.receiveBefore(&fin)
	case !r.e.is(hasSeq):
		r.receiveBefore(nil) // none of its own segments tells what it had received
	case r.answersPeerFIN(at, end):
		fin.ack, r.guessed = r.peerFIN, true
		r.receiveBefore(&fin)
	case !r.state.Synchronized():
		r.receiveBefore(&fin)
	}
	r.ownFIN, r.guessed = &fin, true
	r.apply(tcp.SentFIN, &fin, false, Presumed)
	if n := len(r.timeline); n > 0 && r.timeline[n-1].Event == tcp.SentFIN {
		r.timeline[n-1].Cause = "sent a FIN that was not captured; this acknowledges it"
	}
}

// ackBefore is what a FIN acknowledges that nobody saw when it was sent: what the endpoint
// acknowledged last, and the peer's SYN at least, as only a connection sends a FIN.
func (r *replayer) ackBefore() tcp.Seq {
	if !r.acked && r.p.is(hasSYN) {
		return r.p.origin().Add(1)
	}
	return r.ack
}

// impliedFINBefore lets the endpoint send its FIN before en, a plain segment of
// its own that lies behind the FIN (SND.NXT, RFC 9293 section 3.4), where the FIN
// itself passed only later: its first copy was lost, or was overtaken. A copy that
// was overtaken tells what had been received when it was sent; for one that was
// lost it is what en's sender had acknowledged last, as a FIN that acknowledged
// more would have left nothing to acknowledge for en; unless en answers a FIN that
// the peer had to send again, which the loss of one FIN with its ACK explains. The same
// holds for a FIN that the capture lost altogether.
func (r *replayer) impliedFINBefore(en *entry, rest entries) {
	if r.ownFIN != nil || !en.alive() || en.flags.Has(tcp.FIN) || en.end != en.seq {
		return
	}
	end, implied := r.c.impliedFIN(r.me)
	if implied {
		r.top = end
	}
	if en.seq != r.top || !implied && !r.e.is(hasFIN) {
		return
	}
	fin := *en
	fin.flags, fin.seq, fin.ack, fin.rare = tcp.FIN|tcp.ACK, en.seq-1, r.ackBefore(), 0
	fin.bits &^= entryTS
	why, copied := "sent a FIN that was not captured before this, which lies behind it", false
	if !implied {
		why = "sent its FIN before this, which lies behind it; the FIN was lost or overtaken"
		f := rest.first(r.me, r.owns)
		if f == nil {
			return
		}
		if f.old() {
			copied = true
			fin.ack, fin.tsval, fin.tsecr = f.ack, f.tsval, f.tsecr
			fin.bits |= f.bits & entryTS
		}
	}
	if !copied && r.repeatedFIN() {
		fin.ack = en.ack
	}
	n := len(r.timeline)
	r.receiveBefore(&fin)
	r.sent(&fin)
	r.guessed = r.guessed || implied
	for j := n; j < len(r.timeline); j++ {
		t := &r.timeline[j]
		t.Evidence = Presumed
		if t.Event == tcp.SentFIN {
			t.Cause = why
		}
	}
}

// behindImpliedFIN reports whether at lies behind a FIN of the peer that was not
// captured: its sender had closed before it acknowledged the endpoint's own FIN.
func (r *replayer) behindImpliedFIN(at *entry) bool {
	end, ok := r.c.impliedFIN(r.me.Other())
	return ok && at.side != r.me && at.end == at.seq && at.seq == end
}

// repeatedFIN reports whether the peer's FIN passed, and later again.
func (r *replayer) repeatedFIN() bool {
	var first *entry
	for _, w := range r.waiting {
		switch {
		case !r.isPeerFIN(w):
		case first == nil:
			first = w
		case w.time-first.time > r.slack:
			return true
		}
	}
	return false
}

// soonAfterFIN reports, where only side's segments were captured, whether en follows side's
// FIN sooner than a round trip, which is what it took side to go on after its SYN: the FIN
// that en acknowledges had been sent before side's own can have arrived.
func (c *conn) soonAfterFIN(side Side, en *entry) bool {
	var asked, rtt, closed int64
	for i := range c.log {
		switch w := &c.log[i]; {
		case w.side != side || w.frame >= en.frame:
		case w.flags&(tcp.SYN|tcp.ACK) == tcp.SYN:
			asked = w.time
		case w.alive() && rtt == 0 && asked != 0:
			rtt = w.time - asked
		case w.alive() && w.flags.Has(tcp.FIN):
			closed = w.time
		}
	}
	return closed != 0 && en.time-closed < rtt*9/10
}

// finsCrossed reports whether the peer's FIN, which ends at end and was not captured, was
// sent before its sender had received the endpoint's, where en acknowledges it.
func (r *replayer) finsCrossed(en *entry, end tcp.Seq) bool {
	if !r.p.is(hasSeq) {
		return r.c.soonAfterFIN(r.me, en)
	}
	return r.c.crossesUnseen(r.ownFIN, en, end)
}

// answersPeerFIN reports whether the endpoint's FIN, which ends at end and was not captured,
// was sent after it had received the peer's, where at acknowledges it.
func (r *replayer) answersPeerFIN(at *entry, end tcp.Seq) bool {
	fin := r.c.log.first(at.side, r.isPeerFIN)
	return fin != nil && fin.frame < at.frame && r.c.handshakeRTT(Client)+r.c.handshakeRTT(Server) > 0 && !r.c.crossesUnseen(fin, at, end)
}

// crossesUnseen reports whether the other's FIN, which ends at end and was not captured, was
// sent before fin was received: ack, which acknowledges it, follows sooner than a round trip,
// or the ACK of fin lies behind it and passes later.
func (c *conn) crossesUnseen(fin, ack *entry, end tcp.Seq) bool {
	return ack.time-c.lastSeen(fin).time < (c.handshakeRTT(Client)+c.handshakeRTT(Server))*9/10 ||
		c.log.first(ack.side.Other(), func(w *entry) bool {
			return w.frame > ack.frame && w.alive() && w.end == w.seq && w.seq == end && fin.end.LessEq(w.ack)
		}) != nil
}
