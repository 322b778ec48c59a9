package analyzer

import "tcpreplay-fsm/tcp"

// A socket with a key signs each segment (TCP MD5, RFC 2385; TCP-AO, RFC 5925), and drops
// without a word what its peer did not sign; one without drops what is signed (Linux,
// tcp_inbound_hash()). Whether a signature is right, only who has the key can tell.

// learnKey notes by s, e's SYN or the first of its segments that passed, whether e has a key.
func (e *endpoint) learnKey(s *tcp.Segment) {
	e.has &^= hasKey
	if s.Options.Signed() {
		e.has |= hasKey
	}
}

// carriesSignature reports whether s, sent by e, is signed. Where the capture cut the
// options it passes for one of e's own.
func (e *endpoint) carriesSignature(s *tcp.Segment) bool {
	return s.Options.Signed() || s.Options.Has(tcp.OptCut) && e.is(hasKey)
}

// otherKey reports whether e, as far as it was seen, has a key and signed is false, or has
// none and signed is true: only its SYN, whole, tells that it has none.
func (e *endpoint) otherKey(signed bool) bool {
	if e.is(hasKey) {
		return !signed
	}
	return signed && e.is(hasSYN) && e.offered.set&(tcp.OptCut|tcp.OptMalformed) == 0
}

// misSigned reports whether s, in side's name, is not signed as all that side's socket sends:
// it is another's, and dropped. A RST may be that of side's host, which has lost the key with
// the connection; it is dropped all the same (RFC 2385 section 4.1).
func (c *conn) misSigned(s *tcp.Segment, side Side) bool {
	e := &c.end[side]
	return e.otherKey(e.carriesSignature(s))
}

// foreignKey reports whether en is not signed as its alleged sender signs: who takes a signed
// SYN has its key, and signs as well.
func (c *conn) foreignKey(en *entry) bool {
	e, p := &c.end[en.side], &c.end[en.side.Other()]
	if e.otherKey(en.is(entrySigned)) {
		return true
	}
	return !en.is(entrySigned) && en.alive() && !e.is(hasSYN) && p.is(hasSYN|hasKey)
}

// takeMisSigned accounts for s where it is misSigned: nothing that it says counts, but a RST
// may meet what is left of a closed socket.
func (c *conn) takeMisSigned(s *tcp.Segment, side Side) {
	if s.Flags.Has(tcp.RST) {
		c.keepReset(s, side)
		if e, p := &c.end[side], &c.end[side.Other()]; p.is(hasFIN) && p.top.LessEq(e.ack) {
			c.record(s, side, 0, e.nxt)
		}
	} else {
		c.observe(obsMisSigned, side, s.Frame, s.Time)
	}
	c.rows.add(c, s, side, segMisSigned)
}

// drops reports whether the endpoint must drop en, as it has a key and en no signature, or the
// other way round. What is left of a closed socket in FIN_WAIT_2 and TIME_WAIT does not look at
// that (Linux, do_time_wait in tcp_v4_rcv()).
func (r *replayer) drops(en *entry) bool {
	if !r.e.otherKey(en.is(entrySigned)) {
		return false
	}
	return !en.flags.Has(tcp.RST) || r.state != tcp.TimeWait && !r.orphaned(en)
}

// unsigned reports whether r is not signed as its receiver, or its alleged sender, signs.
func (c *conn) unsigned(r *resetSeen) bool {
	return r.other || c.end[r.side.Other()].otherKey(r.signed)
}

// signatureWords says how r is signed that its receiver drops it.
func (r *resetSeen) signatureWords() string {
	if r.signed {
		return "carries a TCP signature, and its receiver has no key"
	}
	return "lacks the TCP signature that its receiver wants"
}

// unsignedResets returns the frames of the RSTs in side's name that its peer dropped as they are
// not signed as it wants.
func (ev *evidence) unsignedResets(side Side) (frames []int) {
	for i := range ev.c.rst {
		if r := &ev.c.rst[i]; r.side == side && ev.fateOf(r) == resetUnsigned {
			frames = append(frames, r.frame)
		}
	}
	return frames
}

// keyOfPrior reports whether s is signed as its sender signed in the prior incarnation of n,
// and n's SYN is not: who has that key, or none, drops the SYN, and has the connection still.
func (n *conn) keyOfPrior(s *tcp.Segment) bool {
	signed := s.Options.Signed()
	if (s.Options.Set|n.syn.Options.Set)&(tcp.OptCut|tcp.OptMalformed) != 0 || signed == n.syn.Options.Signed() {
		return false
	}
	e := &n.prior.end[n.prior.sideOf(s)]
	return e.is(hasSeq) && !e.otherKey(signed)
}

// endUnheard ends an endpoint with a key that had closed and neither acknowledges data that
// came then nor refuses it: what is left of its socket cannot sign a RST (RFC 2385 section
// 4.1; Linux, tcp_v4_send_reset()). Had it only shut down its direction, it would acknowledge.
func (r *replayer) endUnheard() {
	if r.state != tcp.FinWait2 || !r.e.is(hasKey) {
		return
	}
	var data *entry
	for i := range r.c.log {
		switch en := &r.c.log[i]; {
		case en.frame <= r.timeline[len(r.timeline)-1].Frame:
		case en.side == r.me:
			return
		case data == nil && en.is(entryData) && en.bits&(entryDropped|entryForged) == 0 && r.ack.Less(en.end):
			data = en
		}
	}
	if data == nil {
		return
	}
	if seen := r.c.lastSeen(data); r.c.lastTime-seen.time > r.slack {
		r.become(tcp.Closed, seen.frame, seen.time, Presumed, "received data after close(), and has no key to refuse it with a RST", "RFC 9293 3.10.7.4")
	}
}
