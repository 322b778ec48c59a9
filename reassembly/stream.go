package reassembly

import "tcpreplay-fsm/tcp"

// Defaults of a [Stream].
const (
	DefaultMaxBuffered = 1 << 20  // bytes waiting behind holes
	DefaultHistory     = 16 << 10 // bytes kept after they were handed out
)

// Chunk is a piece of a stream: bytes, or a gap between bytes.
type Chunk struct {
	Offset uint64  // of its first byte in the stream, from 0; gaps count
	Seq    tcp.Seq // sequence number of its first byte

	// Bytes are valid only during the call; copy them to keep them. They are nil
	// for a gap.
	Bytes []byte
	// Missing is the length of a gap in bytes, and Reason why it is one; both are
	// 0 for bytes.
	Missing uint32
	Reason  Reason

	// Frame and Time are of the segment that brought the bytes; for a gap, of the
	// first segment behind it, and 0 at the end of a stream.
	Frame int
	Time  int64 // nanoseconds since the Unix epoch
}

// Reason says why bytes are missing from a stream.
type Reason uint8

const (
	// NotCaptured: the receiver acknowledged the bytes, so they passed, but the
	// capture does not have them.
	NotCaptured Reason = iota + 1
	// CutShort: the segment was captured, but the snap length cut these bytes off.
	CutShort
	// MemoryBound: a bound was reached before the bytes came; they may come later,
	// and are not in the stream then.
	MemoryBound
	// StreamEnded: the bytes had not come when the stream was closed, and nobody
	// acknowledged them.
	StreamEnded
)

func (r Reason) String() string {
	switch r {
	case NotCaptured:
		return "acknowledged but not captured"
	case CutShort:
		return "cut off by the snap length"
	case MemoryBound:
		return "given up to bound memory"
	case StreamEnded:
		return "missing at the end"
	}
	return "none"
}

// Stats counts what a [Stream] has met.
type Stats struct {
	Bytes     uint64 // handed out
	Missing   uint64 // bytes in gaps
	Gaps      int    // gaps handed out
	Duplicate uint64 // bytes that came again
	Unchecked uint64 // those of Duplicate that could not be compared with the first version
	Conflicts int    // overlaps that differed; more than Conflicts keeps
	AfterFIN  uint64 // bytes behind the FIN, dropped
	Stray     int    // segments too far from the stream to belong to it, dropped
}

// Stream puts the bytes of one direction in order. The zero Stream is ready to
// use; set its fields before the first segment. It must not be copied after
// that, and neither Emit nor Done may call its methods.
type Stream struct {
	// Emit is handed every chunk, in order. nil drops them.
	Emit func(Chunk)
	// Done, if set, is called once, when the stream is over: its FIN was reached
	// and acknowledged, or it was closed. Later segments are ignored.
	Done func()
	// Policy decides between overlapping segments that differ.
	Policy Policy
	// MaxBuffered bounds the memory, in bytes, that waits behind holes; when it is
	// exceeded the first hole is given up. 0 means DefaultMaxBuffered, less than 0
	// that nothing waits.
	MaxBuffered int
	// History is how many bytes are kept after they were handed out, to compare
	// retransmissions with. 0 means DefaultHistory, less than 0 none.
	History int
	// Budget is a bound shared with other streams; nil means none.
	Budget *Budget

	next  tcp.Seq // of the first byte neither handed out nor given up
	start tcp.Seq // of the stream's first byte
	acked tcp.Seq // highest acknowledgment of the receiver
	fin   tcp.Seq // of the FIN

	started, ackKnown, finKnown, ended bool

	offset    uint64 // of next
	pending   []*held
	buffered  int      // bytes that pending is charged with
	past      *history // nil until bytes are kept
	stats     Stats
	conflicts []Conflict
	urgent    []uint64

	older, newer *Stream // neighbours among the streams waiting in Budget
}

