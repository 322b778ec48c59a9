package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// reception is a waiting segment that an event can be taken from.
type reception struct {
	event tcp.Event
	at    *entry
	how   Evidence
}

// receiveBefore applies what the endpoint received before it sent own, in the
// order of capture; own nil means the end of what is known.
func (r *replayer) receiveBefore(own *entry) {
	for range 8 { // a segment can bring a few events; each loop applies one
		next, ok := r.nextReception(own)
		if !ok {
			break
		}
		if next.event == tcp.RecvFIN {
			r.fin = next.at
		}
		if !r.apply(next.event, next.at, true, next.how) {
			break
		}
	}
	r.forget(own)
}

// nextReception returns the earliest event the endpoint had received by the time
// it sent own. Which events are possible follows from its state.
func (r *replayer) nextReception(own *entry) (best reception, ok bool) {
	consider := func(ev tcp.Event, at *entry, how Evidence) {
		if at != nil && (!ok || r.c.lastSeen(at).frame < r.c.lastSeen(best.at).frame) {
			best, ok = reception{ev, at, how}, true
		}
	}
	switch r.state {
	case tcp.Listen:
		consider(tcp.RecvSYN, r.synFor(own), evidenceIf(own != nil))
	case tcp.SynSent:
		at, ev, how := r.answerTo(own)
		consider(ev, at, how)
	case tcp.SynRcvd:
		at, how := r.ackOfSYN(own)
		ev := tcp.RecvAckOfSYN
		if at != nil && at.flags.Has(tcp.SYN) {
			ev = tcp.RecvSYNACK
		}
		consider(ev, at, how)
	}
	if r.state.Synchronized() {
		switch r.state {
		case tcp.FinWait1, tcp.Closing, tcp.LastAck:
			at, how := r.ackOfFIN(own)
			consider(tcp.RecvAckOfFIN, at, how)
		}
		if r.fin == nil {
			at, how := r.peerFINFor(own)
			if r.state == tcp.FinWait1 && how == Acked && (r.ackPassed(at, own) || r.timeline[len(r.timeline)-1].Evidence == Presumed) {
				how = Presumed
			}
			consider(tcp.RecvFIN, at, how)
		}
	}
	if at := r.resetFor(own); at != nil {
		consider(tcp.RecvRST, at, Presumed)
	}
	// RFC 9293 section 3.10.7.4 looks at the ACK of a segment before its FIN.
	if ok && best.event == tcp.RecvFIN {
		switch r.state {
		case tcp.FinWait1, tcp.Closing, tcp.LastAck:
			if at := best.at; r.ownFIN != nil && at.side != r.me && at.flags.Has(tcp.ACK) && r.ownFIN.end.LessEq(at.ack) {
				best.event = tcp.RecvAckOfFIN
			}
		}
	}
	return best, ok
}

func evidenceIf(proved bool) Evidence {
	if proved {
		return Acked
	}
	return Presumed
}

// ackPassed reports whether an ACK of the endpoint's FIN passed after fin, and so long
// before own, which answers fin late, that it may have overtaken fin: then it was
// FIN_WAIT_2, not CLOSING. A FIN is acknowledged at once (RFC 1122 section 4.2.3.2).
func (r *replayer) ackPassed(fin, own *entry) bool {
	rtt := r.c.handshakeRTT(r.me)
	if r.ownFIN == nil || fin == nil || fin.flags.Has(tcp.ACK) && r.ownFIN.end.LessEq(fin.ack) || own.time-r.c.lastSeen(fin).time <= 2*rtt {
		return false
	}
	for _, w := range r.waiting {
		if w.alive() && r.ownFIN.end.LessEq(w.ack) && w.frame > fin.frame && own.time-w.time > rtt*9/10 {
			return true
		}
	}
	return false
}

