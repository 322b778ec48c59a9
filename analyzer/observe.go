package analyzer

import "tcpreplay-fsm/tcp"

// obsKind names something seen in the traffic that a rule may want to know.
type obsKind uint8

const (
	obsSYNRetransmit obsKind = iota
	obsSYNACKRetransmit
	obsFINRetransmit
	obsFINInACK // an ACK that repeats the FIN of its sender
	obsDataRetransmit
	obsFastRetransmit
	obsSpuriousRetransmit // a D-SACK says the first copy had arrived
	obsOutOfOrder
	obsDuplicate // the same packet again, made by the network
	obsKeepalive
	obsKeepaliveAnswer
	obsZeroWindow
	obsWindowProbe
	obsWindowOpen
	obsWindowFull
	obsPAWS
	obsMisSigned
	obsAckOfUnsent
	obsBadSYNACK
	obsSYNInConnection // a SYN where the connection is up
	obsChallengeACK
	obsOldDuplicate
	obsGap
	obsLargeSegment
	obsFINEarly // a FIN with a hole before it
	obsDupACK
	obsHalfClose  // new payload of a sender that acknowledges the peer's FIN
	obsHeld       // payload that was held back until a delayed ACK came
	obsLostBefore // payload sent again whose first copy the capture does not hold
)

// maxObsFrames is how many frames of one kind and side are kept.
const maxObsFrames = 16

// observation is all of one kind from one side: how many, and the first and
// last of them.
type observation struct {
	kind        obsKind
	side        Side
	n           int
	seen        []sighting // the first maxObsFrames of them
	first, last int64
	lastFrame   int
	before      int64 // of keep-alive: when the conversation had last spoken before the first
}

// observations are all of one conversation.
type observations []observation

// frameList returns the frames kept.
func (o *observation) frameList() []int {
	out := make([]int, len(o.seen))
	for i := range o.seen {
		out[i] = o.seen[i].frame
	}
	return out
}

// observe counts one thing seen.
func (c *conn) observe(k obsKind, side Side, frame int, when int64) {
	o := c.observed(k, side)
	if o == nil {
		if c.obs == nil {
			c.obs = new(observations)
		}
		first := observation{kind: k, side: side, first: when}
		if k == obsKeepalive {
			first.before = c.idleSince(side, frame)
		}
		*c.obs = append(*c.obs, first)
		o = &(*c.obs)[len(*c.obs)-1]
	}
	if len(o.seen) < maxObsFrames {
		o.seen = append(o.seen, sighting{frame, when})
	}
	o.n++
	o.last, o.lastFrame = when, frame
}

// observed returns what was seen of one kind from one side, or nil.
func (c *conn) observed(k obsKind, side Side) *observation {
	if c.obs == nil {
		return nil
	}
	for i := range *c.obs {
		if o := &(*c.obs)[i]; o.kind == k && o.side == side {
			return o
		}
	}
	return nil
}

