package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// Point is a segment as graphs draw it. docs/measures.md defines each figure.
type Point struct {
	Frame int
	Time  int64 // Unix nanoseconds
	From  Side
	Flags tcp.Flags
	// Seq and Ack are relative to the initial sequence numbers, and go on growing
	// over 2^32. Ack is 0 without the flag.
	Seq, Ack int64
	Len      uint32
	Window   uint32 // bytes, scaled where the scale is known

	InFlight   [2]uint32 // as in Row
	RTT        int64     // as in Row
	Throughput uint64    // payload bytes, with copies, that From sent in the second up to this segment
}

// plot makes the series of the rows.
func (c *Conversation) plot() {
	c.Series = make([]Point, 0, len(c.Rows))
	c.SeriesOmitted = c.RowsOmitted
	seqs := NewRelative(c)
	var sum [2]uint64 // of what each side sent in the second at hand
	var oldest [2]int // which points that begins with
	for i := range c.Rows {
		r := &c.Rows[i]
		if i == c.RowsGapAt {
			c.SeriesGapAt = len(c.Series)
		}
		if r.ICMP {
			continue
		}
		side := r.From & 1
		sum[side] += uint64(r.Len)
		for ; oldest[side] < len(c.Series) && c.Series[oldest[side]].Time <= r.Time-int64(time.Second); oldest[side]++ {
			if p := &c.Series[oldest[side]]; p.From == r.From {
				sum[side] -= uint64(p.Len)
			}
		}
		p := Point{Frame: r.Frame, Time: r.Time, From: r.From, Flags: r.Flags, Len: r.Len, Window: r.Window,
			InFlight: r.InFlight, RTT: r.RTT, Throughput: sum[side]}
		p.Seq, p.Ack = seqs.Of(r)
		c.Series = append(c.Series, p)
	}
}

// Relative turns the sequence numbers of a conversation's rows into distances from
// each side's initial one, which go on growing over 2^32 as graphs need them. A
// side whose SYN was not captured begins with 1, as in Wireshark.
type Relative struct {
	known [2]bool
	last  [2]tcp.Seq
	value [2]int64 // of last
}

// NewRelative returns a Relative for the rows of c, in their order.
func NewRelative(c *Conversation) *Relative {
	r := &Relative{}
	for i := range c.Endpoints {
		if c.Endpoints[i].ISNKnown {
			r.known[i], r.last[i] = true, c.Endpoints[i].ISN
		}
	}
	return r
}

// Of returns the relative sequence and ACK number of a row; the ACK number is
// 0 when the row has none.
func (r *Relative) Of(row *Row) (seq, ack int64) {
	seq = r.at(row.From&1, row.Seq)
	if row.Flags.Has(tcp.ACK) {
		ack = r.at(row.From.Other()&1, row.Ack)
	}
	return seq, ack
}

func (r *Relative) at(s Side, seq tcp.Seq) int64 {
	if !r.known[s] {
		r.known[s], r.last[s], r.value[s] = true, seq, 1
	}
	distance := int64(seq.Sub(r.last[s]))
	if distance > 0 && distance < 1<<30 {
		r.last[s], r.value[s] = seq, r.value[s]+distance
		return r.value[s]
	}
	return r.value[s] + distance
}

// maxTimedRows bounds the segments under way that are timed at once for the rows
// of one direction.
const maxTimedRows = 4096

// plot fills in what graphs draw of s, by the rules of conn.measure, but that many
// more segments are timed at once, and a SYN is: by its newest copy, as the halves
// of the handshake are.
func (l *ladder) plot(r *Row, c *conn, s *tcp.Segment, side Side, kind segKind) {
	switch kind {
	case segDropped, segMisSigned, segBadSYNACK, segForeign, segKeepalive, segWindowProbe, segReset:
		return
	}
	e, p := &c.end[side], &c.end[side.Other()]
	if s.Flags.Has(tcp.ACK) && e.advance.frame == s.Frame {
		r.RTT = l.acked(side.Other(), e.ack, s.Time)
	}
	under := &l.timed[side]
	if s.Flags.Has(tcp.SYN) {
		*under = (*under)[:0]
	}
	switch {
	case s.SeqLen() == 0 || p.is(hasACK) && s.End().LessEq(p.ack):
	case kind == segData || kind == segSYN:
		if len(*under) < maxTimedRows {
			*under = append(*under, timed{s.End(), s.Time})
		}
	case !c.isDuplicate(s, e):
		for len(*under) > 0 && s.Seq.Less((*under)[len(*under)-1].end) {
			*under = (*under)[:len(*under)-1] // Karn
		}
	}
}

// acked returns the round trip of the newest of side's segments that ack covers;
// 0 if none of them is timed.
func (l *ladder) acked(side Side, ack tcp.Seq, now int64) (rtt int64) {
	n := 0
	for under := l.timed[side]; n < len(under) && under[n].end.LessEq(ack); n++ {
		rtt = max(0, now-under[n].time)
	}
	l.timed[side] = append(l.timed[side][:0], l.timed[side][n:]...)
	return rtt
}
