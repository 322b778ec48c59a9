package analyzer

import "tcpreplay-fsm/tcp"

// entry is a segment in the log: one that can change a state, or that can prove
// whether another one arrived.
type entry struct {
	sighting // where it was seen first

	seq, end, ack tcp.Seq
	edge          tcp.Seq // how far its sender had been seen to send before it
	tsval, tsecr  uint32
	flags         tcp.Flags
	window        uint16
	bits          entryBits
	side          Side
	rare          uint8 // its place in conn.rare, plus one; 0 if it has none
}

// sighting is where a segment was seen.
type sighting struct {
	frame int
	time  int64
}

// rareEntry is what few entries have.
type rareEntry struct {
	last  sighting
	dsack tcp.Block // the bytes it says it received twice (RFC 2883); empty if none
}

type entryBits uint16

const (
	entryTS        entryBits = 1 << iota // tsval and tsecr are set
	entryData                            // carries payload
	entryFills                           // payload that passed after its sender's FIN
	entryReply                           // a RST of the form that answers a segment, not that of a socket
	entryDropped                         // its receiver must drop it (PAWS)
	entryProbe                           // a keep-alive or window probe
	entryElsewhere                       // it met another incarnation of the 4-tuple, which answered it
	entryForged                          // another sent it in its sender's name; its receiver may have taken it
	entryFresh                           // it is not late: what made it look so was forged
	entryMidway                          // a FIN that passed while its receiver was sending payload
	entryEnded                           // its sender had been reset before, and had no connection any more
	entrySigned                          // it carries a TCP signature
	entryOld                             // sent before others of its sender that passed earlier: late, or a copy
)

func (en *entry) is(b entryBits) bool { return en.bits&b == b }

// plain reports whether it is neither SYN, FIN nor RST.
func (en *entry) plain() bool { return !en.flags.Any(tcp.SYN | tcp.FIN | tcp.RST) }

// alive reports whether only an endpoint that has the connection can have sent it.
func (en *entry) alive() bool {
	return !en.flags.Any(tcp.SYN|tcp.RST) && en.flags.Has(tcp.ACK) && !en.is(entryForged)
}

// aborts reports whether it is a RST by which a socket aborts (Linux, tcp_send_active_reset()),
// not one that answers a segment: its sender had a connection still.
func (en *entry) aborts() bool { return en.flags.Has(tcp.RST|tcp.ACK) && !en.is(entryReply) }

// old reports whether en was sent before others of its sender that passed earlier, or
// is a copy.
func (en *entry) old() bool { return en.bits&(entryOld|entryFresh) == entryOld }

// late reports whether en was sent before something of its sender that passed
// earlier. An ACK without payload carries SND.NXT (RFC 9293 section 3.10.7.4), so
// one with less is late as well, if it is no probe.
func (en *entry) late() bool {
	return !en.is(entryFresh) && (en.is(entryOld) || en.plain() && en.end == en.seq && en.seq.Less(en.edge) && !en.is(entryProbe))
}

// entries are a log, or a part of one.
type entries []entry

// first returns side's first entry that fits, or nil.
func (l entries) first(side Side, fits func(*entry) bool) *entry {
	for i := range l {
		if en := &l[i]; en.side == side && fits(en) {
			return en
		}
	}
	return nil
}

// firstACK returns the first entry by which side, with a connection, acknowledges n, or nil.
func (l entries) firstACK(side Side, n tcp.Seq) *entry {
	return l.first(side, func(en *entry) bool { return en.alive() && n.LessEq(en.ack) })
}

// fin returns side's first FIN, or nil.
func (c *conn) fin(side Side) *entry {
	return c.log.first(side, func(en *entry) bool { return en.flags.Has(tcp.FIN) })
}

// finFrame returns the frame of side's first FIN, or 0.
func (c *conn) finFrame(side Side) int {
	if fin := c.fin(side); fin != nil {
		return fin.frame
	}
	return 0
}

// finBefore reports whether a FIN of side passed before frame.
func (c *conn) finBefore(side Side, frame int) bool {
	fin := c.finFrame(side)
	return fin != 0 && fin < frame
}

// lastSeen is where the last copy of en was seen, when the capture recorded the
// packet several times on its way: it was sent at the first and received after
// the last.
func (c *conn) lastSeen(en *entry) sighting {
	if en.rare != 0 {
		if last := c.rare[en.rare-1].last; last.frame != 0 {
			return last
		}
	}
	return en.sighting
}

// dsack is the D-SACK block of en; empty if it has none.
func (c *conn) dsack(en *entry) tcp.Block {
	if en.rare == 0 {
		return tcp.Block{}
	}
	return c.rare[en.rare-1].dsack
}

