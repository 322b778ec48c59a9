package analyzer

import (
	"encoding/binary"

	"tcpreplay-fsm/tcp"
)

// packedRows are ladder rows, without what is worked out when the conversation is
// over. Each is told by what differs from those before it, in some 15 bytes: a
// tenth of a Row, and nothing in it for the garbage collector to follow.
type packedRows struct {
	b []byte
	n int
}

// differences is what the next row is compared with.
type differences struct {
	frame    int
	time     int64
	seq, ack [2]tcp.Seq // expected next, by side
	window   [2]uint32
	inFlight [2]uint32
}

// A packed row begins with its flags and these bits.
const (
	packedServer = 1 << iota // Row.From
	packedICMP
	packedSACK
	packedMarks
	packedComment
	packedRTT
	packedBits = iota
)

func (p *packedRows) add(r *Row, m marks, d *differences) {
	side := r.From & 1
	first := uint64(r.Flags)<<packedBits | uint64(side)
	for _, bit := range [...]struct {
		set bool
		is  uint64
	}{{r.ICMP, packedICMP}, {len(r.SACK) > 0, packedSACK}, {m != 0, packedMarks}, {r.Comment != "", packedComment}, {r.RTT != 0, packedRTT}} {
		if bit.set {
			first |= bit.is
		}
	}
	if p.b == nil {
		p.b = make([]byte, 0, 128) // a short conversation: eight rows
	}
	b := binary.AppendUvarint(p.b, first)
	b = binary.AppendVarint(b, int64(r.Frame-d.frame))
	b = binary.AppendVarint(b, r.Time-d.time)
	b = binary.AppendVarint(b, int64(r.Seq.Sub(d.seq[side])))
	b = binary.AppendVarint(b, int64(r.Ack.Sub(d.ack[side])))
	b = binary.AppendUvarint(b, uint64(r.Len))
	b = binary.AppendVarint(b, int64(r.Window)-int64(d.window[side]))
	for x, n := range r.InFlight {
		b = binary.AppendVarint(b, int64(n)-int64(d.inFlight[x]))
	}
	if r.RTT != 0 {
		b = binary.AppendVarint(b, r.RTT)
	}
	if len(r.SACK) > 0 {
		b = append(b, byte(len(r.SACK)))
		for _, block := range r.SACK {
			b = binary.BigEndian.AppendUint32(b, uint32(block.Left))
			b = binary.BigEndian.AppendUint32(b, uint32(block.Right))
		}
	}
	if m != 0 {
		b = binary.AppendUvarint(b, uint64(m))
	}
	if r.Comment != "" {
		b = binary.AppendUvarint(b, uint64(len(r.Comment)))
		b = append(b, r.Comment...)
	}
	p.b = b
	p.n++
	d.passed(r)
}

func (d *differences) passed(r *Row) {
	side := r.From & 1
	d.frame, d.time = r.Frame, r.Time
	d.seq[side], d.ack[side], d.window[side] = r.Seq.Add(r.Len), r.Ack, r.Window
	d.inFlight = r.InFlight
}

// each calls f with the rows in order; they are f's.
func (p *packedRows) each(f func(*Row, marks)) {
	var d differences
	b := p.b
	signed := func() int64 {
		v, n := binary.Varint(b)
		b = b[n:]
		return v
	}
	unsigned := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return v
	}
	for range p.n {
		first := unsigned()
		side := Side(first & packedServer)
		r := Row{From: side, Flags: tcp.Flags(first >> packedBits), ICMP: first&packedICMP != 0}
		r.Frame = d.frame + int(signed())
		r.Time = d.time + signed()
		r.Seq = d.seq[side].Add(uint32(signed()))
		r.Ack = d.ack[side].Add(uint32(signed()))
		r.Len = uint32(unsigned())
		r.Window = uint32(int64(d.window[side]) + signed())
		for x := range r.InFlight {
			r.InFlight[x] = uint32(int64(d.inFlight[x]) + signed())
		}
		if first&packedRTT != 0 {
			r.RTT = signed()
		}
		if first&packedSACK != 0 {
			r.SACK = make([]tcp.Block, b[0])
			b = b[1:]
			for i := range r.SACK {
				r.SACK[i] = tcp.Block{Left: tcp.Seq(binary.BigEndian.Uint32(b)), Right: tcp.Seq(binary.BigEndian.Uint32(b[4:]))}
				b = b[8:]
			}
		}
		var m marks
		if first&packedMarks != 0 {
			m = marks(unsigned())
		}
		if first&packedComment != 0 {
			n := unsigned()
			r.Comment = string(b[:n])
			b = b[n:]
		}
		d.passed(&r)
		f(&r, m)
	}
}

// marks is a set of the short names of what a segment is (Row.Marks).
type marks uint32

// In the order in which a row has them.
const (
	markOutOfOrder marks = 1 << iota
	markRetransmission
	markKeepalive
	markWindowProbe
	markDropped
	markKeepaliveAnswer
	markDupACK
	markZeroWindow
	markWindowOpen
	markWindowFull
	markFast
	markDuplicate
	markOldDuplicate
	markCapturedAgain
	markSYNInConnection
	markICMP // and on from here, one for each tcp.ICMPKind
)

var markNames = func() []string {
	names := []string{"out of order", "retransmission", "keep-alive", "window probe", "dropped by its receiver",
		"keep-alive answer", "duplicate ACK", "zero window", "window open again", "window full", "fast",
		"duplicate packet", "old duplicate", "captured again", "SYN in an open connection"}
	for k := tcp.ICMPKind(0); k <= tcp.ICMPOther; k++ {
		names = append(names, "ICMP "+k.String())
	}
	return names
}()

func (m marks) names() (names []string) {
	for i, name := range markNames {
		if m>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return names
}

// kindMarks and obsMarks are the marks of what was made of a segment.
var kindMarks = [...]marks{
	segFill:        markOutOfOrder,
	segRetransmit:  markRetransmission,
	segKeepalive:   markKeepalive,
	segWindowProbe: markWindowProbe,
	segDropped:     markDropped,
}

var obsMarks = [...]struct {
	kind obsKind
	mark marks
}{{obsKeepaliveAnswer, markKeepaliveAnswer}, {obsDupACK, markDupACK}, {obsZeroWindow, markZeroWindow},
	{obsWindowOpen, markWindowOpen}, {obsWindowFull, markWindowFull}, {obsFastRetransmit, markFast},
	{obsDuplicate, markDuplicate}, {obsOldDuplicate, markOldDuplicate}}
