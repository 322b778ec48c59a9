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
		if m := r.icmpRefusal(own); m != nil && (!ok && (own == nil || own.is(entryReply) || r.anew(own, m)) || ok && next.how == Presumed && m.frame < next.at.frame) {
			r.become(tcp.Closed, m.frame, m.time, Presumed, "received ICMP "+m.kind.String(), "RFC 5461 4.1")
			break
		}
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
		consider(tcp.RecvSYN, r.synFor(own), evidenceIf(own != nil && (own.flags.Has(tcp.SYN) || r.peerWentOn() || r.acksSYNData(own))))
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
			if r.fin == nil && at != nil && r.behindImpliedFIN(at) {
				return reception{tcp.RecvFIN, at, Presumed}, true
			}
			if at != nil && r.copyAnswers(at) {
				how = Presumed
			}
			consider(tcp.RecvAckOfFIN, at, how)
		}
		if r.fin == nil {
			at, how := r.peerFINFor(own)
			if at != nil && (r.mayPrecedeFIN(at) || r.behindLost(own) || r.copyAnswers(at) || r.filtered || r.mayRepeatFIN(own)) {
				how = Presumed
			}
			if r.state == tcp.FinWait1 && how == Acked && (r.ackPassed(at, own) || r.ackBeside(at, own) || r.timeline[len(r.timeline)-1].Evidence == Presumed) {
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
	return r.c.log.first(r.me.Other(), (*entry).alive) != nil
}

// peerOpened reports whether the peer, who sent a SYN,ACK, went on to what only an open
// connection sends: the endpoint, of which nothing was captured, had answered.
func (r *replayer) peerOpened() bool {
	return r.peerWentOn() && r.c.facts&factSYNDataAcked == 0
}

// answerTo returns what took the endpoint out of SYN_SENT.
func (r *replayer) answerTo(own *entry) (at *entry, ev tcp.Event, how Evidence) {
	synack := func(w *entry) bool {
		return w.flags.Has(tcp.SYN|tcp.ACK) && r.acceptableACK(w.ack)
	}
	switch {
	case own == nil:
		if at = r.pick(nil, synack); at != nil && (!r.e.is(hasSeq) && r.peerOpened() || !r.unanswered(at, synack)) {
			return at, tcp.RecvSYNACK, Presumed
		}
		return nil, tcp.NoEvent, Presumed
	case own.flags.Has(tcp.RST):
		if !own.aborts() {
			return nil, tcp.NoEvent, Presumed
		}
		// An abort in SYN_SENT sends nothing (RFC 9293 section 3.10.5); this one
		// acknowledges the SYN,ACK, if it is not one of MPTCP: see abortsOpening.
		if r.abortsOpening(own) {
			return nil, tcp.NoEvent, Presumed
		}
		at = r.pick(own, func(w *entry) bool { return synack(w) && w.seq.Less(own.ack) })
		if syn := r.crossedBefore(own, at); syn != nil {
			return syn, tcp.RecvSYN, Acked
		}
		return at, tcp.RecvSYNACK, evidenceIf(!r.crossed)
	case own.flags.Has(tcp.SYN | tcp.ACK): // simultaneous open
		at = r.pick(own, func(w *entry) bool { return w.flags.Has(tcp.SYN) && w.flags&tcp.ACK == 0 })
		return at, tcp.RecvSYN, Acked
	case own.flags.Has(tcp.SYN):
		return nil, tcp.NoEvent, Presumed
	}
	at = r.pick(own, func(w *entry) bool { return synack(w) && w.seq.Less(own.ack) })
	if syn := r.crossedBefore(own, at); syn != nil {
		return syn, tcp.RecvSYN, Acked
	}
	if syn := r.pick(own, func(w *entry) bool { return r.c.otherSYN(w) && w.end == own.ack }); syn != nil {
		return syn, tcp.RecvSYN, Acked // another's, which it took
	}
	// It proves nothing if it lies beyond all that passed, or acknowledges more: it may not be its own.
	beyond := r.p.nxt.Less(own.ack) || own.edge.Less(own.seq) && r.e.opened == 1
	return at, tcp.RecvSYNACK, evidenceIf(!r.crossed && !beyond)
}

// crossedBefore returns the peer's SYN that the endpoint, whose own crossed it, had received
// when it sent own, as its SYN,ACK says, which was overtaken or lost; or nil. at is the peer's
// SYN,ACK that own acknowledges as well.
func (r *replayer) crossedBefore(own, at *entry) *entry {
	if !r.crossed || at != nil && !r.sendsSYNACK() {
		return nil
	}
	return r.pick(own, func(w *entry) bool { return w.flags&(tcp.SYN|tcp.ACK) == tcp.SYN })
}

// sendsSYNACK reports whether the endpoint ever sent a SYN,ACK.
func (r *replayer) sendsSYNACK() bool {
	return r.c.log.first(r.me, func(en *entry) bool { return en.flags.Has(tcp.SYN|tcp.ACK) && !en.is(entryDropped) }) != nil
}

// acceptableACK is the test of SYN_SENT: it acknowledges something we sent
// (RFC 9293 section 3.10.7.3).
func (r *replayer) acceptableACK(ack tcp.Seq) bool {
	return !r.e.is(hasSYN) || r.e.acknowledges(ack) || r.filtered && r.e.origin().Less(ack)
}

// synAcked returns the first segment that passed towards the endpoint and acknowledges its
// SYN, or nil.
func (r *replayer) synAcked() *entry {
	return r.c.log.first(r.me.Other(), func(w *entry) bool { return w.alive() && r.acceptableACK(w.ack) })
}

// unanswered reports whether the peer sent its SYN,ACK again, or the endpoint its
// SYN, although the endpoint, had it received the first, would have answered.
func (r *replayer) unanswered(at *entry, same func(*entry) bool) bool {
	passed := r.c.log.first(r.me.Other(), same)
	if passed != nil && r.c.log.first(r.me, func(en *entry) bool {
		return en.frame > passed.frame && en.flags.Has(tcp.SYN) && !en.old() && en.time-passed.time > r.slack
	}) != nil {
		return true
	}
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
			if own.is(entryReply) && !r.spoke && !r.answersLater(own) && !r.resetBefore(own) {
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
		if w.flags&tcp.ACK == 0 || w.flags.Has(tcp.RST) && !(r.filtered && r.c.abortsOpen(w)) || !r.acceptableACK(w.ack) {
			continue
		}
		if w.flags.Has(tcp.SYN) && !r.crossed {
			continue
		}
		if r.crossed && own != nil && (r.underWay(w, own) || r.owns(own) && own.end == own.seq+1 && !r.arrivedEarly(w, own)) {
			continue // it aborts or closes in SYN_RCVD (RFC 9293 sections 3.10.4 and 3.10.5)
		}
		if own != nil && !early && own.flags.Has(tcp.ACK) && own.ack.Less(w.end) && !w.flags.Has(tcp.FIN) && !r.closesAtACK(own, w) {
			continue
		}
		if r.c.facts&factSYNDataAcked != 0 && own != nil && own.ack.LessEq(r.ack) {
			// RFC 7413 section 4.2: a Fast Open server sends before the handshake is over.
			early = true
			if !r.arrivedEarly(w, own) {
				continue
			}
		}
		// A FIN of which the capture holds nothing but the number may have been sent before that.
		early = early || own != nil && r.c.facts&factSYNDataAcked != 0 && own.edge.Less(own.seq)
		if early || own != nil && r.opensEarlier(w, own) {
			return w, Presumed
		}
		return w, evidenceIf(!r.mayBeRequest(own))
	}
	if own != nil && own.alive() && r.c.facts&factSYNDataAcked == 0 && r.p.is(hasSYN) && r.p.origin().Add(1).Less(own.ack) {
		// RCV.NXT goes beyond the SYN only once the connection is open.
		return r.c.log.first(r.me.Other(), func(w *entry) bool {
			return w.alive() && r.acceptableACK(w.ack) && recordedBefore(own, w)
		}), Acked
	}
	return nil, Presumed
}

// answersLater reports whether own, the first that the endpoint sends after its only SYN,ACK,
// and that answers a segment, cannot answer the ACK of that: it comes later than the SYN,ACK
// would have been sent again (a second, RFC 6298 section 2.1; Linux, TCP_TIMEOUT_INIT), or
// soon after something that the peer sent when the ACK had drawn no answer for a round trip.
// So the ACK was accepted.
func (r *replayer) answersLater(own *entry) bool {
	synack := func(en *entry) bool { return en.flags.Has(tcp.SYN|tcp.ACK) && en.frame < own.frame && !en.old() }
	first, ack := r.c.log.first(r.me, synack), r.synAcked()
	if first == nil || ack == nil || r.c.log.first(r.me, func(en *entry) bool { return synack(en) && en.frame > first.frame }) != nil {
		return false
	}
	acked := r.c.lastSeen(ack).time
	return own.time-first.time > int64(time.Second)+r.rtt || own.time-acked > r.slack &&
		r.c.log.first(ack.side, func(en *entry) bool {
			return en.frame < own.frame && en.alive() && en.time-acked > r.rtt && own.time-en.time <= r.slack
		}) != nil
}

// opensEarlier reports whether own, the first segment beside the handshake, may have been
// sent before w, the ACK of the SYN, arrived. After a simultaneous open an ACK of the peer's
// SYN alone says nothing of that, as long as the endpoint sends no payload: SYN_RCVD sends
// such ACKs, and a FIN. A server's FIN sooner than a round trip after w was sent in SYN_RCVD
// as well: the capture missed that the open was simultaneous.
func (r *replayer) opensEarlier(w, own *entry) bool {
	if r.crossed {
		return !r.e.is(hasData) && r.p.is(hasSYN) && own.ack.LessEq(r.p.origin().Add(1))
	}
	return r.owns(own) && own.time-r.c.lastSeen(w).time < r.rtt/2
}

// arrivedEarly reports whether the ACK w of a Fast Open server's SYN may have arrived when
// the server sent own: by the timestamp that own echoes (RFC 7323 section 4.3), or else by
// the round trip.
func (r *replayer) arrivedEarly(w, own *entry) bool {
	if own.is(entryTS) && w.is(entryTS) {
		if r.c.log.first(w.side, func(syn *entry) bool { return syn.flags.Has(tcp.SYN) && syn.tsval != w.tsval }) != nil {
			return int32(own.tsecr-w.tsval) >= 0
		}
	}
	return own.time-w.time >= r.rtt*9/10
}

// closesAtACK reports whether own may be the FIN of a Fast Open server whose application
// had called shutdown() in SYN_RCVD: it waits for the ACK of the SYN (RFC 9293 section
// 3.10.4; Linux since 6.9, tcp_rcv_state_process()), and leaves before the data that came
// with that ACK is looked at.
func (r *replayer) closesAtACK(own, w *entry) bool {
	return r.c.facts&factSYNDataAcked != 0 && r.owns(own) && own.time-w.time <= r.slack
}

// deaf reports whether the endpoint sent its SYN,ACK again after the ACK of it
// passed, and what its peer repeats since then draws no answer: nothing arrives.
func (r *replayer) deaf() bool {
	if t := r.p.tail; t == nil || t.n < 2 {
		return false
	}
	ack := r.synAcked()
	return ack != nil && r.c.log.first(r.me, func(en *entry) bool { return en.flags.Has(tcp.SYN|tcp.ACK) && en.frame > ack.frame }) != nil
}

// resetBefore reports whether a RST that the endpoint would take passed before own.
func (r *replayer) resetBefore(own *entry) bool {
	for _, w := range r.waiting {
		if w.flags.Has(tcp.RST) && r.c.lastSeen(w).frame < own.frame && r.judge(w) == resetExact && !r.answersEarlier(own, w) {
			return true
		}
	}
	return false
}
