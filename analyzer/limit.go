package analyzer

import "tcpreplay-fsm/tcp"

// What keeps a sender from sending is told by a simple form of the methods of
// Zhang, Breslau, Paxson and Shenker, "On the characteristics and origins of
// Internet flow rates" (T-RAT, SIGCOMM 2002) and of Siekkinen, Urvoy-Keller,
// Biersack and En-Najjary, "Root cause analysis for long-lived TCP connections"
// (CoNEXT 2005): each pause before new payload is put down to what stood when the
// payload before it had been sent.

// limit is what an endpoint waits for before it sends more.
type limit uint8

const (
	byNetwork     limit = iota // ACKs: its congestion window is full, or it repairs a loss
	byReceiver                 // room in the receive window of its peer
	byApplication              // more from its application
)

var limitNames = [...]string{byNetwork: "network", byReceiver: "receiver", byApplication: "application"}

const (
	// nearlyFull is how many segments may still fit into a receive window that
	// limits (Siekkinen and others, section 4.2).
	nearlyFull = 3
	// leastFull is the least size of a segment that may be full although it is
	// smaller than the MSS, as where the path allows less.
	leastFull = 536
	// fewestToJudge is how many segments with payload a label takes.
	fewestToJudge = 10
)

// attribute puts the pause before s down to a limit, and finds what the next one will
// be put down to.
func (m *meter) attribute(c *conn, s *tcp.Segment, side Side, kind segKind, nxt tcp.Seq, last int64) {
	e, p := &c.end[side], &c.end[side.Other()]
	pause := max(0, s.Time-last)
	if kind != segData && kind != segSYN {
		m.waits[byNetwork] += pause
		return
	}
	m.dataSegments++
	why := m.waitsFor
	if p.is(hasACK) && nxt.LessEq(p.ack) {
		free := p.advance.time
		if why == byReceiver {
			free = p.time + c.handshakeRTT(side) // its window may have opened since
		}
		if s.Time-free > free-last {
			why = byApplication // all was acknowledged, and longer ago than the ACK had taken
		}
	} else if m.hitches != nil && m.held > 0 {
		m.noteNotHeld(s, nxt, e, p)
	}
	m.waits[why] += pause

	if p.advance.time-last >= leastDelayedACK {
		c.noteHeld(s, side, nxt, last)
	}

	mss := p.largest()
	full := mss
	if s.Options.Has(tcp.OptTimestamps) && mss > 12 {
		full -= 12 // RFC 6691 section 2
	}
	room := p.ack.Add(p.windowBytes()).Sub(e.nxt)
	switch {
	case p.is(hasACK|hasWindow) && int64(room) < nearlyFull*int64(mss) && (e.is(hasSYN) && p.is(hasSYN) || p.window == 0):
		m.waitsFor = byReceiver
	case full > 0 && s.Len%full == 0, s.Len >= leastFull && s.Len == e.recent[0].len && !s.Flags.Has(tcp.PSH):
		m.waitsFor = byNetwork
	default:
		m.waitsFor = byApplication // a segment that is not full: there was no more
	}
}

// limited names the limit that took more than half of the time.
func (m *meter) limited() string {
	sum := m.waits[0] + m.waits[1] + m.waits[2]
	for l, t := range m.waits {
		if t > sum/2 {
			return limitNames[l]
		}
	}
	return ""
}

// leastMSS is what a receiver takes that does not say (RFC 9293 section 3.7.1).
const leastMSS = 536

// largest is the payload that e takes in one segment.
func (e *endpoint) largest() uint32 {
	if e.is(hasSYN) && e.offered.has(tcp.OptMSS) && e.offered.mss > 0 {
		return uint32(e.offered.mss)
	}
	return leastMSS
}
