package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// Timestamps (RFC 7323) tell what was sent by somebody who does not have the connection.

// unstamped reports whether en lacks the timestamps that each segment but a RST carries
// once both SYNs offered them (RFC 7323 section 3.2). The keep-alives of macOS carry none
// either (xnu, tcp_respond()), nor does what passed a proxy that strips options.
func (c *conn) unstamped(en *entry) bool {
	return !en.is(entryTS) && !en.is(entryProbe) && en.alive() && c.end[0].is(hasSYN) && c.end[1].is(hasSYN) && c.end[en.side].is(hasTS) &&
		c.end[0].offered.has(tcp.OptTimestamps) && c.end[1].offered.has(tcp.OptTimestamps) && !c.stripped(en.side)
}

// stampedBefore reports whether en carries an older timestamp than w, of the same sender: it
// was sent before.
func (en *entry) stampedBefore(w *entry) bool {
	return en.is(entryTS) && w.is(entryTS) && int32(en.tsval-w.tsval) < 0
}

// sentBefore reports whether en was sent before when, when frame passed, as its timestamp tells by
// those that its sender sent before frame: a clock runs evenly (RFC 7323 section 5.4), one of
// a millisecond where they do not tell how fast.
func (c *conn) sentBefore(en *entry, frame int, when int64) bool {
	if !en.is(entryTS) {
		return false
	}
	var first, last *entry
	for i := range c.log {
		if o := &c.log[i]; o.frame < frame && o.side == en.side && o.is(entryTS) && !o.old() {
			if first == nil {
				first = o
			}
			last = o
		}
	}
	if last == nil {
		return false
	}
	tick := int64(time.Millisecond)
	if n := int64(int32(last.tsval - first.tsval)); n >= 100 {
		tick = (last.time - first.time) / n
	}
	return last.time+int64(int32(en.tsval-last.tsval))*tick < when
}

// echoesUnsent reports whether en acknowledges its peer's SYN and echoes a timestamp older
// than that SYN's, of all that its sender can have received (RFC 7323 section 4.3).
func (c *conn) echoesUnsent(en *entry) bool {
	const wrap = int64(20 * time.Minute) // a clock of 1 MHz goes half round in 36
	if !en.is(entryTS) || en.flags&(tcp.SYN|tcp.ACK) != tcp.ACK || en.is(entryElsewhere) || c.reuse != nil {
		return false
	}
	syns := 0
	for i := range c.log {
		o := &c.log[i]
		if o.side == en.side || !o.flags.Has(tcp.SYN) || !o.is(entryTS) || o.bits&(entryDropped|entryForged) != 0 || en.ack.Less(o.end) {
			continue
		}
		if int32(en.tsecr-o.tsval) >= 0 || en.time-o.time > wrap {
			return false
		}
		syns++
	}
	return syns > 0
}

// stripped reports whether side's segments lost their timestamps on the way to where they
// were captured: several have none, and but for its SYN and RSTs no other passed.
func (c *conn) stripped(side Side) bool {
	n := 0
	for i := range c.log {
		if en := &c.log[i]; en.side == side && !en.flags.Any(tcp.SYN|tcp.RST) {
			if en.is(entryTS) {
				return false
			}
			n++
		}
	}
	return n > 1
}