// synFor returns the SYN that opened a passive endpoint. It is never presumed:
// only the endpoint's own segments, or its peer's acknowledgement of them, show
// that anybody was there.
func (r *replayer) synFor(own *entry) *entry {
	if own == nil && !r.peerWentOn() {
		return nil
	}
	if own != nil && (own.flags.Has(tcp.RST) || !own.flags.Has(tcp.ACK)) {
		return nil
	}
	return r.pick(own, func(w *entry) bool {
		return w.flags.Has(tcp.SYN) && w.flags&tcp.ACK == 0 && (own == nil || w.seq.Less(own.ack))
	})
}

// peerWentOn reports whether the peer sent what it can send only after this
// endpoint answered its SYN.
func (r *replayer) peerWentOn() bool {
	for i := range r.c.log {
		if en := &r.c.log[i]; en.side != r.me && en.alive() {
			return true
		}
	}
	return false
}

// answerTo returns what took the endpoint out of SYN_SENT.
func (r *replayer) answerTo(own *entry) (at *entry, ev tcp.Event, how Evidence) {
	synack := func(w *entry) bool {
		return w.flags.Has(tcp.SYN|tcp.ACK) && r.acceptableACK(w.ack)
	}
	switch {
	case own == nil:
		if at = r.pick(nil, synack); at != nil && !r.unanswered(at, synack) {
			return at, tcp.RecvSYNACK, Presumed
		}
		return nil, tcp.NoEvent, Presumed
	case own.flags.Has(tcp.RST):
		if own.is(entryReply) || own.flags&tcp.ACK == 0 {
			return nil, tcp.NoEvent, Presumed
		}
		// An abort in SYN_SENT sends nothing (RFC 9293 section 3.10.5); this one
		// acknowledges the SYN,ACK.
		at = r.pick(own, func(w *entry) bool { return synack(w) && w.seq.Less(own.ack) })
		return at, tcp.RecvSYNACK, Acked
	case own.flags.Has(tcp.SYN | tcp.ACK): // simultaneous open
		at = r.pick(own, func(w *entry) bool { return w.flags.Has(tcp.SYN) && w.flags&tcp.ACK == 0 })
		return at, tcp.RecvSYN, Acked
	case own.flags.Has(tcp.SYN):
		return nil, tcp.NoEvent, Presumed
	}
	if r.crossed && r.sendsSYNACK() { // its SYN,ACK, which answers a SYN, was overtaken
		if at = r.pick(own, func(w *entry) bool { return w.flags&(tcp.SYN|tcp.ACK) == tcp.SYN }); at != nil {
			return at, tcp.RecvSYN, Acked
		}
	}
	at = r.pick(own, func(w *entry) bool { return synack(w) && w.seq.Less(own.ack) })
	return at, tcp.RecvSYNACK, Acked
}

// sendsSYNACK reports whether the endpoint ever sent a SYN,ACK.
func (r *replayer) sendsSYNACK() bool {
	for i := range r.c.log {
		if en := &r.c.log[i]; en.side == r.me && en.flags.Has(tcp.SYN|tcp.ACK) && !en.is(entryDropped) {
			return true
		}
	}
	return false
}

// acceptableACK is the test of SYN_SENT: it acknowledges something we sent
// (RFC 9293 section 3.10.7.3).
func (r *replayer) acceptableACK(ack tcp.Seq) bool {
	return !r.e.is(hasSYN) || r.e.isn.Less(ack) && ack.LessEq(r.e.nxt)
}

// unanswered reports whether the peer sent its SYN,ACK again although the
// endpoint, had it received the first, would have answered.
func (r *replayer) unanswered(at *entry, same func(*entry) bool) bool {
	for _, w := range r.waiting {
		if same(w) && w.time-at.time > r.slack {
			return true
		}
	}
	return false
}

