package analyzer

import (
	"slices"
	"time"

	"tcpreplay-fsm/tcp"
)

// resetReading is the verdict about one RST.
type resetReading struct {
	r     *resetSeen
	cause resetCause
	sure  Confidence
	fate  judgement // what its receiver did with it
	tie   bool      // unread data and SO_LINGER 0 look the same here
}

// readResets decides about every RST that was kept.
func (ev *evidence) readResets() []resetReading {
	out := make([]resetReading, 0, len(ev.c.rst))
	for i := range ev.c.rst {
		r := &ev.c.rst[i]
		x := resetReading{r: r, fate: ev.fateOf(r)}
		x.cause, x.sure, x.tie = ev.causeOf(r)
		out = append(out, x)
	}
	return out
}

// fateOf returns what the receiver of r did with it.
func (ev *evidence) fateOf(r *resetSeen) judgement {
	t := &ev.t[r.side.Other()]
	for _, v := range t.resets {
		if v.frame == r.frame {
			if st := t.stateAt(r.frame - 1); v.how == resetSurvived && st.Frame != 0 && st.State == tcp.Closed {
				break // another RST before it had ended the connection
			}
			if v.how != resetExact && ev.c.unsigned(r) {
				return resetUnsigned
			}
			return v.how
		}
	}
	if ev.c.unsigned(r) {
		return resetUnsigned
	}
	return resetNoTarget
}

// causeOf decides why r was sent: by its form first (two disjoint ones on
// Linux), then by what its sender had received and done.
func (ev *evidence) causeOf(r *resetSeen) (cause resetCause, sure Confidence, tie bool) {
	e := &ev.c.end[r.side]
	switch {
	case r.other:
		return causeForged, Probable, false
	case ev.c.unsigned(r) && r.hasACK && !e.is(hasSYN):
		return causeRefused, Probable, false // of a SYN whose sender does not hear of it
	}
	if ev.answersBadACK(r) {
		return causeBadACK, Probable, false
	}
	if ev.talksOn(r) {
		if _, ok := ev.heldBack(r); ok {
			return causeForged, Possible, false
		}
		return causeForged, Probable, false
	}
	if ev.denied(r) {
		return causeForged, Probable, false
	}
	if ev.refusal() == r {
		return causeRefused, Certain, false
	}
	if ev.acceptedAfter(r) {
		return causeForged, Probable, false
	}
	if sure, ok := r.foreign(); ok {
		return causeForged, sure, false
	}
	if r.reply {
		return ev.causeOfReply(r)
	}
	if ka := ev.c.observed(obsKeepalive, r.side); ka != nil && ev.afterProbes(r, ka) {
		return causeKeepalive, Probable, false
	}
	if r.givesUp() {
		return causeGaveUp, Probable, false
	}
	closedBefore := ev.c.finFrame(r.side) != 0
	switch {
	case r.received == 0 && ev.c.roles == rolesGuessed:
		return causeAbort, Possible, true // what came before the capture is not known
	case r.received == 0:
		return causeAbort, Probable, false // nothing that could be unread
	case closedBefore && r.refusesData():
		return causeDataAfterFIN, Probable, false
	case e.is(hasWindow) && r.peerWin == 0:
		return causeUnreadData, Probable, true // a window of 0: its buffer was full
	case closedBefore && !r.afterFIN:
		return causeAbort, Possible, true
	case r.side == Server && ev.c.asksOn():
		return causeUnreadData, Possible, true // it did not even wait for all of the request
	case !r.unanswered:
		return causeAbort, Possible, true
	case e.is(hasData) && r.bursts == 1 && !closedBefore && r.side == Client:
		// It asked, one answer came: that was probably read.
		return causeAbort, Possible, true
	}
	return causeUnreadData, Possible, true
}

