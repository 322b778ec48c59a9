package analyzer

import "tcpreplay-fsm/tcp"

// catchUp enters the states that a plain segment of its own proves, where the
// capture lost what led there.
func (r *replayer) catchUp(en *entry) {
	if !en.flags.Has(tcp.ACK) {
		return
	}
	switch r.state {
	case tcp.SynSent:
		if r.elsewhere(en) {
			return // the TIME_WAIT of the incarnation before answers
		}
		how := Sent
		if !r.p.is(hasSYN) && (r.c.answeredByReset(en) || r.standsAlone(en)) {
			how = Presumed // or it is not its own
		}
		r.become(tcp.Established, en.frame, en.time, how, "sent ACK; the SYN,ACK it answers was not captured", "RFC 9293 3.10.7.3")
	case tcp.SynRcvd:
		if r.c.facts&factSYNDataAcked != 0 {
			return // RFC 7413 section 4.2: a Fast Open server sends before the handshake is over
		}
		if r.p.is(hasSYN) && r.p.origin().Add(1).Less(en.ack) && r.acksSYNData(en) {
			return // the same; the capture lost its SYN,ACK
		}
		if r.owns(en) && en.end == en.seq.Add(1) && (r.crossed || r.synAckedAfter(en)) {
			return // it closes in SYN_RCVD (RFC 9293 section 3.10.4)
		}
		if r.opensAfter(en) || en.end == en.seq && en.plain() && (en.ack == r.p.origin().Add(1) || r.acked && en.ack == r.ack || r.c.answersOther(en)) {
			return // so SYN_RCVD answers what it cannot take (Linux, tcp_check_req() and tcp_send_dupack())
		}
		how := Sent
		if r.toldToEnd(en) || en.edge.Less(en.seq) || r.p.is(hasSYN) && r.p.nxt.Less(en.ack) || !r.e.is(hasSYN) && r.p.opened == 0 {
			how = Presumed // another may have sent it
		}
		r.become(tcp.Established, en.frame, en.time, how, "sent a segment of an open connection; the ACK of its SYN was not captured", "RFC 9293 3.10.7.4")
	}
	end, implied := r.c.impliedFIN(r.me.Other())
	ok := implied
	if !ok && r.acksFINBefore(en) && !r.taken {
		end, ok = r.peerFIN, true
	}
	if ok && end.LessEq(en.ack) && r.fin == nil {
		r.fin, r.guessed = en, r.guessed || implied
		if r.state == tcp.FinWait1 && !r.finsCrossed(en, end) {
			r.apply(tcp.RecvAckOfFIN, en, false, Presumed)
		}
		r.apply(tcp.RecvFIN, en, false, Presumed)
	}
}

// standsAlone reports whether en is all of its sender's that passed after the SYN, does not
// follow that, and nothing of the peer's did.
func (r *replayer) standsAlone(en *entry) bool {
	other := func(o *entry) bool { return o.frame != en.frame && o.alive() }
	return en.edge.Less(en.seq) && r.c.log.first(r.me, other) == nil && r.c.log.first(r.me.Other(), other) == nil
}

// acksSYNData reports whether en acknowledges payload that came with the peer's SYN, and
// nothing of the peer's came after that.
func (r *replayer) acksSYNData(en *entry) bool {
	for i := range r.c.log {
		w := &r.c.log[i]
		if w.side != r.me && !w.flags.Has(tcp.SYN) && w.frame < en.frame {
			return false
		}
		if w.side != r.me && w.flags.Has(tcp.SYN) && w.is(entryData) && en.ack == w.end {
			return true
		}
	}
	return false
}

// elsewhere reports whether en, sent from SYN_SENT, acknowledges what lies before
// the SYN of the peer.
func (r *replayer) elsewhere(en *entry) bool {
	return r.state == tcp.SynSent && r.c.reuse != nil && r.p.is(hasSYN) && en.ack.LessEq(r.p.origin())
}

// opensAfter reports whether en, a bare ACK, was sent in SYN_RCVD, which answers
// what is not acceptable so (RFC 9293 section 3.10.7.4; Linux, tcp_check_req()):
// the endpoint sends its SYN,ACK again later.
func (r *replayer) opensAfter(en *entry) bool {
	if en.end != en.seq || !en.plain() || r.p.is(hasSYN) && r.p.origin().Add(1).Less(en.ack) && r.c.facts&factSYNDataAcked == 0 {
		return false // there is no RCV.NXT beyond the SYN without a connection
	}
	syns := 0
	for i := range r.c.log {
		w := &r.c.log[i]
		if w.side != r.me && w.flags&(tcp.SYN|tcp.ACK) == tcp.SYN && w.frame < en.frame {
			if syns++; syns > 1 && r.crossed && en.ack.LessEq(r.p.origin().Add(1)) {
				return true // so it answers a SYN sent again
			}
		}
		if w.side == r.me && w.flags.Has(tcp.SYN|tcp.ACK) && w.bits&(entryDropped|entryOld) == 0 && w.time-en.time > r.slack {
			return true
		}
	}
	return false
}

// mayBeRequest reports whether all that the endpoint sent from own on may have been sent in
// SYN_RCVD: ACKs of the peer's SYN and no more, with which a half-open request answers what
// is not acceptable as well as a connection does. It has no socket to abort. What it sent
// beyond those that the log holds counts, too.
func (r *replayer) mayBeRequest(own *entry) bool {
	if r.e.opened >= openingSegments && (r.e.is(hasData) || r.p.origin().Add(1).Less(r.e.ack)) {
		return false
	}
	return !r.crossed && r.p.is(hasSYN) && r.c.log.first(r.me, func(en *entry) bool {
		return en.frame >= own.frame && (en.alive() && (en.end != en.seq || en.ack != r.p.origin().Add(1)) || en.aborts())
	}) == nil
}

// synAckedAfter reports whether the first segment that acknowledges the
// endpoint's SYN, and no more than that, passed towards it after en.
func (r *replayer) synAckedAfter(en *entry) bool {
	ack := r.synAcked()
	if ack == nil {
		return r.crossed
	}
	return ack.frame > en.frame && (ack.ack == r.e.origin().Add(1) || r.crossed)
}

// overtakenSYN returns the endpoint's own SYN that passed after synack, its first SYN,ACK,
// with the same number: it was sent before, as a listener sends no SYN of its own, and a
// socket whose SYN crossed another repeats it with ACK from then on (RFC 9293 section 3.5,
// figure 7; Linux, tcp_send_synack()). Else it returns nil.
func (r *replayer) overtakenSYN(synack *entry, rest entries) *entry {
	if len(r.timeline) > 0 || !synack.flags.Has(tcp.SYN|tcp.ACK) {
		return nil
	}
	return rest.first(r.me, func(en *entry) bool {
		return en.flags&(tcp.SYN|tcp.ACK) == tcp.SYN && en.seq == synack.seq && en.bits&(entryDropped|entryForged) == 0 && !r.c.behindOpening(en)
	})
}