// ackOfSYN returns what took the endpoint out of SYN_RCVD.
func (r *replayer) ackOfSYN(own *entry) (*entry, Evidence) {
	if own != nil {
		if own.flags.Has(tcp.RST) {
			// The first thing it sends after its SYN,ACK is a RST that answers a
			// segment: the ACK was not accepted, there is no connection. If its peer had
			// sent a RST before, that is why.
			if own.is(entryReply) && !r.spoke && !r.resetBefore(own) {
				return nil, Presumed
			}
		} else if own.flags.Has(tcp.SYN) || r.opensAfter(own) {
			return nil, Presumed
		}
	}
	if own == nil && r.deaf() {
		return nil, Presumed
	}
	early := own == nil || own.flags.Has(tcp.RST)
	for _, w := range r.waiting {
		if w.flags&tcp.ACK == 0 || w.flags.Has(tcp.RST) || !r.acceptableACK(w.ack) {
			continue
		}
		if w.flags.Has(tcp.SYN) && !r.crossed {
			continue
		}
		if own != nil && !early && own.flags.Has(tcp.ACK) && own.ack.Less(w.end) && !w.flags.Has(tcp.FIN) {
			continue
		}
		if early {
			return w, Presumed
		}
		return w, Acked
	}
	return nil, Presumed
}

// deaf reports whether the endpoint sent its SYN,ACK again after the ACK of it
// passed, and what its peer repeats since then draws no answer: nothing arrives.
func (r *replayer) deaf() bool {
	if t := r.p.tail; t == nil || t.n < 2 {
		return false
	}
	passed := false
	for i := range r.c.log {
		en := &r.c.log[i]
		if en.side == r.me && en.flags.Has(tcp.SYN|tcp.ACK) && passed {
			return true
		}
		passed = passed || en.side != r.me && en.alive() && r.acceptableACK(en.ack)
	}
	return false
}

// resetBefore reports whether a RST that the endpoint would take passed before own.
func (r *replayer) resetBefore(own *entry) bool {
	for _, w := range r.waiting {
		if w.flags.Has(tcp.RST) && r.c.lastSeen(w).frame < own.frame && r.judge(w) == resetExact {
			return true
		}
	}
	return false
}

// ackOfFIN returns what acknowledged the endpoint's FIN.
func (r *replayer) ackOfFIN(own *entry) (*entry, Evidence) {
	isFIN := func(w *entry) bool { return w.realFIN(r.p) }
	if r.ownFIN == nil {
		return nil, Presumed
	}
	if own != nil && own.realFIN(r.e) && !own.is(entryOld) {
		return nil, Presumed // it sends its FIN again: it has not received an ACK of it
	}
	if own != nil && r.answersBeforeFIN(own) {
		return nil, Presumed
	}
	for _, w := range r.waiting {
		if w.flags&tcp.ACK == 0 || w.flags.Any(tcp.SYN|tcp.RST) || w.ack.Less(r.ownFIN.end) || r.c.lastSeen(w).frame < r.ownFIN.frame {
			continue
		}
		if own != nil && own.flags.Has(tcp.ACK) && own.ack.Less(w.end) && w.end != w.seq {
			continue // what came with that ACK had not arrived
		}
		if r.repeatsFIN(w) || r.behind(w, own) {
			continue
		}
		if own == nil && w.realFIN(r.p) && r.unheard(isFIN) {
			continue // nor what came with it
		}
		if own != nil && own.flags.Has(tcp.ACK) && w.end != w.seq {
			return w, Acked
		}
		return w, Presumed
	}
	return nil, Presumed
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
			return !w.is(entryOld)
		}
	}
	return false
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
	for i := range r.c.log {
		if en := &r.c.log[i]; en.side == r.me && en.realFIN(r.e) && !en.is(entryOld) && en.time-r.c.lastSeen(w).time > r.slack {
			return true
		}
	}
	return false
}