// causeOfReply decides about a RST that answers a segment.
func (ev *evidence) causeOfReply(r *resetSeen) (resetCause, Confidence, bool) {
	trigger := &r.trigger
	closed := ev.c.finBefore(r.side, r.frame)
	switch {
	case trigger.frame == 0 && closed && (ev.c.end[r.side.Other()].segments == 0 || r.afterFIN) && !ev.priorReset(r):
		// Of the other direction nothing was captured, or much since what it answers. A closed
		// socket refuses data first of all (RFC 1122 section 4.2.2.13); an ACK or FIN it would take.
		return causeDataAfterFIN, Possible, false
	case trigger.frame == 0 && ev.priorReset(r) && ev.c.end[r.side].acknowledges(r.seq):
		return causeLateSegment, Possible, false // many passed since the one that it answers
	case trigger.frame == 0:
		return ev.causeOfLateReply(r), Possible, false
	case ev.priorReset(r):
		return causeLateSegment, Probable, false
	case trigger.flags.Has(tcp.SYN | tcp.ACK):
		return causeOpenGone, Probable, false
	case r.side == Server && !ev.was(Server, tcp.Established) && ev.was(Server, tcp.SynRcvd) && !ev.was(Server, tcp.SynSent):
		return causeNotAccepted, Probable, false
	case closed && trigger.len > 0 && r.isOld():
		// A closed socket refuses new data; old data it would acknowledge again.
		return causeLateSegment, Probable, false
	case closed && trigger.len > 0 && !ev.leftTimeWait(r.side, trigger.frame):
		return causeDataAfterFIN, Probable, false
	case closed:
		if trigger.flags.Has(tcp.FIN) || ev.state(r.side) == tcp.Closed {
			return causeClosedSegment, Probable, false
		}
		return causeLateSegment, Probable, false
	case trigger.len > 0 || ev.isProbe(trigger.frame, r.side.Other()):
		if !ev.was(r.side, tcp.Established) {
			return causeNoConnection, Probable, false
		}
		if ev.gaveUpBefore(r) {
			return causeNoSocket, Possible, false
		}
		if trigger.len > 0 && ev.stillSending(r) {
			return causeDataAfterFIN, Possible, false
		}
		return causeNoSocket, Probable, false
	}
	return causeNoConnection, Probable, false
}

// causeOfLateReply decides about a RST that answers a segment behind which many passed: the
// peer had acknowledged its number by then. Whoever still has data under way may have called
// close(), with the FIN behind that data (see stillSending).
func (ev *evidence) causeOfLateReply(r *resetSeen) resetCause {
	e, p := &ev.c.end[r.side], &ev.c.end[r.side.Other()]
	switch {
	case !ev.was(r.side, tcp.Established):
		return causeUnknown
	case r.hasACK && p.is(hasSYN) && r.ack == p.isn.Add(1):
		return causeLateSegment // a copy of the SYN, which did not pass here
	case !e.acknowledges(r.seq) || !r.seq.LessEq(r.peerAck):
		return causeUnknown
	case r.received > 0 && r.seq.Less(r.edge):
		return causeDataAfterFIN
	}
	return causeNoSocket
}

// isOld reports whether r answers data that its sender had acknowledged before
// (Linux, tcp_rcv_state_process() and tcp_timewait_state_process(): only what
// ends after RCV.NXT draws a RST).
func (r *resetSeen) isOld() bool {
	return r.last.flags.Has(tcp.ACK) && r.trigger.seq.Add(r.trigger.seqLen()).LessEq(r.last.ack)
}

// refusesData reports whether r, an active RST by its form, answers data that came after its
// sender's FIN, as Windows does: it is the first to acknowledge that data, and its window is 0
// though its sender's was open. A socket does not take back what it offered (RFC 9293
// section 3.8.6): a RST that one sends when it aborts has the window as it is.
func (r *resetSeen) refusesData() bool {
	return r.afterFIN && r.window == 0 && r.peerWin > 0 && r.last.flags.Has(tcp.ACK) && r.last.ack.Less(r.ack)
}

// stillSending reports whether the sender of r had data under way, or was held up
// by a closed window, when what r answers was sent. If it had called close(), its
// FIN waited behind that data: the socket was in FIN_WAIT_1 with no FIN on the wire
// (Linux, tcp_close_state()), and refused data as one does (tcp_rcv_state_process()).
func (ev *evidence) stillSending(r *resetSeen) bool {
	return ev.c.end[r.side].is(hasData) && (r.trigger.window == 0 || r.seq.Less(r.edge))
}

// gaveUpBefore reports whether the sender of r, before the peer spoke again and r answered
// that, had sent the same again and again in vain (Linux, tcp_write_timeout()).
func (ev *evidence) gaveUpBefore(r *resetSeen) bool {
	v := ev.c.end[r.side].vain
	return v != nil && v.n >= deathCopies && r.trigger.ack == v.seq && v.last < r.trigger.time && r.trigger.time-v.last >= minRTO
}

// answersBadACK reports whether r is what an end in SYN_SENT answers to an
// acknowledgement of something it never sent (RFC 9293 section 3.10.7.3): a
// SYN,ACK with a wrong number, or the ACK of an earlier connection from the same
// port that its new SYN met; or what one in SYN_RCVD answers to any other ACK than
// that of its SYN (section 3.10.7.4, fifth check). Either stays as it is.
func (ev *evidence) answersBadACK(r *resetSeen) bool {
	e, t := &ev.c.end[r.side], &r.trigger
	switch {
	case !r.reply || t.frame == 0 || t.flags&tcp.ACK == 0:
		return false
	case t.flags.Has(tcp.SYN):
		return e.is(hasSYN) && t.ack != e.isn.Add(1) && !(ev.c.facts&factSYNData != 0 && e.acknowledges(t.ack))
	}
	if e.is(hasSYN) && !t.flags.Has(tcp.RST) && ev.t[r.side].stateAt(r.frame).State == tcp.SynRcvd && !e.acknowledges(t.ack) {
		return true
	}
	s := ev.c.succ
	return s != nil && s.side == r.side && s.frame < t.frame && t.len == 0
}

