package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// talksOnAfter reports whether the endpoint goes on talking after a RST in its name:
// it did not send it.
func (r *replayer) talksOnAfter(rst *entry, rest entries) bool {
	for i := range rest {
		en := &rest[i]
		if en.side == r.me && r.opensBehind(en) && !en.old() && en.time-rst.time > r.slack {
			return true
		}
		if en.side == r.me && en.alive() && r.opensAfterReset(rst, en) {
			return true
		}
		if en.side != r.me || !en.alive() || en.late() || r.precedes(en, rst) {
			continue // sent before the RST, as it tells or as its number tells
		}
		if en.end != en.seq && rst.seq.Less(en.end) || r.answersAfter(rst, en) || en.time-rst.time > int64(20*time.Millisecond) {
			return true
		}
	}
	return false
}

// loneAfter reports whether but one segment of the endpoint belies the RST rst in its name,
// and its peer answers that with a RST: then either may be forged, unless that segment is
// the ACK of the handshake.
func (r *replayer) loneAfter(rst *entry, rest entries) bool {
	if !r.ends(rst) || r.foreignReset(rst) || r.denied(rst) {
		return false
	}
	var lone *entry
	for i := range rest {
		en := &rest[i]
		if en.side != r.me || en.late() || !en.alive() && !r.opensBehind(en) {
			continue
		}
		if lone != nil || en.end == en.seq && r.opensAfterReset(rst, en) {
			return false
		}
		lone = en
	}
	return lone != nil && r.c.answeredByReset(lone)
}

// opensBehind reports whether the endpoint goes on opening with en, its SYN or SYN,ACK sent
// again. A listener that had forgotten the first would choose another number.
func (r *replayer) opensBehind(en *entry) bool {
	switch r.state {
	case tcp.SynSent:
		return en.flags&(tcp.SYN|tcp.ACK) == tcp.SYN
	case tcp.Listen, tcp.SynRcvd:
		return en.flags.Has(tcp.SYN|tcp.ACK) && en.seq == r.e.origin() && r.spokeSYNACK(en)
	}
	return false
}

// spokeSYNACK reports whether the endpoint sent a SYN,ACK like en before.
func (r *replayer) spokeSYNACK(en *entry) bool {
	return r.c.log.first(r.me, func(o *entry) bool {
		return o.frame < en.frame && o.flags.Has(tcp.SYN|tcp.ACK) && o.seq == en.seq
	}) != nil
}

// opensAfterReset reports whether en acknowledges the SYN,ACK to which rst, of the form of
// an answer, says that there is no socket. Only where that passed twice may both be so.
func (r *replayer) opensAfterReset(rst, en *entry) bool {
	if r.state != tcp.SynSent || !rst.is(entryReply) || rst.flags.Has(tcp.ACK) || !r.p.is(hasSYN) || en.ack != r.p.origin().Add(1) || rst.seq != r.e.origin().Add(1) {
		return false
	}
	n := 0
	for i := range r.c.log {
		if w := &r.c.log[i]; w.side != r.me && w.flags.Has(tcp.SYN|tcp.ACK) && w.frame < rst.frame {
			n++
		}
	}
	return n == 1
}

// precedes reports whether en, which passed soon after the RST rst, was sent before
// it: it does not acknowledge the data that rst answers (RFC 9293 section 3.10.7.1).
func (r *replayer) precedes(en, rst *entry) bool {
	if !rst.is(entryReply) || rst.flags.Has(tcp.ACK) || en.time-rst.time > int64(500*time.Millisecond) {
		return false
	}
	return r.c.log.first(r.me.Other(), func(w *entry) bool {
		return w.is(entryData) && w.frame < rst.frame && w.ack == rst.seq && en.ack.LessEq(w.seq)
	}) != nil
}

// answersAfter reports whether en acknowledges new data, or a FIN, that passed only after rst, or
// so shortly before it that it cannot have arrived when rst was sent: its sender still
// had the connection when that data came.
func (r *replayer) answersAfter(rst, en *entry) bool {
	if !r.acked || en.ack.LessEq(r.ack) {
		return false
	}
	early := r.rtt / 2
	return r.c.log.first(r.me.Other(), func(w *entry) bool {
		return w.end != w.seq && (rst.frame < w.frame || rst.time-w.time < early) && w.frame < en.frame && w.seq.Less(en.ack) && en.ack.LessEq(w.end) && w.edge.LessEq(w.seq)
	}) != nil
}
