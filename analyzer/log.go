package analyzer

import "tcpreplay-fsm/tcp"

// entry is a segment in the log: one that can change a state, or that can prove
// whether another one arrived.
type entry struct {
	frame int // where it was seen first
	time  int64
	// Where its last copy was seen, when the capture recorded the packet several
	// times on its way: it was sent at the first and received after the last.
	lastFrame int
	lastTime  int64

	seq, end, ack tcp.Seq
	edge          tcp.Seq // how far its sender had been seen to send before it
	tsval, tsecr  uint32
	sack          tcp.Block // its first SACK block; empty if none
	flags         tcp.Flags
	window        uint16
	side          Side
	bits          entryBits
}

type entryBits uint8

const (
	entryTS        entryBits = 1 << iota // tsval and tsecr are set
	entryData                            // carries payload
	entryFills                           // payload that passed after its sender's FIN
	entryReply                           // a RST of the form that answers a segment, not that of a socket
	entryDropped                         // its receiver must drop it (PAWS)
	entryProbe                           // a keep-alive or window probe
	entryElsewhere                       // it met another incarnation of the 4-tuple, which answered it
	entryOld                             // sent before others of its sender that passed earlier: late, or a copy
)

func (en *entry) is(b entryBits) bool { return en.bits&b == b }

// plain reports whether it is neither SYN, FIN nor RST.
func (en *entry) plain() bool { return !en.flags.Any(tcp.SYN | tcp.FIN | tcp.RST) }

// alive reports whether only an endpoint that has the connection can have sent it.
func (en *entry) alive() bool { return !en.flags.Any(tcp.SYN|tcp.RST) && en.flags.Has(tcp.ACK) }

const (
	// maxLog bounds the log of one conversation. Runs of plain segments are
	// folded, so only hundreds of SYNs, FINs and RSTs reach it.
	maxLog = 192
	// ordinaryLog is what the log of an ordinary conversation holds.
	ordinaryLog = 10
	// openingSegments is how many plain segments of each side are logged from
	// the start: they prove that the handshake was completed.
	openingSegments = 3
)

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
	en := entry{frame: s.Frame, time: s.Time, lastFrame: s.Frame, lastTime: s.Time,
		seq: s.Seq, end: s.End(), ack: s.Ack, edge: edge, flags: s.Flags, window: s.Window, side: side, bits: bits}
	if s.Options.Has(tcp.OptTimestamps) {
		en.bits |= entryTS
		en.tsval, en.tsecr = s.Options.TSVal, s.Options.TSEcr
	}
	if s.Options.SACKBlocks > 0 {
		en.sack = s.Options.SACK[0]
	}
	if s.Len > 0 {
		en.bits |= entryData
		if !special && e.is(hasFIN) {
			en.bits |= entryFills
		}
	}
	switch {
	case special:
		c.closing = c.closing || s.Flags.Any(tcp.FIN|tcp.RST)
	case e.opened < openingSegments:
		e.opened++
	default:
		c.fold(&en, p)
	}
	if len(c.log) == cap(c.log) && len(c.log) < ordinaryLog {
		// A SYN that nobody answers takes one entry, an ordinary conversation ten.
		room := 1
		if len(c.log) > 0 {
			room = ordinaryLog
		}
		c.log = append(make([]entry, 0, room), c.log...)
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
		if !o.plain() || (o.bits^en.bits)&^entryTS != 0 || p.top.LessEq(o.ack) != p.top.LessEq(en.ack) {
			return
		}
		run[n] = i
		n++
	}
	if n == len(run) {
		c.log = append(c.log[:run[0]], c.log[run[0]+1:]...)
	}
}
