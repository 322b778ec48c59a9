package analyzer

import "tcpreplay-fsm/tcp"

// adopt enters the state the endpoint must already have been in where the
// capture began later than the connection.
func (r *replayer) adopt() {
	if r.c.roles == rolesSYN || len(r.c.log) == 0 {
		return
	}
	first, mine := &r.c.log[0], r.c.log.first(r.me, func(*entry) bool { return true })
	if mine != nil && mine.is(entryReply) {
		return // a RST that answers a segment of no connection: it had none
	}
	if syn := r.c.lateSYN(); syn != nil {
		if r.me == Client {
			r.apply(tcp.SentSYN, syn, false, Sent)
		} else {
			r.state = tcp.Listen
			r.apply(tcp.RecvSYN, syn, true, Acked)
		}
		return
	}
	if r.c.roles == rolesSYNACK {
		st, why := tcp.SynSent, "its SYN was not captured"
		if r.me == Server {
			st = tcp.SynRcvd
			why = "the SYN it answers was not captured"
		}
		r.become(st, first.frame, first.time, Adopted, why, "RFC 9293 3.10.1")
		return
	}
	if first.flags&tcp.ACK == 0 {
		return // no connection sends that: a stray segment
	}
	st := tcp.Established
	side, ok := r.c.closedEarlier()
	r.guessed = ok
	switch {
	case ok && side == r.me:
		st = tcp.FinWait2
	case ok:
		st = tcp.CloseWait
	}
	r.become(st, first.frame, first.time, Adopted, "the capture began later", "")
}

// lateSYN returns the SYN that the first segment, a SYN,ACK, answers, where it passed just
// after that, or nil: the capture holds the two out of order, and misses nothing.
func (c *conn) lateSYN() *entry {
	if c.roles != rolesSYNACK || len(c.log) == 0 {
		return nil
	}
	synack := &c.log[0]
	return c.log.first(Client, func(en *entry) bool {
		return en.flags&(tcp.SYN|tcp.ACK) == tcp.SYN && en.end == synack.ack && en.time-synack.time <= captureDisorder
	})
}

// closedEarlier tells, for a conversation whose start was not captured, which
// side had sent its FIN before the capture began: the other side's FIN was
// captured and acknowledged, and in all the capture this side sent neither
// payload nor FIN nor RST. The wire allows another history, that this side never
// closes; it is the rarer one.
func (c *conn) closedEarlier() (Side, bool) {
	for x := Client; x <= Server; x++ {
		e, p := &c.end[x], &c.end[x.Other()]
		if e.is(hasSeq) && e.has&(hasData|hasFIN) == 0 && e.resets == 0 && p.is(hasFIN) && p.resets == 0 &&
			e.is(hasACK) && p.top.LessEq(e.ack) && p.is(hasACK) && p.ack == e.nxt {
			return x, true
		}
	}
	return 0, false
}
