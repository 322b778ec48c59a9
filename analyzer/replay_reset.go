package analyzer

import (
	"slices"
	"time"

	"tcpreplay-fsm/tcp"
)

// judgement is what the receiver of a RST does with it (RFC 5961 section 3).
type judgement uint8

const (
	resetExact    judgement = iota // at RCV.NXT: it ends the connection
	resetInWindow                  // in the window, but not at RCV.NXT: challenge ACK
	resetOutside                   // outside the window: ignored
	resetUnsigned                  // not signed as its receiver wants it: ignored
	resetNoTarget                  // nobody there to receive it
	resetSurvived                  // it should have ended the connection, but its target talked on
)

// resetVerdict is what became of a RST that passed towards an endpoint.
type resetVerdict struct {
	sighting
	how judgement
}

// judged keeps what the numbers say of a RST as it passes towards the endpoint; succeeded
// says that another incarnation had taken its place.
func (r *replayer) judged(w *entry, succeeded bool) {
	how := resetNoTarget
	if !succeeded {
		how = r.judge(w)
	}
	r.resets = append(r.resets, resetVerdict{sighting{w.frame, r.c.lastSeen(w).time}, how})
}

// settleResets corrects the verdicts by what the endpoint did afterwards.
func (r *replayer) settleResets() {
	for i := range r.resets {
		v := &r.resets[i]
		ended, last := false, r.c.arrival(v.frame)
		for _, t := range r.timeline {
			ended = ended || t.Frame == last && t.Event == tcp.RecvRST
		}
		switch {
		case ended:
			v.how = resetExact
		case r.overBefore(v.frame) || r.endedMeanwhile(v):
			v.how = resetNoTarget
		case v.how == resetExact:
			v.how = resetSurvived
		}
	}
}

// endedMeanwhile reports whether the endpoint sent a RST of its own within a round trip
// after v passed: it had no connection any more when v came, and what it sent in between
// was under way.
func (r *replayer) endedMeanwhile(v *resetVerdict) bool {
	return slices.ContainsFunc(r.timeline, func(t Transition) bool {
		return t.Event == tcp.SentRST && t.Frame > v.frame && t.Time-v.time <= r.rtt
	})
}

// overBefore reports whether the endpoint had no connection any more when frame passed.
func (r *replayer) overBefore(frame int) bool {
	over := false
	for _, t := range r.timeline {
		if t.Frame < frame {
			over = t.State == tcp.Closed
		}
	}
	return over
}

// resetFor returns the waiting RST that ended the connection, or nil.
func (r *replayer) resetFor(own *entry) *entry {
	for _, w := range r.waiting {
		if !w.flags.Has(tcp.RST) || r.c.lastSeen(w).frame < r.heard {
			continue // a RST that arrived before what it went on to was ignored
		}
		j := r.judge(w)
		if own != nil && (own.alive() || own.flags.Has(tcp.SYN) && own.seq == r.e.origin() || own.aborts() || r.answersEarlier(own, w)) {
			continue // not yet, at least
		}
		if j == resetExact && !r.lacks(w) || j <= resetInWindow && own == nil && r.orphaned(w) {
			return w
		}
	}
	return nil
}

// toldToEnd reports whether a RST that ends the connection passed towards the endpoint
// longer than a round trip before it sent own: either that was lost, or own was under way
// for long or is not its own.
func (r *replayer) toldToEnd(own *entry) bool {
	return slices.ContainsFunc(r.resets, func(v resetVerdict) bool { return v.how == resetExact && own.time-v.time > r.rtt })
}

// lacks reports whether what lies right before the RST w had not arrived, as the last
// that the endpoint said shows, long after that passed: then w was not at RCV.NXT, and
// drew a challenge ACK at most (RFC 5961 section 3.2). Behind other data that arrived
// Linux would take it (tcp_reset_check() and the SACK test beside it).
func (r *replayer) lacks(w *entry) bool {
	var last, data *entry
	for i := range r.c.log {
		switch en := &r.c.log[i]; {
		case en.side == r.me && en.alive() && !en.late():
			last = en
		case en.side != r.me && en.is(entryData) && en.end == w.seq && en.frame < w.frame:
			data = en
		}
	}
	return last != nil && data != nil && last.ack.Less(w.seq) && data.seq.LessEq(last.ack) && last.time-r.c.lastSeen(data).time > r.slack
}

// orphaned reports whether the endpoint was in FIN_WAIT_2 and answered the RST w with nothing. An
// application that has called close() leaves Linux with less than a socket there, which takes
// any RST in its window (tcp_timewait_state_process()); one that has called shutdown() would
// have answered with a challenge ACK, and the RST that this draws ends it as well.
func (r *replayer) orphaned(w *entry) bool {
	return r.state == tcp.FinWait2 && r.c.log.first(r.me, func(en *entry) bool { return en.frame > w.frame && en.alive() }) == nil
}

// answersEarlier reports whether own is a RST that answers a segment which the peer
// sent before rst, as nothing but RSTs passed since, and those are never answered
// (RFC 9293 section 3.10.7.1). Long after rst it answers a segment that was late.
func (r *replayer) answersEarlier(own, rst *entry) bool {
	if !own.is(entryReply) || !r.state.Synchronized() || own.time-r.c.lastSeen(rst).time > r.slack {
		return false
	}
	for _, w := range r.waiting {
		if w.frame > rst.frame && w.frame < own.frame && !w.flags.Has(tcp.RST) {
			return false
		}
	}
	return true
}

