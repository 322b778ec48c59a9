package analyzer

import (
	"slices"
	"time"

	"tcpreplay-fsm/tcp"
)

// ackPassed reports whether an ACK of the endpoint's FIN passed after fin, and so long
// before own that it may have overtaken fin, as own answers fin clearly later than a round
// trip, or others of the peer's segments did overtake, or as they passed at the same instant:
// then it was FIN_WAIT_2, not CLOSING. A FIN is acknowledged at once (RFC 1122 section 4.2.3.2).
func (r *replayer) ackPassed(fin, own *entry) bool {
	if r.ownFIN == nil || fin == nil || fin.flags.Has(tcp.ACK) && r.ownFIN.end.LessEq(fin.ack) {
		return false
	}
	late, overtaken := own.time-r.c.lastSeen(fin).time > r.rtt*5/4, false
	for _, w := range r.waiting {
		if w.frame < own.frame && w.late() {
			overtaken = true // some of what the peer sends does not come in order
		}
	}
	for _, w := range r.waiting {
		beside := w.time-r.c.lastSeen(fin).time < captureDisorder/10
		if w.alive() && r.ownFIN.end.LessEq(w.ack) && w.frame > fin.frame && (late || overtaken || beside) && own.time-w.time > r.rtt*9/10 {
			return true
		}
	}
	return false
}

// ackBeside reports whether an ACK of the endpoint's FIN passed so shortly after fin that it may
// have overtaken that on the rest of the way, a quarter of the round trip (RFC 8985 section 6.2
// step 4), and before own, which answers both: FIN_WAIT_2 and CLOSING look the same then.
func (r *replayer) ackBeside(fin, own *entry) bool {
	if r.ownFIN == nil {
		return false
	}
	passed := r.c.lastSeen(fin)
	return slices.ContainsFunc(r.waiting, func(w *entry) bool {
		return w.alive() && r.ownFIN.end.LessEq(w.ack) && w.frame > passed.frame && w.frame < own.frame &&
			w.time-passed.time < r.rtt/4 && own.time-w.time > captureDisorder
	})
}

// ackOfFIN returns what acknowledged the endpoint's FIN.
func (r *replayer) ackOfFIN(own *entry) (*entry, Evidence) {
	if r.ownFIN == nil {
		return nil, Presumed
	}
	if own != nil && r.owns(own) && !own.old() {
		return nil, Presumed // it sends its FIN again: it has not received an ACK of it
	}
	if own != nil && r.answersBeforeFIN(own) {
		return nil, Presumed
	}
	for _, w := range r.waiting {
		if w.flags&tcp.ACK == 0 || w.flags.Any(tcp.SYN|tcp.RST) || w.ack.Less(r.ownFIN.end) || r.c.lastSeen(w).frame < r.ownFIN.frame && !recordedBefore(w, r.ownFIN) {
			continue
		}
		if own != nil && own.flags.Has(tcp.ACK) && own.ack.Less(w.end) && w.end != w.seq {
			if r.asksBefore(w, own) {
				return w, Presumed
			}
			continue // what came with that ACK had not arrived
		}
		if r.repeatsFIN(w) || r.behind(w, own) || own != nil && r.underWay(w, own) {
			continue
		}
		if own == nil && (r.isPeerFIN(w) && r.unheard() || r.deafToACK()) {
			continue // nor what came with it
		}
		if own != nil && own.flags.Has(tcp.ACK) && w.end != w.seq {
			return w, Acked
		}
		return w, Presumed
	}
	return nil, Presumed
}

// underWay reports whether w had not arrived when the endpoint sent own, a RST by which its
// socket aborts and which answers nothing: its timestamp echoes an older one (RFC 7323
// section 4.3), or else much less than a round trip lies between them.
func (r *replayer) underWay(w, own *entry) bool {
	if !own.flags.Has(tcp.RST) || own.is(entryReply) {
		return false
	}
	if own.is(entryTS) && w.is(entryTS) && w.seq.LessEq(own.ack) {
		return int32(own.tsecr-w.tsval) < 0 // what lies behind a hole is not echoed
	}
	return own.time-r.c.lastSeen(w).time < r.rtt*2/3
}

