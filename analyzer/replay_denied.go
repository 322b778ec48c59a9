package analyzer

import (
	"slices"

	"tcpreplay-fsm/tcp"
)

// denied reports whether the numbers of a RST in the endpoint's name show that it did
// not send it.
func (r *replayer) denied(rst *entry) bool {
	if !r.state.Synchronized() || !r.e.is(hasSeq) {
		return false
	}
	if rst.is(entryReply) && rst.flags.Has(tcp.ACK) && (r.state == tcp.LastAck || r.state == tcp.TimeWait) {
		return false // a late SYN acknowledges nothing, and the answer has number 0
	}
	// SND.NXT, or what its peer acknowledged (RFC 9293 section 3.5.2), is near what it sent.
	if r.c.outOfReach(rst.seq, r.me, rst.time) || rst.seq.Less(r.e.origin()) {
		return true
	}
	if rst.is(entryReply) {
		return rst.seq != rst.edge && r.answersNothing(rst) && r.ignoresPeer(rst)
	}
	return r.leftBehind(rst)
}

// answersLateSYN reports whether rst is what a host without the connection answers to a SYN that
// came after another RST: number 0, as a SYN acknowledges nothing (RFC 9293 section 3.10.7.1).
func (r *replayer) answersLateSYN(rst *entry) bool {
	x := r.c.resetAt(rst.frame)
	return x != nil && x.reply && x.hasACK && x.trigger.flags&(tcp.SYN|tcp.ACK) == tcp.SYN &&
		slices.ContainsFunc(r.c.rst, func(q resetSeen) bool { return q.frame < x.trigger.frame })
}

// foreignReset reports whether rst, with which a socket aborts, has numbers that a socket of
// this connection cannot have come to: SND.NXT lies behind its SYN and RCV.NXT behind its
// peer's (RFC 9293 section 3.4).
func (r *replayer) foreignReset(rst *entry) bool {
	if !rst.aborts() || !r.e.is(hasSYN) || !r.p.is(hasSYN) || r.abortsOpening(rst) {
		return false
	}
	far := func(n tcp.Seq, side Side) bool {
		e := &r.c.end[side]
		return !e.moved() && n.LessEq(e.isn) || r.c.outOfReach(n, side, rst.time)
	}
	return far(rst.seq, r.me) || far(rst.ack, r.me.Other()) || r.c.echoesUnsent(rst)
}

// leftBehind reports whether rst, with which a socket aborts, does not carry the SND.NXT
// and RCV.NXT that it would (Linux, tcp_send_active_reset()): it says less than its sender
// had sent and its peer acknowledged, or than it had acknowledged itself, or not the number
// behind its FIN. In TIME_WAIT there is nothing to abort (RFC 9293 section 3.10.5).
func (r *replayer) leftBehind(rst *entry) bool {
	switch {
	case r.state == tcp.TimeWait && r.timeline[len(r.timeline)-1].Evidence == Acked:
		return true
	case r.ownFIN != nil && rst.seq != r.ownFIN.end && !shrunk(r.p):
		return true
	case r.acked && rst.ack.Less(r.ack):
		return true
	case r.p.is(hasACK) && rst.seq.Less(r.p.ack) && rst.seq.Less(rst.edge) && rst.seq.Less(r.top):
		return true
	}
	return r.p.is(hasSeq) && r.c.outOfReach(rst.ack, r.me.Other(), rst.time)
}

// ignoresPeer reports whether something of the peer passed after rst, and no RST: who has
// no connection answers whatever comes (RFC 9293 section 3.10.7.1).
func (r *replayer) ignoresPeer(rst *entry) bool {
	asked := false
	for i := range r.c.log {
		switch en := &r.c.log[i]; {
		case en.frame <= rst.frame:
		case en.side != r.me:
			asked = asked || en.alive()
		case en.flags.Has(tcp.RST):
			return false
		}
	}
	return asked
}

// answersNothing reports whether rst has the form of an answer, which carries what the
// segment that it answers acknowledged (RFC 9293 section 3.10.7.1), but no such segment
// passed lately.
func (r *replayer) answersNothing(rst *entry) bool {
	if !rst.is(entryReply) || rst.flags.Has(tcp.ACK) || !r.p.is(hasSeq) || r.p.lost != nil {
		return false
	}
	for i := range r.c.log {
		if en := &r.c.log[i]; en.side != r.me && en.frame < rst.frame && en.flags.Has(tcp.ACK) && en.ack == rst.seq && rst.time-en.time < answerDelay {
			return false
		}
	}
	x := r.c.resetAt(rst.frame)
	return x != nil && (x.trigger.frame == 0 || x.time-x.trigger.time >= answerDelay)
}

// abortsOpening reports whether the endpoint aborts in SYN_SENT by rst, as a subflow of MPTCP
// does where a socket of plain TCP is silent (RFC 9293 section 3.10.5): SND.UNA is its SYN's
// number, no window is known to send beyond it, and RCV.NXT is still 0 (Linux,
// tcp_acceptable_seq() in tcp_send_active_reset()).
func (r *replayer) abortsOpening(rst *entry) bool {
	return r.state == tcp.SynSent && rst.seq == r.e.isn && rst.ack == 0
}
