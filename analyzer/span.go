package analyzer

import "tcpreplay-fsm/tcp"

// Two sequence numbers can be put in order only if less than 2^31 lies between them
// (RFC 9293 section 3.4), which is what a long connection leaves behind its beginning.
// So that beginning is moved up behind it: isn stays as it was, to know a SYN by, and
// origin, which stands for it, follows what the endpoint sends in steps, with what was
// logged of the beginning. Whatever is told by order is asked of origin.

const (
	// passedSpan is how far back reassembly.Ranges reaches.
	passedSpan = 1 << 30
	// originSpan is how far an endpoint may go from its origin before that follows, and
	// originStep how far it follows: it stays further back than any window.
	originSpan = passedSpan + originStep
	originStep = 1 << 29
	// originSteps is how many steps go round all sequence numbers.
	originSteps = 1 << 32 / originStep
)

// origin is isn, or a number that stands for it.
func (e *endpoint) origin() tcp.Seq { return e.isn + tcp.Seq(e.steps)*originStep }

// stretch moves the origin of side up, if it was left too far behind, and what was
// logged of the numbers around it.
func (c *conn) stretch(side Side) {
	e := &c.end[side]
	for uint32(e.nxt-e.origin()) > originSpan {
		begun := e.origin()
		if e.steps++; e.steps == 2*originSteps {
			e.steps = originSteps // the same number, and not isn's own 0
		}
		lift := func(n *tcp.Seq) {
			if n.InWindow(begun, originStep) {
				*n += originStep
			}
		}
		for i := range c.log {
			switch en := &c.log[i]; {
			case en.side == side:
				lift(&en.seq)
				lift(&en.end)
				lift(&en.edge)
			case en.flags.Has(tcp.ACK):
				lift(&en.ack)
			}
		}
	}
}

// moved reports whether e has left its initial number far behind.
func (e *endpoint) moved() bool { return e.steps != 0 }

// outOfReach reports whether n, seen when, lies further ahead of all that side was seen to
// send than a capture may have lost: than near, and than its peer's widest window.
func (c *conn) outOfReach(n tcp.Seq, side Side, when int64) bool {
	d := n.Sub(c.end[side].nxt)
	return d > int32(max(near, min(c.end[side.Other()].windowMax, 1<<30))) && !c.carries(d, when)
}

// contiguous is the first number of e, from its origin on, that did not pass.
func (e *endpoint) contiguous() tcp.Seq {
	from := e.origin()
	if uint32(e.top-from) > passedSpan {
		from = e.top - passedSpan
	}
	return e.passed.Contiguous(from)
}

// acknowledges reports whether ack acknowledges something that e sent, be it only its
// SYN: the test of SYN_SENT (RFC 9293 section 3.10.7.3).
func (e *endpoint) acknowledges(ack tcp.Seq) bool {
	return e.origin().Less(ack) && ack.LessEq(e.nxt)
}