// peerFINFor returns the segment that completed the peer's FIN: the FIN itself,
// or the data before it that arrived last.
func (r *replayer) peerFINFor(own *entry) (*entry, Evidence) {
	isFIN := func(w *entry) bool { return w.realFIN(r.p) }
	if own != nil && own.is(entryReply) && !r.resetBefore(own) {
		return nil, Presumed // it answers as a host that has no such connection
	}
	if own == nil || own.flags&tcp.ACK == 0 {
		at := r.pick(nil, isFIN)
		if at == nil || r.unheard(isFIN) || r.missed(isFIN) {
			return nil, Presumed
		}
		if r.p.passed.Contiguous(r.p.isn).Less(r.peerFIN) {
			return nil, Presumed // what lies before it was never sent again
		}
		return r.completes(at, own), Presumed
	}
	if own.ack.Less(r.peerFIN) || !r.peerFins {
		return nil, Presumed
	}
	at := r.pick(own, isFIN)
	if at == nil {
		return nil, Presumed
	}
	return r.completes(at, own), Acked
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
func (r *replayer) unheard(isFIN func(*entry) bool) bool {
	first, n := int64(0), 0
	for _, w := range r.waiting {
		if !isFIN(w) {
			continue
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

// missed reports whether the endpoint, long after the last copy of the peer's FIN
// passed, still acknowledged all that lies before it and not the FIN: every
// segment carries RCV.NXT (RFC 9293 section 3.10.7.4), so it did not arrive.
func (r *replayer) missed(isFIN func(*entry) bool) bool {
	var last *entry
	for _, w := range r.waiting {
		if isFIN(w) {
			last = w
		}
	}
	for i := range r.c.log {
		en := &r.c.log[i]
		if en.side == r.me && en.alive() && !en.is(entryOld) && en.time-r.c.lastSeen(last).time > r.slack && en.ack == r.peerFIN-1 {
			return true
		}
	}
	return false
}

// pick chooses among the waiting segments that fit, copies of one another, the
// one that arrived: the first, if own says with a D-SACK that it had it already
// when another came (RFC 2883); the one whose timestamp own echoes (RFC 7323
// section 4.3); else the first of those sent last, since the answer to an earlier
// one would have been seen.
func (r *replayer) pick(own *entry, fits func(*entry) bool) *entry {
	const burst = int64(150 * time.Millisecond)
	var first, echoed, last *entry
	newest := int(^uint(0) >> 1)
	for _, w := range r.waiting {
		if !fits(w) || w.frame > newest {
			continue
		}
		if first == nil {
			newest = arrivedBefore(r.waiting, own, w.end)
			first = w
		}
		if echoed == nil && own != nil && own.is(entryTS) && w.is(entryTS) && w.tsval == own.tsecr {
			echoed = w
		}
		if last == nil || w.time-last.time > burst {
			last = w
		}
	}
	switch {
	case own == nil || first == nil:
		return first
	case r.saysTwice(own, first.end):
		return first
	case echoed != nil:
		return echoed
	}
	return last
}

// saysTwice reports whether own says with a D-SACK that the bytes up to end
// arrived twice.
func (r *replayer) saysTwice(own *entry, end tcp.Seq) bool {
	b := r.c.dsack(own)
	return b.Left != b.Right && b.Right == end
}

// arrivedBefore returns the frame before which everything up to end had arrived:
// own echoes the timestamp of a segment beyond end, and a receiver takes over the
// timestamp only of segments at or below what it has acknowledged (RFC 7323
// section 4.3).
func arrivedBefore(waiting []*entry, own *entry, end tcp.Seq) int {
	for _, w := range waiting {
		if own != nil && own.is(entryTS) && w.is(entryTS) && w.tsval == own.tsecr && end.LessEq(w.seq) {
			return w.frame
		}
	}
	return int(^uint(0) >> 1)
}

// forget drops waiting segments that own shows never arrived, or that can no
// longer matter.
func (r *replayer) forget(own *entry) {
	if own == nil {
		return
	}
	kept := r.waiting[:0]
	for _, w := range r.waiting {
		age := own.time - r.c.lastSeen(w).time
		late := age > r.slack
		switch {
		case w.flags.Has(tcp.RST) && own.alive() && late && (w.seq.LessEq(own.ack) || age > int64(time.Second)):
			continue // it had all that was sent before the RST, and lives on: lost or ignored
		case r.state == tcp.SynRcvd && own.flags.Has(tcp.SYN|tcp.ACK) && !w.flags.Has(tcp.RST) && w.flags.Has(tcp.ACK) && late:
			continue // it sends its SYN,ACK again: what acknowledged the first was lost or ignored
		}
		kept = append(kept, w)
	}
	r.waiting = kept
}
