package analyzer

import (
	"cmp"
	"time"

	"tcpreplay-fsm/tcp"
)

// Long captures of many connections are often filtered down to the segments that open and
// close them (tcpdump 'tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0'). How far each side
// came is then told by the numbers of its FIN or RST alone. No ACK of a FIN is held, nor can
// a FIN be told from a copy that was sent after more had been received.

// onlyFlags reports whether nothing but SYNs, FINs and RSTs passed so far.
func (c *conn) onlyFlags() bool { return c.end[Client].opened+c.end[Server].opened == 0 }

// filtered reports whether the capture must have been filtered so: a connection that was
// opened and closed passed, but nothing else of it. That the ACK of a SYN,ACK was merely
// lost, both FINs tell, or that no other SYN,ACK passed a second later (RFC 6298 section 2.1),
// or the numbers of an abort.
func (c *conn) filtered() bool {
	if !c.onlyFlags() {
		return false
	}
	var fins [2]bool
	var answered, ended int64
	for i := range c.log {
		switch en := &c.log[i]; {
		case en.is(entryDropped):
		case en.flags.Has(tcp.SYN) && en.side == Server:
			if en.flags&tcp.ACK == 0 {
				return false // a simultaneous open, in which SYN,ACKs cross
			}
			answered = en.time
		case en.flags.Any(tcp.FIN | tcp.RST):
			ended = en.time
			if c.abortsOpen(en) {
				return answered != 0
			}
			fins[en.side] = fins[en.side] || en.flags&(tcp.FIN|tcp.RST) == tcp.FIN
		}
	}
	return answered != 0 && (fins[Client] && fins[Server] || ended-answered > int64(time.Second))
}

// carries reports whether a connection can have carried n bytes by when, in nanoseconds, of
// which none passed: where nothing but SYNs, FINs and RSTs did, and at 10 Gbit/s.
func (c *conn) carries(n int32, when int64) bool {
	return c.onlyFlags() && int64(n)*4/5 <= when-c.first
}

// abortsOpen reports whether the RST en, with which its sender's socket aborts, has numbers
// that it came to in an open connection: both sides had sent more than their SYNs.
func (c *conn) abortsOpen(en *entry) bool {
	e, p := &c.end[en.side], &c.end[en.side.Other()]
	return en.aborts() && e.is(hasSYN) && p.is(hasSYN) && e.isn.Add(1).Less(en.seq) && p.isn.Add(1).Less(en.ack)
}

// presumeACKs lets the endpoint receive the ACK of its FIN, where the capture holds no ACKs:
// a FIN is acknowledged at once (RFC 9293 section 3.10.7.4, eighth step). One that was sent
// again and again was not.
func (r *replayer) presumeACKs() {
	if r.ownFIN == nil || !r.filtered || r.p.resets > 0 {
		return
	}
	n := 0
	for i := range r.c.log {
		if en := &r.c.log[i]; en.side == r.me && r.owns(en) && !en.old() {
			n++
		}
	}
	if n >= deathCopies {
		return
	}
	switch r.state {
	case tcp.FinWait1, tcp.Closing, tcp.LastAck:
		if r.apply(tcp.RecvAckOfFIN, cmp.Or(r.lastFIN, r.ownFIN), false, Presumed) {
			r.timeline[len(r.timeline)-1].Cause = "received an ACK of its FIN; the capture holds nothing but SYN, FIN and RST"
		}
	}
}