// recordedBefore reports whether ack, which acknowledges fin, was recorded just before that:
// the capture holds the two out of order, as nothing is acknowledged before it is sent.
func recordedBefore(ack, fin *entry) bool {
	return ack.frame < fin.frame && fin.time-ack.time <= captureDisorder && fin.end.LessEq(ack.ack) && !fin.old()
}

// asksBefore reports whether own is a duplicate ACK that asks for what is missing before
// w, which passed shortly before: w arrived behind a hole and is answered at once (RFC
// 5681 section 4.2). What it acknowledges counts although its data must wait (Linux,
// tcp_rcv_state_process() calls tcp_ack() for every segment in the window).
func (r *replayer) asksBefore(w, own *entry) bool {
	return own.plain() && own.end == own.seq && r.acked && own.ack == r.ack && own.ack.Less(w.seq) &&
		own.frame > r.c.lastSeen(w).frame && own.time-r.c.lastSeen(w).time <= r.slack && !own.is(entryProbe)
}

// deafToACK reports whether the endpoint sent its FIN again and again although an
// ACK of it had passed each time, until the capture ended: nothing arrives.
func (r *replayer) deafToACK() bool {
	ack := r.c.log.firstACK(r.me.Other(), r.ownFIN.end)
	var last, gap int64 // when the FIN last passed
	lost := 0
	for i := range r.c.log {
		if en := &r.c.log[i]; en.side == r.me && r.owns(en) && !en.old() {
			if ack != nil && ack.frame < en.frame && en.time-ack.time > r.slack {
				lost++
			}
			last, gap = en.time, en.time-last
		}
	}
	return lost >= deathCopies && r.o.until-last < quietFactor*gap
}

// answersBeforeFIN reports whether own is a RST that answers a segment which did
// not acknowledge the endpoint's FIN: its number is what that segment acknowledged
// (RFC 9293 section 3.10.7.1). An old segment tells nothing of what arrived since.
func (r *replayer) answersBeforeFIN(own *entry) bool {
	if !own.is(entryReply) || own.flags.Has(tcp.ACK) || !own.seq.Less(r.ownFIN.end) {
		return false
	}
	for i := len(r.c.log) - 1; i >= 0; i-- {
		if w := &r.c.log[i]; w.side != r.me && w.frame < own.frame && w.end != w.seq && w.ack == own.seq {
			return !w.old()
		}
	}
	x := r.c.resetAt(own.frame)
	return x != nil && x.trigger.frame != 0 && x.trigger.len > 0 // from before the log took everything
}

// behind reports whether own shows that something sent before w had not arrived
// yet: then w, sent after it, had not either, unless the earlier one was lost.
func (r *replayer) behind(w, own *entry) bool {
	if own == nil || own.flags&tcp.ACK == 0 || own.time-r.c.lastSeen(w).time > 2*r.slack {
		return false
	}
	for _, f := range r.waiting {
		if f.frame >= w.frame {
			break
		}
		if f.end != f.seq && own.ack.Less(f.end) && !f.flags.Has(tcp.RST) {
			return true
		}
	}
	return false
}

// repeatsFIN reports whether the endpoint sends its FIN again so late after w
// passed that it cannot have received w.
func (r *replayer) repeatsFIN(w *entry) bool {
	return r.lastFIN != nil && r.lastFIN.time-r.c.lastSeen(w).time > r.slack
}

// newestFIN returns the one of the endpoint's FINs that it sent last.
func (r *replayer) newestFIN() (last *entry) {
	for i := range r.c.log {
		if en := &r.c.log[i]; en.side == r.me && r.owns(en) && !en.old() && (last == nil || last.time < en.time) {
			last = en
		}
	}
	return last
}