// Insert takes the next segment of this direction, in the order of the capture.
// Of s it reads Seq, Flags, Len, Payload, Urgent, Frame and Time, and it keeps
// nothing of it; Emit may be called before it returns.
//
// The stream begins after the SYN; without one it begins with the first bytes
// seen that the receiver had not acknowledged.
func (s *Stream) Insert(seg *tcp.Segment) {
	if seg.Seq == s.next && len(s.pending) == 0 && s.started && !s.finKnown && !s.ended &&
		int(seg.Len) == len(seg.Payload) && !seg.Flags.Any(tcp.SYN|tcp.FIN|tcp.RST|tcp.URG) {
		if seg.Len != 0 {
			s.deliver(seg.Payload, seg.Frame, seg.Time)
		}
		return
	}
	s.insert(seg)
}

func (s *Stream) insert(seg *tcp.Segment) {
	if s.ended || seg.Flags.Has(tcp.RST) {
		return
	}
	left := seg.Seq
	if seg.Flags.Has(tcp.SYN) {
		left++
	}
	right := left.Add(seg.Len)
	if !s.begin(left, right, seg) {
		return
	}
	if d := left.Sub(s.next); d > maxSpan || d < -maxSpan || seg.Len > maxSpan {
		s.stats.Stray++
		return
	}
	if seg.Len == 1 && left != s.next && !seg.Flags.Any(tcp.SYN|tcp.FIN) &&
		(right == s.next || s.ackKnown && right == s.acked) {
		return // the garbage byte of a keep-alive: the true one passed before
	}
	s.noteUrgent(left, seg)
	s.noteFIN(left, right, seg)

	in := incoming{owner: owner{left, right}, frame: seg.Frame, time: seg.Time}
	payload := seg.Payload[:min(len(seg.Payload), int(seg.Len))]
	cut := left.Add(uint32(len(payload)))
	s.place(in, left, cut, payload)
	s.place(in, cut, right, nil)
	s.settle()
}

// begin makes sure that the stream has begun, and reports whether the segment
// belongs to it.
func (s *Stream) begin(left, right tcp.Seq, seg *tcp.Segment) bool {
	syn := seg.Flags.Has(tcp.SYN)
	if s.started {
		if !syn || left == s.start {
			return true
		}
		if s.offset != 0 || len(s.pending) != 0 {
			s.stats.Stray++ // a SYN of another incarnation
			return false
		}
		s.finKnown = false // nothing came yet: believe the newer SYN
	}
	if syn {
		s.ackKnown = false // acknowledgments before the SYN were not about this stream
	}
	if !syn {
		if seg.Len == 0 && !seg.Flags.Has(tcp.FIN) {
			return false // a keep-alive of length 0 would be one byte off
		}
		// Heuristic: a lone zero byte is likelier the garbage of a keep-alive than
		// where the data goes on.
		if seg.Len == 1 && len(seg.Payload) == 1 && seg.Payload[0] == 0 && !seg.Flags.Any(tcp.PSH|tcp.FIN) {
			return false
		}
	}
	s.start = left
	if d := s.acked.Sub(left); !syn && s.ackKnown && d > 0 && d <= maxSpan {
		if right.LessEq(s.acked) && !seg.Flags.Has(tcp.FIN) {
			return false // acknowledged before the capture showed it
		}
		s.start = least(s.acked, right)
	}
	s.next, s.started = s.start, true
	return true
}

// noteFIN keeps the place of the FIN. A FIN with data in its place was not the
// end: its receiver dropped it, as an old duplicate (RFC 7323 section 5) or a
// forgery.
func (s *Stream) noteFIN(left, right tcp.Seq, seg *tcp.Segment) {
	if s.finKnown && left.LessEq(s.fin) && s.fin.Less(right) {
		s.finKnown = false
	}
	if !seg.Flags.Has(tcp.FIN) || right.Less(s.next) || s.finKnown && s.fin.LessEq(right) {
		return
	}
	if i := s.search(right); i < len(s.pending) && s.pending[i].seq.LessEq(right) {
		return
	}
	s.fin, s.finKnown = right, true
}

