package reassembly

import (
	"bytes"
	"slices"
	"sync"

	"tcpreplay-fsm/tcp"
)

// history is the last bytes that a stream handed out since its last gap, so that
// a retransmission can be compared with what it repeats.
type history struct {
	ring  []byte // grows up to the stream's History
	at    int    // where the next byte goes
	n     int    // bytes kept
	marks [16]mark
	mark  int // where the next mark goes
}

// mark says which frame brought the n bytes up to a sequence number.
type mark struct {
	end   tcp.Seq
	n     uint32
	frame int
}

// remember keeps the bytes before next, which were just handed out.
func (s *Stream) remember(b []byte, frame int) {
	h := s.past
	if h == nil && s.History < 0 {
		return
	}
	if h == nil || len(h.ring)-h.n < len(b) && len(h.ring) < s.historyLimit() {
		if h = s.growPast(len(b)); h == nil {
			return
		}
	}
	if len(h.ring)-h.n < len(b) {
		if extra := len(b) - len(h.ring); extra > 0 {
			b = b[extra:]
		}
	}
	h.marks[h.mark] = mark{s.next, uint32(len(b)), frame}
	h.mark = (h.mark + 1) % len(h.marks)
	k := copy(h.ring[h.at:], b)
	copy(h.ring, b[k:])
	if h.at += len(b); h.at >= len(h.ring) {
		h.at -= len(h.ring)
	}
	h.n = min(h.n+len(b), len(h.ring))
}

func (s *Stream) historyLimit() int {
	if s.History == 0 {
		return DefaultHistory
	}
	return s.History
}

// growPast makes room for n more bytes, as far as the bounds allow. It returns
// the history, nil if there can be none.
func (s *Stream) growPast(n int) *history {
	h := s.past
	if h == nil {
		h = new(history)
	}
	size := min(max(4*len(h.ring), h.n+n), s.historyLimit())
	if !s.Budget.takeHistory(size - len(h.ring)) {
		return s.past
	}
	a, b := h.last(h.n)
	ring := newRing(size)
	copy(ring[copy(ring, a):], b)
	freeRing(h.ring)
	h.ring, h.at = ring, h.n%size
	s.past = h
	return h
}

// ringPool has rings of DefaultHistory bytes to use again: clearing new ones and
// collecting them would take longer than filling them.
var ringPool sync.Pool

func newRing(size int) []byte {
	if size == DefaultHistory {
		if r, ok := ringPool.Get().(*[DefaultHistory]byte); ok {
			return r[:]
		}
	}
	return make([]byte, size)
}

func freeRing(ring []byte) {
	if len(ring) == DefaultHistory {
		ringPool.Put((*[DefaultHistory]byte)(ring))
	}
}

// last returns the last n bytes, in two parts if they wrap round the ring.
func (h *history) last(n int) (a, b []byte) {
	if n <= h.at {
		return h.ring[h.at-n : h.at], nil
	}
	return h.ring[len(h.ring)-(n-h.at):], h.ring[:h.at]
}

// forget drops the bytes; the memory stays.
func (h *history) forget() {
	if h != nil {
		h.n, h.at = 0, 0
	}
}

// frame returns the frame that brought the byte at seq, 0 if no longer known.
func (h *history) frame(seq tcp.Seq) int {
	for _, m := range h.marks {
		if d := m.end.Sub(seq); d > 0 && uint32(d) <= m.n {
			return m.frame
		}
	}
	return 0
}

// checkPast compares n bytes that lie before next with what was handed out. data
// is nil if they were not captured.
func (s *Stream) checkPast(in incoming, left tcp.Seq, n uint32, data []byte) {
	s.stats.Duplicate += uint64(n)
	end := left.Add(n)
	from := end
	if s.past != nil {
		from = left.Max(s.next.Add(-uint32(s.past.n)))
	}
	if data == nil || !from.Less(end) {
		s.stats.Unchecked += uint64(n)
		return
	}
	s.stats.Unchecked += uint64(from - left)
	data = data[from-left : n]
	a, b := s.past.last(int(s.next - from))
	a, b = a[:min(len(a), len(data))], b[:max(0, min(len(b), len(data)-len(a)))]
	if bytes.Equal(a, data[:len(a)]) && bytes.Equal(b, data[len(a):]) {
		return
	}
	if c := s.compare(from, slices.Concat(a, b), data, 0, in.frame, in.time); c != nil {
		c.KeptFrame = s.past.frame(c.Seq)
	}
}
