package analyzer

import (
	"encoding/binary"

	"tcpreplay-fsm/tcp"
)

// packedRows are ladder rows, without what is worked out when the conversation is
// over. Each is told by what differs from those before it, in some 11 bytes: a
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
	flags    [2]tcp.Flags
	window   [2]uint32
	inFlight [2]uint32
}

// A packed row begins with two bytes of these bits. Of most rows little is said: that
// they are the next ones of their side, and what follows from that.
const (
	packedServer = 1 << iota // Row.From
	packedICMP
	packedSACK
	packedMarks
	packedComment
	packedRTT
	packedFlags // other flags than those of the row before of that side
	packedSeq   // other bytes than the next ones
	packedAck
	packedLen
	packedWindow
	packedFlight // other bytes under way than seq and ack tell
)

// packedMost is what a row takes at most without its comment.
const packedMost = 2 + 3*binary.MaxVarintLen64 + 9*binary.MaxVarintLen32 + 1 + 4*8

func (p *packedRows) add(r *Row, m marks, d *differences) {
	var b [packedMost]byte
	bits, n, side := uint16(r.From&1), 2, r.From&1
	n = putSigned(&b, n, int64(r.Frame-d.frame))
	n = putSigned(&b, n, r.Time-d.time)
	if r.Flags != d.flags[side] {
		bits |= packedFlags
		n = put(&b, n, uint64(r.Flags))
	}
	if r.Seq != d.seq[side] {
		bits |= packedSeq
		n = putSigned(&b, n, int64(r.Seq.Sub(d.seq[side])))
	}
	if r.Ack != d.ack[side] {
		bits |= packedAck
		n = putSigned(&b, n, int64(r.Ack.Sub(d.ack[side])))
	}
	if r.Len != 0 {
		bits |= packedLen
		n = put(&b, n, uint64(r.Len))
	}
	if r.Window != d.window[side] {
		bits |= packedWindow
		n = putSigned(&b, n, int64(r.Window)-int64(d.window[side]))
	}
	was := d.inFlight
	d.passed(r)
	if r.InFlight != d.inFlight {
		bits |= packedFlight
		n = putSigned(&b, n, int64(r.InFlight[0])-int64(was[0]))
		n = putSigned(&b, n, int64(r.InFlight[1])-int64(was[1]))
		d.inFlight = r.InFlight
	}
	if r.RTT != 0 {
		bits |= packedRTT
		n = putSigned(&b, n, r.RTT)
	}
	if len(r.SACK) > 0 {
		bits |= packedSACK
		b[n] = byte(len(r.SACK))
		n++
		for _, block := range r.SACK {
			binary.BigEndian.PutUint32(b[n:], uint32(block.Left))
			binary.BigEndian.PutUint32(b[n+4:], uint32(block.Right))
			n += 8
		}
	}
	if m != 0 {
		bits |= packedMarks
		n = put(&b, n, uint64(m))
	}
	if r.ICMP {
		bits |= packedICMP
	}
	if r.Comment != "" {
		bits |= packedComment
		n = put(&b, n, uint64(len(r.Comment)))
	}
	binary.LittleEndian.PutUint16(b[:], bits)
	if len(p.b)+n+len(r.Comment) > cap(p.b) {
		p.b = roomier(p.b, n+len(r.Comment))
	}
	p.b = append(append(p.b, b[:n]...), r.Comment...)
	p.n++
}

// put writes v as binary.PutUvarint does, at b[n], and returns where it ends.
func put(b *[packedMost]byte, n int, v uint64) int {
	for ; v >= 0x80; v >>= 7 {
		b[n] = byte(v) | 0x80
		n++
	}
	b[n] = byte(v)
	return n + 1
}

func putSigned(b *[packedMost]byte, n int, v int64) int { return put(b, n, uint64(v)<<1^uint64(v>>63)) }

// passed makes r the row before. What is under way is what it would be if nothing
// but the numbers of rows told.
func (d *differences) passed(r *Row) {
	side := r.From & 1
	d.frame, d.time, d.flags[side], d.window[side] = r.Frame, r.Time, r.Flags, r.Window
	d.seq[side], d.ack[side] = r.Seq.Add(r.Len), r.Ack
	d.inFlight[0] = uint32(max(0, d.seq[0].Sub(d.ack[1])))
	d.inFlight[1] = uint32(max(0, d.seq[1].Sub(d.ack[0])))
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
		bits := binary.LittleEndian.Uint16(b)
		b = b[2:]
		side := Side(bits & packedServer)
		r := Row{From: side, Flags: d.flags[side], Seq: d.seq[side], Ack: d.ack[side], Window: d.window[side], ICMP: bits&packedICMP != 0}
		r.Frame = d.frame + int(signed())
		r.Time = d.time + signed()
		if bits&packedFlags != 0 {
			r.Flags = tcp.Flags(unsigned())
		}
		if bits&packedSeq != 0 {
			r.Seq = r.Seq.Add(uint32(signed()))
		}
		if bits&packedAck != 0 {
			r.Ack = r.Ack.Add(uint32(signed()))
		}
		if bits&packedLen != 0 {
			r.Len = uint32(unsigned())
		}
		if bits&packedWindow != 0 {
			r.Window = uint32(int64(r.Window) + signed())
		}
		was := d.inFlight
		d.passed(&r)
		if bits&packedFlight != 0 {
			d.inFlight = [2]uint32{uint32(int64(was[0]) + signed()), uint32(int64(was[1]) + signed())}
		}
		r.InFlight = d.inFlight
		if bits&packedRTT != 0 {
			r.RTT = signed()
		}
		if bits&packedSACK != 0 {
			r.SACK = make([]tcp.Block, b[0])
			b = b[1:]
			for i := range r.SACK {
				r.SACK[i] = tcp.Block{Left: tcp.Seq(binary.BigEndian.Uint32(b)), Right: tcp.Seq(binary.BigEndian.Uint32(b[4:]))}
				b = b[8:]
			}
		}
		var m marks
		if bits&packedMarks != 0 {
			m = marks(unsigned())
		}
		if bits&packedComment != 0 {
			n := unsigned()
			r.Comment = string(b[:n])
			b = b[n:]
		}
		f(&r, m)
	}
}