// rarely returns where to put what few entries have, or nil where the log of a
// conversation already has as much of that as it may.
func (c *conn) rarely(en *entry) *rareEntry {
	if en.rare == 0 {
		if len(c.rare) == maxRare {
			return nil
		}
		m := c.seldomly()
		m.rare = append(m.rare, rareEntry{})
		en.rare = uint8(len(c.rare))
	}
	return &c.rare[en.rare-1]
}

const (
	// maxLog bounds the log of one conversation. Runs of plain segments are
	// folded, so only hundreds of SYNs, FINs and RSTs reach it.
	maxLog = 192
	// What the log of an ordinary conversation holds: a SYN that nobody answers, a
	// handshake with a first segment of data and its ACK, all of one that goes on, and
	// of one that is over.
	loneLog, openedLog, ongoingLog, ordinaryLog = 1, 5, 2 + 2*openingSegments, 12
	// maxRare bounds what entry.rare can number.
	maxRare = 255
	// openingSegments is how many plain segments of each side are logged from
	// the start: they prove that the handshake was completed.
	openingSegments = 3
)

// entryOf is s, which side sent, as the log has it, without what its place in the log tells.
func entryOf(s *tcp.Segment, side Side) entry {
	en := entry{sighting: sighting{s.Frame, s.Time}, seq: s.Seq, end: s.End(), ack: s.Ack, flags: s.Flags, window: s.Window, side: side}
	if s.Options.Has(tcp.OptTimestamps) {
		en.bits = entryTS
		en.tsval, en.tsecr = s.Options.TSVal, s.Options.TSEcr
	}
	return en
}

// record puts s into the log if it belongs there. edge is how far its sender
// had sent before it.
func (c *conn) record(s *tcp.Segment, side Side, bits entryBits, edge tcp.Seq) {
	e, p := &c.end[side], &c.end[side.Other()]
	special := s.Flags.Any(tcp.SYN | tcp.FIN | tcp.RST)
	if !special && e.opened >= openingSegments && !c.closing {
		return
	}
	if len(c.log) >= maxLog && !(s.Flags.Has(tcp.RST) && len(c.log) < maxLog+16) {
		c.logFull = true
		return
	}
	en := entryOf(s, side)
	en.edge = edge
	en.bits |= bits
	if e.carriesSignature(s) {
		en.bits |= entrySigned
	}
	if s.Len > 0 {
		en.bits |= entryData
		if again := s.Flags.Has(tcp.FIN) && s.End() == edge; e.is(hasFIN) && (again || !special) {
			en.bits |= entryFills
		}
	}
	if s.Flags.Has(tcp.FIN) && p.payloadFrame != 0 && s.Time-p.payloadTime <= max(c.handshakeRTT(side), c.handshakeRTT(side.Other()))*2 {
		en.bits |= entryMidway
	}
	switch {
	case special:
		c.closing = c.closing || s.Flags.Any(tcp.FIN|tcp.RST)
	case e.opened < openingSegments:
		e.opened++
	default:
		c.fold(&en, p)
	}
	if n := len(c.log); n == cap(c.log) && n < ordinaryLog {
		room := ordinaryLog
		switch {
		case n < loneLog:
			room = loneLog
		case n < openedLog:
			room = openedLog
		case n < ongoingLog && !c.closing:
			room = ongoingLog
		}
		c.log = roomyLog(c.log, room)
	}
	if b := s.Options.SACK[0]; s.Options.SACKBlocks > 0 && b.Right.LessEq(s.Ack) {
		if r := c.rarely(&en); r != nil {
			*r = rareEntry{dsack: b}
		}
	}
	c.log = append(c.log, en)
}

// fold drops the newest plain segment of en's side from the log if it and the
// one before it prove just what en proves: of such a run only the first and the
// last can matter.
func (c *conn) fold(en *entry, p *endpoint) {
	if en.is(entryFills) {
		return
	}
	var run [2]int
	n := 0
	for i := len(c.log) - 1; i >= 0 && n < len(run); i-- {
		o := &c.log[i]
		if o.side != en.side {
			continue
		}
		if !o.plain() || (o.bits^en.bits)&^(entryTS|entryForged|entryFresh|entryEnded) != 0 || p.top.LessEq(o.ack) != p.top.LessEq(en.ack) {
			return
		}
		run[n] = i
		n++
	}
	if n == len(run) {
		if n := c.log[run[0]].rare; n != 0 {
			c.rare[n-1], en.rare = rareEntry{}, n
		}
		c.log = append(c.log[:run[0]], c.log[run[0]+1:]...)
	}
}
