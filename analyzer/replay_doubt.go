package analyzer

import (
	"slices"
	"time"

	"tcpreplay-fsm/tcp"
)

// doubtCookie takes the certainty from SYN_RCVD where the SYN,ACK is all that the
// endpoint ever said: one made of a SYN cookie (RFC 4987 section 3.6) looks the
// same, and behind it is no state at all.
func (r *replayer) doubtCookie() {
	if len(r.timeline) == 0 || r.timeline[0].State != tcp.SynRcvd || r.spoke {
		return
	}
	n, syns := 0, 0 // each SYN draws a SYN,ACK; one more is the work of a timer, which is state
	for i := range r.c.log {
		switch en := &r.c.log[i]; {
		case en.side == r.me && en.flags.Has(tcp.SYN|tcp.ACK):
			n++
		case en.side != r.me && en.flags.Has(tcp.SYN):
			syns++
		}
	}
	if n <= max(syns, 1) && r.timeline[0].Evidence <= Acked {
		r.timeline[0].Evidence = Presumed
	}
}

// doubtSYN takes the certainty from the SYN of a 4-tuple that was in use before,
// where its sender never did what only the opener of a connection does: it may be
// a late copy or forged, as its receiver answers any SYN. So may the second of two SYNs
// that cross, whose sender repeats its number in a SYN,ACK (RFC 9293 section 3.10.7.3).
func (r *replayer) doubtSYN() {
	second := r.crossed && r.c.roles == rolesSYN && r.me == Server && !r.sendsSYNACK()
	if r.c.reuse == nil && r.c.syn == nil && !second || r.spoke || len(r.timeline) == 0 || r.timeline[0].State != tcp.SynSent {
		return
	}
	for i := range r.timeline {
		if r.timeline[i].Evidence == Sent {
			r.timeline[i].Evidence = Presumed
		}
	}
}

// doubtOpen takes the certainty from ESTABLISHED where the endpoint may never have been there. The
// peer's SYN was sent again before the SYN,ACK passed: what the endpoint answered the first
// time was lost, and may have been a SYN of its own that crossed it. A socket that connects may
// be closed in SYN_RCVD, and sends its FIN once its SYN is acknowledged (RFC 9293 section
// 3.10.4), where a listener's request may not; and until its FIN it said nothing else.
func (r *replayer) doubtOpen() {
	fin := r.ownFIN
	if r.crossed || fin == nil || fin.end != r.e.origin().Add(2) || fin.ack != r.p.origin().Add(1) || len(r.timeline) < 2 ||
		r.timeline[0].State != tcp.SynRcvd || r.timeline[1].State != tcp.Established || r.timeline[1].Evidence != Acked {
		return
	}
	syns := 0
	for i := range r.c.log {
		switch en := &r.c.log[i]; {
		case en.side != r.me && en.flags&(tcp.SYN|tcp.ACK) == tcp.SYN:
			syns++
		case en.side == r.me && en.flags.Has(tcp.SYN|tcp.ACK):
			if syns > 1 {
				r.timeline[1].Evidence = Presumed
			}
			return
		}
	}
}

// doubtCloseWait takes the certainty from CLOSE_WAIT and LAST_ACK where the
// endpoint still had data to deliver when the peer's FIN came, and its own FIN came
// with data or not at all: it may have closed before, with the FIN behind that data
// in its queue, and then was in FIN_WAIT_1 and CLOSING. A bare FIN is not held back
// (Linux, tcp_cwnd_test()), but by a closed window, or by data that it had to send again. So it is where its own FIN may have been
// lost before.
func (r *replayer) doubtCloseWait() {
	if r.fin != nil && r.c.roles == rolesGuessed && r.e.has&(hasData|hasFIN) == 0 {
		for i := range r.timeline { // it may have closed before the capture began
			if t := &r.timeline[i]; t.State == tcp.CloseWait && t.Evidence == Acked {
				t.Evidence = Presumed
			}
		}
	}
	if r.fin == nil || r.fin.side == r.me || !r.mayHaveClosed() && !r.ackedBefore() {
		return
	}
	for i := range r.timeline {
		if t := &r.timeline[i]; t.State == tcp.CloseWait && t.Evidence == Acked || t.State == tcp.LastAck && t.Evidence == Sent {
			t.Evidence = Presumed
		}
	}
}

