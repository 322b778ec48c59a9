package reassembly

// DefaultBudget is the bound of a zero [Budget], in bytes.
const DefaultBudget = 256 << 20

// Budget bounds the memory of many streams together. When the bound is exceeded
// the stream that has waited longest behind a hole gives up its holes, so Emit of
// one stream may be called while another takes a segment. Up to half of the
// budget goes to history; a stream that gets no more of it compares less, and
// says so in Stats().Unchecked.
//
// The zero Budget is ready to use. It is not safe for concurrent use: give each
// goroutine one of its own.
type Budget struct {
	Max int64 // bytes; 0 means DefaultBudget

	used, history   int64
	givenUp         int
	longest, newest *Stream // the streams that wait, by how long
}

// Used returns how many bytes are in use.
func (b *Budget) Used() int64 { return b.used }

// GivenUp returns how many times a stream had to give up its holes.
func (b *Budget) GivenUp() int { return b.givenUp }

func (b *Budget) max() int64 {
	if b.Max == 0 {
		return DefaultBudget
	}
	return b.Max
}

func (b *Budget) take(n int) {
	if b != nil {
		b.used += int64(n)
	}
}

func (b *Budget) give(n int) { b.take(-n) }

func (b *Budget) takeHistory(n int) bool {
	if b == nil {
		return true
	}
	if b.history+int64(n) > b.max()/2 || b.used+int64(n) > b.max() {
		return false
	}
	b.history += int64(n)
	b.used += int64(n)
	return true
}

func (b *Budget) dropHistory(h *history) {
	if b != nil && h != nil {
		b.history -= int64(len(h.ring))
		b.used -= int64(len(h.ring))
	}
}

// update puts s into the line of those that wait, or takes it out, and then
// keeps the bound.
func (b *Budget) update(s *Stream) {
	if b == nil {
		return
	}
	waits := s.older != nil || s.newer != nil || b.longest == s
	switch {
	case len(s.pending) == 0:
		b.leave(s)
	case !waits:
		s.older = b.newest
		if b.newest != nil {
			b.newest.newer = s
		} else {
			b.longest = s
		}
		b.newest = s
	}
	for b.used > b.max() && b.longest != nil {
		w := b.longest
		b.leave(w)
		b.givenUp++
		w.giveUp()
	}
}

func (b *Budget) leave(s *Stream) {
	if b == nil {
		return
	}
	if s.older != nil {
		s.older.newer = s.newer
	} else if b.longest == s {
		b.longest = s.newer
	}
	if s.newer != nil {
		s.newer.older = s.older
	} else if b.newest == s {
		b.newest = s.older
	}
	s.older, s.newer = nil, nil
}