// acceptedAfter reports whether r refuses the client's SYN (RFC 9293 section 3.10.7.1), which
// the server accepted all the same: something before it refused.
func (ev *evidence) acceptedAfter(r *resetSeen) bool {
	if r.side != Server || r.seq != 0 || !r.hasACK || !ev.c.end[Client].is(hasSYN) || r.ack != ev.c.end[Client].isn.Add(1) {
		return false
	}
	syn := func(en *entry) bool { return en.frame > r.frame && en.flags.Has(tcp.SYN) && !en.is(entryDropped) }
	if ev.c.log.first(Client, syn) != nil {
		return false // that may be what it accepted
	}
	open := ev.entered(Client, tcp.Established)
	return ev.c.log.first(Server, syn) != nil || open != nil && open.Frame > r.frame
}

// denied reports whether the numbers of r show that its sender did not send it.
func (ev *evidence) denied(r *resetSeen) bool { return slices.Contains(ev.t[r.side].notMine, r.frame) }

// priorReset reports whether the RST's sender had already ended by a RST, sent
// or received before what it answers: a later one only answers what still arrives.
func (ev *evidence) priorReset(r *resetSeen) bool {
	for _, t := range ev.t[r.side].timeline {
		if t.Frame < r.frame && (t.Event == tcp.SentRST || t.Event == tcp.RecvRST && !ev.answersDataBefore(r, t.Frame)) {
			return true
		}
	}
	for i := range ev.c.rst {
		// One it sent of its own accord may be overtaken by the answers that follow.
		if q := &ev.c.rst[i]; q.side == r.side && !q.reply && q.frame > r.frame && q.seq == r.seq {
			return true
		}
	}
	return false
}

// answersDataBefore reports whether r answers data that a closed socket met before the
// RST in frame.
func (ev *evidence) answersDataBefore(r *resetSeen, frame int) bool {
	return ev.c.finBefore(r.side, r.trigger.frame) && r.trigger.frame < frame && r.trigger.len > 0
}

// leftTimeWait reports whether side was through with closing before frame.
func (ev *evidence) leftTimeWait(side Side, frame int) bool {
	st := ev.t[side].stateAt(frame - 1)
	return st.State == tcp.Closed && st.Frame != 0
}

// talksOn reports whether the sender of r goes on in the same connection: then
// it did not send r.
func (ev *evidence) talksOn(r *resetSeen) bool { return ev.belies(r) != nil }

// belies returns the first segment by which the sender of r goes on as if it had not sent
// that; else nil. What it had sent before and is only late says nothing, nor does what
// acknowledges no more than r did.
func (ev *evidence) belies(r *resetSeen) *entry {
	for i := range ev.c.log {
		en := &ev.c.log[i]
		if en.side != r.side || !en.alive() || en.is(entryDropped) || en.late() || en.time-r.time <= int64(20*time.Millisecond) {
			continue
		}
		if r.hasACK && en.plain() && en.end == en.seq && en.ack.LessEq(r.ack) {
			continue
		}
		if (!en.flags.Has(tcp.FIN) || !ev.c.doubled(i)) && !ev.c.sentBefore(en, r.frame, r.time) && !ev.behindReset(en, r) {
			return en
		}
	}
	return nil
}

// heldBack returns how long after r the one segment passed that belies it, if that is a bare FIN
// at r's number without a timestamp that tells when it was sent: a FIN from before r that was
// held back on the way would look the same.
func (ev *evidence) heldBack(r *resetSeen) (late int64, ok bool) {
	fin := ev.belies(r)
	if fin == nil || !fin.flags.Has(tcp.FIN) || fin.bits&(entryData|entryTS) != 0 || fin.seq != r.seq {
		return 0, false
	}
	other := ev.c.log.first(r.side, func(en *entry) bool { return en.frame > r.frame && en.alive() && en.end != fin.end })
	return fin.time - r.time, other == nil
}

// behindReset reports whether en, which passed after r, was sent before: it is a FIN that ends
// at the number of a RST with which its sender aborts, SND.NXT, and had not passed by then.
func (ev *evidence) behindReset(en *entry, r *resetSeen) bool {
	return slices.ContainsFunc(ev.c.rst, func(q resetSeen) bool {
		return q.side == r.side && q.frame <= r.frame && !q.reply && q.edge.Less(en.end) && en.flags.Has(tcp.FIN) && en.end == q.seq
	})
}
