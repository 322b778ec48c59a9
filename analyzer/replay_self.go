package analyzer

import "tcpreplay-fsm/tcp"

// itself reports whether both ends are one socket, connected to its own address and
// port: a simultaneous open with itself (RFC 9293 section 3.5).
func (c *conn) itself() bool { return c.tuple == c.tuple.Reverse() }

// runSelf works out the states of a socket connected to itself: it sends each
// segment, and then receives it.
func (r *replayer) runSelf() replayed {
	for i := range r.c.log {
		en := &r.c.log[i]
		fin := en.flags.Has(tcp.FIN) && !en.old()
		switch {
		case en.flags.Has(tcp.RST):
			r.apply(tcp.SentRST, en, false, Sent)
		case en.flags.Has(tcp.SYN | tcp.ACK):
			r.apply(tcp.RecvSYNACK, en, true, Presumed)
		case en.flags.Has(tcp.SYN):
			r.apply(tcp.SentSYN, en, false, Sent)
			r.apply(tcp.RecvSYN, en, true, Presumed)
		case fin:
			r.apply(tcp.SentFIN, en, false, Sent)
			r.apply(tcp.RecvFIN, en, true, Presumed)
			r.ownFIN = en
		case r.ownFIN != nil && r.ownFIN.end.LessEq(en.ack):
			r.apply(tcp.RecvAckOfFIN, en, true, Presumed)
		}
	}
	r.timers()
	return replayed{timeline: append([]Transition(nil), r.timeline...)}
}