// peerFINFor returns the segment that completed the peer's FIN: the FIN itself,
// or the data before it that arrived last.
func (r *replayer) peerFINFor(own *entry) (*entry, Evidence) {
	if own != nil && own.is(entryReply) && !r.resetBefore(own) {
		return nil, Presumed // it answers as a host that has no such connection
	}
	if own == nil || own.flags&tcp.ACK == 0 {
		at := r.pick(nil, r.isPeerFIN)
		if at == nil || r.unheard() || r.missed() || r.taken {
			return nil, Presumed
		}
		if t := r.p.tail; t != nil && t.n >= deathCopies && t.kind == segRetransmit && t.seq.Less(at.seq) {
			return nil, Presumed // what lies before it is repeated to no answer
		}
		if r.p.contiguous().Less(r.peerFIN) {
			return nil, Presumed // what lies before it was never sent again
		}
		return r.completes(at, own), Presumed
	}
	if own.ack.Less(r.peerFIN) || !r.peerFins || r.taken {
		return nil, Presumed
	}
	at := r.pick(own, func(w *entry) bool { return r.isPeerFIN(w) && !r.outlasts(w) })
	if at == nil {
		at = r.pick(own, r.isPeerFIN)
	}
	if at == nil {
		if at = r.c.log.first(r.me.Other(), func(w *entry) bool { return r.isPeerFIN(w) && recordedBefore(own, w) }); at == nil {
			return nil, Presumed
		}
		return at, Acked
	}
	if first := r.pick(nil, r.isPeerFIN); first != at && !own.is(entryTS) && r.crosses(first, own.time-r.c.lastSeen(at).time) && r.answersFromTimeWait(own) {
		return r.completes(first, own), Presumed
	}
	return r.completes(at, own), Acked
}

// copyAnswers reports whether fin, a copy of the peer's FIN, acknowledges the endpoint's own
// FIN, while the first did not, or was not captured, as an ACK that lies behind it tells: which
// of them arrived first is not known.
func (r *replayer) copyAnswers(fin *entry) bool {
	answered := r.state != tcp.FinWait1 && r.timeline[len(r.timeline)-1].Frame != r.c.lastSeen(fin).frame
	return !answered && r.ownFIN != nil && fin.side != r.me && r.isPeerFIN(fin) && r.ownFIN.end.LessEq(fin.ack) &&
		slices.ContainsFunc(r.waiting, func(w *entry) bool {
			return w.frame < fin.frame && w.flags.Has(tcp.ACK) && (r.isPeerFIN(w) && w.ack.Less(r.ownFIN.end) || w.end == w.seq && w.seq == r.peerFIN)
		})
}

// numberTaken reports whether the endpoint drops the peer's FIN as old, as it took something else with
// that number: it acknowledged that before the FIN passed, when the peer had not come to it yet, as
// the peer's next ACK shows (SND.NXT, RFC 9293 section 3.4).
func (r *replayer) numberTaken() bool {
	ack := r.c.log.firstACK(r.me, r.peerFIN)
	if ack == nil {
		return false
	}
	denied := false
	for i := range r.c.log {
		switch en := &r.c.log[i]; {
		case en.side == r.me:
		case en.flags&(tcp.FIN|tcp.RST) == tcp.FIN && en.end == r.peerFIN:
			return denied && en.time-ack.time > captureDisorder // even if it had to be dropped
		case ack.frame < en.frame && en.alive() && en.end == en.seq && en.seq.Less(r.peerFIN) && !en.is(entryProbe) && !en.late() && en.time-ack.time > captureDisorder/10:
			denied = true
		}
	}
	return denied
}

// outlasts reports whether the endpoint sends its FIN again after the copy w of the peer's
// FIN, which acknowledges that, passed towards it: w had not arrived by then.
func (r *replayer) outlasts(w *entry) bool {
	return r.ownFIN != nil && r.ownFIN.end.LessEq(w.ack) && r.repeatsFIN(w)
}