// judge decides about a RST as this endpoint would.
func (r *replayer) judge(w *entry) judgement {
	switch r.state {
	case tcp.Closed, tcp.Listen:
		return resetNoTarget
	case tcp.SynSent:
		// RFC 9293 section 3.10.7.3: only a RST that acknowledges the SYN counts.
		if w.flags.Has(tcp.ACK) && r.acceptableACK(w.ack) {
			return resetExact
		}
		return resetOutside
	}
	// Its RCV.NXT lies between its last acknowledgement and the end of what
	// passed towards it.
	low := r.ack
	if !r.acked {
		if !r.p.is(hasSeq) {
			return resetExact // the capture holds nothing else from that side
		}
		low = r.p.origin()
	}
	if x := r.c.resetAt(w.frame); x != nil && x.peer.flags.Has(tcp.ACK) && low.Less(x.peerAck) && x.peerAck.LessEq(w.edge) {
		low = x.peerAck // what it had said before the RST passed, which the log need not hold
	}
	if r.fin != nil || r.peerFins && low == r.peerFIN {
		// Linux, tcp_reset_check(): after a FIN, RCV.NXT - 1 is accepted as well, as
		// macOS sends it.
		switch r.state {
		case tcp.CloseWait, tcp.LastAck, tcp.Closing:
			if w.seq == r.peerFIN-1 {
				return resetExact
			}
		}
	}
	high := low.Max(w.edge)
	if r.filtered {
		high = high.Max(w.seq) // what came before it did not pass
	}
	if low.LessEq(w.seq) && w.seq.LessEq(high) {
		return resetExact
	}
	if w.seq.InWindow(low, max(r.e.windowBytes(), 1)) {
		return resetInWindow
	}
	return resetOutside
}

// resetAt returns what is kept of the RST in frame, or nil.
func (c *conn) resetAt(frame int) *resetSeen {
	for i := range c.rst {
		if c.rst[i].frame == frame {
			return &c.rst[i]
		}
	}
	return nil
}

// sentReset applies the endpoint's own RST.
func (r *replayer) sentReset(en *entry) {
	if r.denied(en) {
		r.notMine = append(r.notMine, en.frame)
		return
	}
	if !r.ends(en) {
		return
	}
	if r.state == tcp.SynRcvd && r.filtered && r.c.abortsOpen(en) {
		r.become(tcp.Established, en.frame, en.time, Presumed, "sent the RST of an open connection, whose other segments were filtered out", "RFC 9293 3.10.5")
	}
	if r.abortsAccepted(en) {
		r.become(tcp.Established, en.frame, en.time, Presumed, "sent the RST of an open connection; the ACK of its SYN was not captured", "RFC 9293 3.10.5")
	}
	how := Sent
	if en.is(entryReply) && en.flags&tcp.ACK == 0 && (r.state == tcp.Established || r.state == tcp.SynRcvd) {
		how = Presumed // somebody else on the way, or the host under another address, may have sent it
	}
	switch {
	case r.state == tcp.TimeWait:
		how = Presumed // TIME_WAIT answers with an ACK (RFC 9293 section 3.10.7.4), and has nothing to abort: it was over, or another answers
	case en.edge.Less(en.seq) || r.answersNothing(en):
		how = Presumed // the capture lost what it follows or answers, or it is not its own
	case r.c.roles == rolesGuessed && r.e.segments == r.e.resets:
		how = Presumed // nothing else tells of its connection
	}
	r.apply(tcp.SentRST, en, false, how)
}

// abortsAccepted reports whether the RST en, with which a socket aborts, is that of a server
// that was last seen in SYN_RCVD: there is no socket to abort before the handshake is over
// (Linux, struct request_sock; FreeBSD, the syncache), but after a simultaneous or Fast Open.
func (r *replayer) abortsAccepted(en *entry) bool {
	return r.state == tcp.SynRcvd && r.me == Server && !r.crossed && r.c.facts&factSYNDataAcked == 0 && en.aborts() &&
		r.e.is(hasSYN) && r.p.is(hasSYN) && en.seq == r.e.origin().Add(1) && en.ack == r.p.origin().Add(1)
}

// ends reports whether who sends the RST rst in the endpoint's state has no connection after
// that.
func (r *replayer) ends(rst *entry) bool {
	switch r.state {
	case tcp.Closed, tcp.Listen:
		return false
	case tcp.SynSent:
		// It answers a bad SYN,ACK with a RST and stays; one that answers a good
		// SYN,ACK says that there is no socket any more.
		return r.deniesGoodSYNACK(rst)
	case tcp.SynRcvd:
		// It answers an ACK of something never sent with a RST and stays.
		return !rst.is(entryReply) || rst.flags.Has(tcp.ACK) || !r.e.is(hasSYN) || rst.seq == r.e.origin().Add(1) || r.e.acknowledges(rst.seq)
	}
	return true
}

// deniesGoodSYNACK reports whether the RST en answers an acceptable SYN,ACK.
func (r *replayer) deniesGoodSYNACK(en *entry) bool {
	if !en.is(entryReply) {
		return true
	}
	return r.acceptableACK(en.seq)
}

// overtakenFIN returns the endpoint's own FIN that passed soon after rst, a RST by which it
// refuses what a closed socket gets, at its number: the FIN was sent before, as a RST is the
// last that a socket sends. Else it returns nil.
func (r *replayer) overtakenFIN(rst *entry, rest entries) *entry {
	if r.ownFIN != nil || !rst.flags.Has(tcp.RST) || !rst.is(entryReply) || r.state != tcp.Established && r.state != tcp.SynRcvd {
		return nil
	}
	return rest.first(r.me, func(en *entry) bool {
		return r.owns(en) && (en.seq == rst.seq || en.end == rst.seq) &&
			(en.time-rst.time <= int64(20*time.Millisecond) || r.c.sentBefore(en, rst.frame, rst.time))
	})
}
