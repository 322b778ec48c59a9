package analyzer

import "tcpreplay-fsm/tcp"

// Two sequence numbers can be put in order only if less than 2^31 lies between them
// (RFC 9293 section 3.4). What a long connection sends leaves its initial number
// behind; here is what may be asked of that number all the same.

// maxSpan is how far an endpoint goes before its initial number is not put in order
// with others any more. It is how far back reassembly.Ranges reaches.
const maxSpan = 1 << 30

// stretch notes when e has gone so far.
func (e *endpoint) stretch() {
	if uint32(e.nxt-e.isn) > maxSpan {
		e.has |= hasFar
	}
}

// contiguous is the first number of e, from its initial one on, that did not pass.
func (e *endpoint) contiguous() tcp.Seq {
	if e.is(hasFar) {
		return e.passed.Contiguous(e.top - maxSpan)
	}
	return e.passed.Contiguous(e.isn)
}

// acknowledges reports whether ack acknowledges something that e sent, be it only its
// SYN: the test of SYN_SENT (RFC 9293 section 3.10.7.3).
func (e *endpoint) acknowledges(ack tcp.Seq) bool {
	return e.beyondISN(ack) && (e.is(hasFar) || ack.LessEq(e.nxt))
}

// beyondISN reports whether n comes after the initial number of e.
func (e *endpoint) beyondISN(n tcp.Seq) bool { return e.is(hasFar) || e.isn.Less(n) }