// crosses reports whether the endpoint may have sent its FIN before fin arrived: less
// than a round trip, in nanoseconds, after that passed.
func (r *replayer) crosses(fin *entry, rtt int64) bool {
	return r.state == tcp.FinWait1 && r.ownFIN != nil && r.ownFIN.time-r.c.lastSeen(fin).time < rtt
}

// answersFromTimeWait reports whether own, which acknowledges a FIN that was sent again,
// comes from no socket any more: its IP ID is 0, and not the next one. So does whatever
// TIME_WAIT answers, but FIN_WAIT_2 only once its application has closed the socket
// (Linux, tcp_time_wait(), ip_send_unicast_reply()). That it was in TIME_WAIT, so that
// an ACK was lost, is then likelier than that the FIN was.
func (r *replayer) answersFromTimeWait(own *entry) bool {
	none, counted := false, false
	for i := range r.e.recent {
		switch s := &r.e.recent[i]; {
		case s.frame == own.frame:
			none = s.ipid == 0 && !s.flags.Any(tcp.SYN|tcp.FIN|tcp.RST)
		case s.frame != 0:
			counted = counted || s.ipid != 0
		}
	}
	return none && counted
}

// completes returns which of fin and the data sent again after it arrived last:
// the one that holds the byte this endpoint was waiting for.
func (r *replayer) completes(fin, own *entry) *entry {
	if !r.acked || !r.ack.Less(fin.seq) {
		return fin
	}
	late := r.pick(own, func(w *entry) bool {
		return w.is(entryFills) && w.frame > fin.frame && w.seq.LessEq(r.ack) && r.ack.Less(w.end)
	})
	if late != nil {
		return late
	}
	return fin
}

// unheard reports whether the peer sent its FIN again and again to no answer: it
// did not arrive.
func (r *replayer) unheard() bool {
	first, n := int64(0), 0
	for _, w := range r.waiting {
		if !r.isPeerFIN(w) {
			continue
		}
		if r.restsAt(w) {
			return false
		}
		if n == 0 {
			first = w.time
		} else if w.time-first < int64(150*time.Millisecond) {
			continue
		}
		n++
	}
	return n > 2
}

// restsAt reports whether w, a FIN, acknowledges the endpoint's FIN, which was sent
// but once, would have been sent again by then (RFC 6298 section 2.1), and was
// acknowledged by nothing else: such as w arrived.
func (r *replayer) restsAt(w *entry) bool {
	if r.ownFIN == nil || !w.flags.Has(tcp.ACK) || w.ack.Less(r.ownFIN.end) || w.time-r.ownFIN.time < int64(time.Second) {
		return false
	}
	again := func(en *entry) bool { return en.frame > r.ownFIN.frame && r.owns(en) }
	other := func(en *entry) bool { return en.alive() && r.ownFIN.end.LessEq(en.ack) && !r.isPeerFIN(en) }
	return r.c.log.first(r.me, again) == nil && r.c.log.first(r.me.Other(), other) == nil
}

// missed reports whether the endpoint, long after the last copy of the peer's FIN
// passed, still acknowledged all that lies before it and not the FIN: every
// segment carries RCV.NXT (RFC 9293 section 3.10.7.4), so it did not arrive. Nor did
// it where what the endpoint waits for was sent again and again.
func (r *replayer) missed() bool {
	var last *entry
	for _, w := range r.waiting {
		if r.isPeerFIN(w) {
			last = w
		}
	}
	passed := r.c.lastSeen(last).time
	return r.c.log.first(r.me, func(en *entry) bool {
		return en.alive() && !en.old() && en.time-passed > r.slack &&
			(en.ack == r.peerFIN-1 || r.p.retransmissions() >= deathCopies && en.ack == r.ack && en.ack.Less(last.seq))
	}) != nil
}