// note keeps what of s a rule may want to know. It is called after s was
// accounted for, but before it is among the sender's recent segments.
func (c *conn) note(s *tcp.Segment, side Side, kind segKind) {
	e, p := &c.end[side], &c.end[side.Other()]
	saw := func(k obsKind) { c.observe(k, side, s.Frame, s.Time) }
	switch kind {
	case segDropped:
		saw(obsPAWS)
	case segBadSYNACK:
		saw(obsBadSYNACK)
	case segKeepalive:
		saw(obsKeepalive)
	case segWindowProbe:
		saw(obsWindowProbe)
	case segFill:
		if e.overtaken(s, c.handshakeRTT(side)) {
			saw(obsOutOfOrder)
		} else {
			c.resend(s, side)
			saw(obsLostBefore)
			c.noteFast(s, side)
		}
	case segForeign:
		if s.Flags.Has(tcp.SYN) {
			saw(obsSYNInConnection)
		}
	case segData:
		if s.Len == 1 && p.is(hasWindow|hasACK) && p.window == 0 && s.Seq == p.ack {
			saw(obsWindowProbe) // BSD's, the first time
		}
	case segSYN:
		c.noteSYN(s, side)
	case segRetransmit:
		c.noteRetransmit(s, side)
		e.noteVain(s, p)
	case segRepacked:
		c.resend(s, side)
		saw(obsDataRetransmit)
		c.noteFast(s, side)
	case segPlain:
		c.notePlain(s, side)
	}
	if s.Flags.Has(tcp.FIN) && kind != segDropped && e.contiguous().Less(s.End()) {
		saw(obsFINEarly)
	}
	if !s.Flags.Any(tcp.SYN | tcp.RST) {
		c.noteWindow(s, side, p)
	}
	if s.Len > 0 && (kind == segData || kind == segFill || kind == segRepacked) && p.is(hasFIN) && p.top.LessEq(e.ack) {
		saw(obsHalfClose)
	}
	c.noteTail(s, e, p, kind)
	c.noteChallenge(s, side, kind)
	c.noteLarge(s, side)
	if s.Flags.Has(tcp.URG) && s.Len > 0 {
		c.facts |= factUrgent
	}
	if s.Options.Has(tcp.OptMPTCP) {
		c.facts |= factMPTCP
	}
	if side == Client && s.Len > 0 && s.Flags.Has(tcp.ACK) && !s.Flags.Any(tcp.SYN|tcp.RST) && e.is(hasSYN) && e.opened == 0 && (!e.is(hasFIN) || s.Flags.Has(tcp.FIN)) {
		c.facts |= factDataInHandshakeACK
	}
}

// noteLarge finds segments that are larger than their receiver said it takes.
func (c *conn) noteLarge(s *tcp.Segment, side Side) {
	e, p := &c.end[side], &c.end[side.Other()]
	if s.Len > uint32(p.offered.mss) && e.is(hasSYN) && p.is(hasSYN) && p.offered.has(tcp.OptMSS) && !s.Flags.Has(tcp.SYN) {
		c.observe(obsLargeSegment, side, s.Frame, s.Time)
	}
}

func (c *conn) noteSYN(s *tcp.Segment, side Side) {
	e, p := &c.end[side], &c.end[side.Other()]
	again := e.moved() && s.Seq == e.isn || c.repeatsSYN(s, side)
	if s.Flags.Has(tcp.ECE|tcp.CWR) && !s.Flags.Has(tcp.ACK) || s.Flags.Has(tcp.ACK|tcp.ECE) {
		c.facts |= factECN
	}
	if s.Flags.Has(tcp.ACK) {
		if p.is(hasSYN) && c.facts&factSYNData != 0 && p.isn.Add(1).Less(s.Ack) {
			c.facts |= factSYNDataAcked
		}
		switch {
		case !again:
		case c.copiesSYNACK(s, side):
			c.observe(obsDuplicate, side, s.Frame, s.Time)
		default:
			c.observe(obsSYNACKRetransmit, side, s.Frame, s.Time)
		}
		return
	}
	if s.Options.Has(tcp.OptFastOpen) && s.Options.FastOpenCookie == 0 {
		c.facts |= factCookieRequest
	}
	if s.Len > 0 {
		c.facts |= factSYNData
	}
	switch {
	case !again:
	case p.is(hasACK) && e.opened > 0 && e.origin().Less(p.ack):
		// Both sides are past the handshake: this copy was late.
		c.observe(obsOldDuplicate, side, s.Frame, s.Time)
		c.observe(obsSYNInConnection, side, s.Frame, s.Time)
	case c.isDuplicate(s, e):
		c.observe(obsDuplicate, side, s.Frame, s.Time)
	default:
		c.observe(obsSYNRetransmit, side, s.Frame, s.Time)
	}
}

// challengeWait is how long after a segment its challenge ACK may come.
const challengeWait = int64(1e9)