// ackedBefore reports whether the endpoint had acknowledged the number of the peer's FIN
// before that passed: it took something else with that number, and drops the FIN as old, or
// the capture lost the first copy.
func (r *replayer) ackedBefore() bool {
	ack := r.c.log.firstACK(r.me, r.peerFIN)
	return ack != nil && r.c.log.first(r.me.Other(), func(w *entry) bool { return r.isPeerFIN(w) && w.frame < ack.frame }) == nil
}

// mayHaveClosed reports whether the endpoint may have closed before it received the peer's
// FIN, as told by its first segment that acknowledges that.
func (r *replayer) mayHaveClosed() bool {
	first := r.c.log.firstACK(r.me, r.peerFIN)
	if r.opensWindow() || first != nil && (first.end != first.seq && r.hadCopies(first) || r.owns(first) && r.ackedUnseen(first)) {
		return true
	}
	if r.ownFIN != nil && !r.ownFIN.is(entryData) && r.fin.window > 0 {
		return r.heldBack(first)
	}
	if r.ownFIN == nil && r.e.resets+r.p.resets == 0 && r.p.is(hasACK) && r.e.nxt.LessEq(r.p.ack) && r.p.window > 0 && r.heardAll() {
		return false
	}
	return first == nil || r.fin.is(entryMidway) || !r.windowOpen() || !first.edge.LessEq(r.fin.ack) || !first.seq.LessEq(r.fin.ack) ||
		r.ownFIN != nil && r.heldBack(first) || r.hadWaiting(first) || first.flags.Has(tcp.FIN) && first.time-r.c.lastSeen(r.fin).time > 2*r.slack
}

// heldBack reports whether the endpoint's own FIN follows the first segment that answers
// the peer's at once, where data had to be sent again: the FIN may have waited for the ACK
// that came with the peer's.
func (r *replayer) heldBack(first *entry) bool {
	return first != nil && first != r.ownFIN && r.e.retransmissions() > 0 && r.ownFIN.time-first.time < captureDisorder &&
		(r.ownFIN.is(entryData) || r.e.payloadTime < r.fin.time && r.fin.time-r.e.payloadTime < int64(time.Second))
}

// hadWaiting reports whether the endpoint sent payload at once when the peer's FIN came, which
// first answers, where data had to be sent again: that had waited for the ACK that came with
// the FIN, perhaps with a FIN behind it that never went out.
func (r *replayer) hadWaiting(first *entry) bool {
	return r.e.retransmissions() > 0 && r.c.log.first(r.me, func(en *entry) bool {
		return en.is(entryData) && en.frame > first.frame && en.time-first.time < captureDisorder
	}) != nil
}

// hadCopies reports whether the peer's FIN passed and then again before en, the first
// segment that answers it: what the endpoint sent before was lost, perhaps a FIN with it.
func (r *replayer) hadCopies(en *entry) bool {
	var first *entry
	for i := range r.c.log {
		w := &r.c.log[i]
		switch {
		case w.side == r.me || w.frame > en.frame || !r.isPeerFIN(w) || w.old():
		case first == nil:
			first = w
		case w.time-first.time > r.slack:
			return true
		}
	}
	return false
}

// ackedUnseen reports whether own, the first of the endpoint's FINs that passed, had been
// acknowledged by then: it was sent before, and what it acknowledged is not known.
func (r *replayer) ackedUnseen(own *entry) bool {
	ack := r.c.log.firstACK(r.me.Other(), own.end)
	return ack != nil && ack.frame < own.frame
}

// heardAll reports whether the endpoint sent no payload again after the peer had
// acknowledged all of it: else the ACK was lost, and more may stand in its queue.
func (r *replayer) heardAll() bool {
	return r.e.payloadTime-r.p.advance.time <= r.slack
}

// opensWindow reports whether the peer's FIN opened a window that had been closed: the
// endpoint could not send what it had, nor a FIN (Linux, tcp_snd_wnd_test()).
func (r *replayer) opensWindow() bool {
	o := r.c.observed(obsWindowOpen, r.me.Other())
	return o != nil && (o.lastFrame == r.fin.frame || slices.ContainsFunc(o.seen, func(s sighting) bool { return s.frame == r.fin.frame }))
}

// windowOpen reports whether the window that came with the peer's FIN let the
// endpoint send whatever it had: one below the MSS holds data back (RFC 1122
// section 4.2.3.4).
func (r *replayer) windowOpen() bool {
	least := r.p.largest()
	if !r.p.is(hasSYN) {
		least = 1460 // nobody knows; that of Ethernet
	}
	return uint32(r.fin.window)<<r.p.scale >= least
}