// Acked takes an acknowledgment number that the receiver of this direction sent,
// in the order of the capture. A hole that is acknowledged will not be filled:
// once bytes behind it have been seen it is handed out as a gap.
func (s *Stream) Acked(ack tcp.Seq) {
	if s.ackKnown && ack.LessEq(s.acked) || s.ended {
		return
	}
	if s.started && ack.Sub(s.next) > maxSpan {
		return
	}
	s.acked, s.ackKnown = ack, true
	if len(s.pending) > 0 || s.finKnown {
		s.settle()
	}
}

// Close ends the stream: what waits behind holes is handed out, with the holes
// as gaps, and all memory is given back.
func (s *Stream) Close() {
	if s.ended {
		return
	}
	for s.skipHole(StreamEnded) {
	}
	// Bytes that the receiver acknowledged at the end of what was captured. A
	// single one may as well be a FIN that was not captured.
	if s.started && !s.finKnown && s.ackKnown && s.acked.Sub(s.next) > 1 {
		s.skip(s.acked, NotCaptured, 0, 0)
	}
	s.finish()
}

// finish gives the memory back.
func (s *Stream) finish() {
	s.dropPending()
	s.pending = nil
	s.Budget.leave(s)
	if s.past != nil {
		s.Budget.dropHistory(s.past)
		freeRing(s.past.ring)
		s.past = nil
	}
	s.ended = true
	if s.Done != nil {
		s.Done()
	}
}

// Complete reports whether the stream reached a FIN, with all bytes before it
// handed out or given up.
func (s *Stream) Complete() bool { return s.finKnown && s.next == s.fin }

// Stats returns the counts so far.
func (s *Stream) Stats() Stats { return s.stats }

// Conflicts returns the first overlaps that differed, at most [MaxConflicts] of
// them; Stats().Conflicts counts all. The slice belongs to s.
func (s *Stream) Conflicts() []Conflict { return s.conflicts }

// Urgent returns the offsets of the first bytes that were marked urgent, at most
// [MaxUrgent] of them: for each urgent pointer the last byte before it, as
// implementations take it (RFC 6093 section 3). The slice belongs to s.
func (s *Stream) Urgent() []uint64 { return s.urgent }

// MaxUrgent is how many urgent bytes a [Stream] records.
const MaxUrgent = 32

func (s *Stream) noteUrgent(left tcp.Seq, seg *tcp.Segment) {
	if !seg.Flags.Has(tcp.URG) || seg.Urgent == 0 || len(s.urgent) == MaxUrgent {
		return
	}
	at := int64(s.offset) + int64(left.Add(uint32(seg.Urgent)-1).Sub(s.next))
	if at < 0 || len(s.urgent) > 0 && uint64(at) <= s.urgent[len(s.urgent)-1] {
		return // before the stream, or said again
	}
	s.urgent = append(s.urgent, uint64(at))
}

// deliver hands out the bytes at next.
func (s *Stream) deliver(b []byte, frame int, time int64) {
	if s.Emit != nil {
		s.Emit(Chunk{Offset: s.offset, Seq: s.next, Bytes: b, Frame: frame, Time: time})
	}
	n := uint32(len(b))
	s.next = s.next.Add(n)
	s.offset += uint64(n)
	s.stats.Bytes += uint64(n)
	s.remember(b, frame)
}

// skip hands out a gap from next to to.
func (s *Stream) skip(to tcp.Seq, why Reason, frame int, time int64) {
	n := uint32(to - s.next)
	if s.Emit != nil {
		s.Emit(Chunk{Offset: s.offset, Seq: s.next, Missing: n, Reason: why, Frame: frame, Time: time})
	}
	s.next = to
	s.offset += uint64(n)
	s.stats.Missing += uint64(n)
	s.stats.Gaps++
	s.past.forget()
}