// noteChallenge finds the challenge ACKs that RFC 5961 has a receiver send for a
// SYN or an inexact RST in an open connection, and for an ACK of the unsent.
func (c *conn) noteChallenge(s *tcp.Segment, side Side, kind segKind) {
	e, p := &c.end[side], &c.end[side.Other()]
	expect := func() { c.seldomly().challenge = &challenge{s.Frame, s.Time, side.Other()} }
	switch {
	case kind == segReset:
		if p.is(hasACK|hasWindow) && s.Seq != p.ack && s.Seq.InWindow(p.ack, max(p.windowBytes(), 1)) && e.nxt.Less(s.Seq) {
			expect()
		}
	case kind == segSYN && s.Flags&tcp.ACK == 0 && e.opened > 0:
		expect()
	case s.Flags.Has(tcp.ACK) && e.beyond != nil && e.beyond.frame == s.Frame:
		expect()
	case c.challenge != nil && c.challenge.side == side:
		if kind == segPlain && s.Time-c.challenge.time < challengeWait && e.advance.frame != s.Frame {
			c.observe(obsChallengeACK, side, s.Frame, s.Time)
		}
		c.challenge = nil
	}
}

func (c *conn) notePlain(s *tcp.Segment, side Side) {
	e, p := &c.end[side], &c.end[side.Other()]
	last := &p.recent[0]
	if last.frame == 0 || !s.Flags.Has(tcp.ACK) {
		return
	}
	if k := c.observed(obsKeepalive, side.Other()); k != nil && k.lastFrame == last.frame && s.Seq == e.nxt && s.Ack == p.nxt {
		c.observe(obsKeepaliveAnswer, side, s.Frame, s.Time)
		return
	}
	if b := s.Options.SACK[0]; s.Options.SACKBlocks > 0 && b.Right.LessEq(s.Ack) && reportsDuplicate(s, p) {
		if c.answersProbe(b, side) {
			c.observe(obsKeepaliveAnswer, side, s.Frame, s.Time)
			return
		}
		c.observe(obsSpuriousRetransmit, side.Other(), s.Frame, s.Time)
	}
	prev := &e.recent[0]
	if prev.frame != 0 && prev.ack == s.Ack && prev.len == 0 && s.Ack.Less(p.nxt) && prev.window == s.Window && s.Window != 0 {
		c.observe(obsDupACK, side, s.Frame, s.Time)
	}
}

// answersProbe reports whether the D-SACK b of side tells of the byte of a keep-alive probe
// (RFC 2883 section 4) that has no answer yet: other segments may have crossed it.
func (c *conn) answersProbe(b tcp.Block, side Side) bool {
	k, a := c.observed(obsKeepalive, side.Other()), c.observed(obsKeepaliveAnswer, side)
	if k == nil || a != nil && a.lastFrame > k.lastFrame || b.Right != b.Left+1 {
		return false
	}
	for _, r := range c.end[side.Other()].recent {
		if r.frame == k.lastFrame {
			return r.seq == b.Left
		}
	}
	return false
}

func (c *conn) noteWindow(s *tcp.Segment, side Side, p *endpoint) {
	e := &c.end[side]
	was := &e.recent[0]
	for i := 1; i < len(e.recent) && was.flags.Has(tcp.RST); i++ {
		was = &e.recent[i] // the window of a RST means nothing
	}
	open := was.frame == 0 || was.window != 0 || was.flags.Has(tcp.RST)
	switch {
	case s.Window == 0 && open && s.Flags.Has(tcp.ACK):
		c.observe(obsZeroWindow, side, s.Frame, s.Time)
	case s.Window != 0 && !open:
		c.observe(obsWindowOpen, side, s.Frame, s.Time)
	}
	if s.Len > 0 && p.is(hasWindow|hasACK) && e.is(hasSYN) && p.is(hasSYN) {
		if edge := p.ack.Add(p.windowBytes()); edge == s.End() && e.nxt == edge {
			c.observe(obsWindowFull, side, s.Frame, s.Time)
			e.hitched().full.start(s.Time)
		}
	}
}
