package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// settleFIN takes back the end of what side sent to its FIN, where something passed
// beyond it that its peer never acknowledged, while it acknowledged the FIN: that
// was forged, as nothing follows a FIN (RFC 9293 section 3.10.7.4, seventh check).
func (c *conn) settleFIN(side Side) {
	e, p := &c.end[side], &c.end[side.Other()]
	if !e.is(hasFIN) || !p.is(hasACK) || !p.ack.Less(e.top) {
		return
	}
	if c.beyondWindow(side) {
		e.top = p.ack
		return
	}
	for i := range c.log {
		if en := &c.log[i]; en.side == side && en.flags.Has(tcp.FIN) && en.end == p.ack && !en.is(entryDropped) {
			e.top = p.ack
			return
		}
	}
}

// disownFIN finds a FIN in side's name that side did not send: it goes on with that
// number, with data, or in its answers to what its peer sends. Behind a FIN of its
// own all it sends has the number after it (SND.NXT, RFC 9293 section 3.4), but for
// keep-alives, which answer nothing. Its receiver took it, where it acknowledged it.
func (c *conn) disownFIN(side Side) {
	var fin, asked *entry
	answers := 0
	for i := range c.log {
		en := &c.log[i]
		switch {
		case en.side != side:
			asked = en
		case en.flags.Has(tcp.RST) || en.bits&(entryDropped|entryOld|entryForged) != 0:
		case en.flags.Has(tcp.FIN):
			fin, answers = en, 0
		case fin == nil || en.seq != fin.end-1:
		case en.end != en.seq && !en.is(entryProbe) || asked != nil && fin.frame < asked.frame && en.time-asked.time < answerDelay:
			answers++
			if answers > 1 {
				fin.bits |= entryForged
			}
		}
	}
}

// ownTop returns the end of all that side sent itself. It is endpoint.top, but that
// may be the end of a FIN in its name which its peer took.
func (c *conn) ownTop(side Side) tcp.Seq {
	e := &c.end[side]
	top, forged := e.origin(), false
	for i := range c.log {
		en := &c.log[i]
		switch {
		case en.side != side || en.is(entryDropped) || !en.alive():
		case en.is(entryForged):
			forged = true
		default:
			top = top.Max(en.end)
		}
	}
	if !forged {
		return e.top
	}
	return top
}

// answerDelay is within what time of its peer's segment what an endpoint sends is no
// keep-alive: those come a second after it at the earliest (Linux, TCP_KEEPIDLE).
const answerDelay = int64(500 * time.Millisecond)

// beyondWindow reports whether the FIN that ends all that side sent lies beyond
// every window its peer offered, whose newest acknowledgement passed after it: its
// receiver drops it (RFC 9293 section 3.10.7.4, first check), so it was forged.
func (c *conn) beyondWindow(side Side) bool {
	e, p := &c.end[side], &c.end[side.Other()]
	if p.windowMax == 0 || e.top.Sub(p.ack) <= int32(min(p.windowMax, 1<<30))+1 {
		return false
	}
	fin := 0
	for i := range c.log {
		switch en := &c.log[i]; {
		case en.side == side && en.flags.Has(tcp.FIN) && en.end == e.top && !en.is(entryDropped):
			fin = en.frame
		case en.side != side && fin > 0 && en.alive():
			return true
		}
	}
	return false
}
