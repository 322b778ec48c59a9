package reassembly

import (
	"slices"
	"sort"
	"sync"

	"tcpreplay-fsm/tcp"
)

// owner is the whole extent of a segment, by which a Policy compares segments.
type owner struct{ left, right tcp.Seq }

// incoming is a segment on its way into a stream.
type incoming struct {
	owner
	frame int
	time  int64
}

// held is a piece of a segment that waits behind a hole. Pieces do not overlap;
// each knows the segment it came from.
type held struct {
	incoming
	seq  tcp.Seq
	n    uint32
	data []byte // n bytes, or nil if the snap length cut them
	buf  []byte // what data is in, to be used again
}

// overheadBytes is what a held piece costs besides its data.
const overheadBytes = 128

var heldPool = sync.Pool{New: func() any { return new(held) }}

func (h *held) end() tcp.Seq { return h.seq.Add(h.n) }

// part returns the bytes [from, to) of h, nil if it has none.
func (h *held) part(from, to tcp.Seq) []byte {
	if h.data == nil {
		return nil
	}
	return h.data[from-h.seq : to-h.seq]
}

func (h *held) cost() int { return overheadBytes + len(h.data) }

// hold returns a new piece at seq with a copy of data.
func (s *Stream) hold(in incoming, seq tcp.Seq, n uint32, data []byte) *held {
	h := heldPool.Get().(*held)
	h.incoming, h.seq, h.n = in, seq, n
	if data != nil {
		h.buf = append(h.buf[:0], data...)
		h.data = h.buf
	}
	s.buffered += h.cost()
	s.Budget.take(h.cost())
	return h
}

func (s *Stream) release(h *held) {
	s.buffered -= h.cost()
	s.Budget.give(h.cost())
	h.data = nil
	if cap(h.buf) > 4096 {
		h.buf = nil // leave the rare large ones to the garbage collector
	}
	heldPool.Put(h)
}

// place puts the part [left, right) of a segment where it belongs: hands it out
// if it is next, holds it if it is not. data is nil if the part was not captured.
func (s *Stream) place(in incoming, left, right tcp.Seq, data []byte) {
	if left.Less(s.next) && left.Less(right) {
		n := uint32(least(right, s.next) - left)
		s.checkPast(in, left, n, data)
		left = left.Add(n)
		if data != nil {
			data = data[n:]
		}
	}
	if !left.Less(right) {
		return
	}
	if left == s.next && (len(s.pending) == 0 || right.LessEq(s.pending[0].seq)) {
		if data != nil {
			s.deliver(data, in.frame, in.time)
		} else {
			s.skip(right, CutShort, in.frame, in.time)
		}
		return
	}
	s.weave(in, left, right, data)
}

// weave puts [left, right) of a segment among the pieces that wait.
func (s *Stream) weave(in incoming, left, right tcp.Seq, data []byte) {
	part := func(from, to tcp.Seq) []byte {
		if data == nil {
			return nil
		}
		return data[from-left : to-left]
	}
	i := s.search(left)
	if i == len(s.pending) {
		s.pending = append(s.pending, s.hold(in, left, uint32(right-left), data))
		return
	}
	var room [8]*held
	woven := room[:0] // replaces pieces i to j-1
	j, from := i, left
	var rest *held
	for ; j < len(s.pending) && s.pending[j].seq.Less(right); j++ {
		h := s.pending[j]
		at, to := left.Max(h.seq), least(right, h.end())
		if !s.takes(in, h, at, to, part(at, to)) {
			if from != at {
				woven = append(woven, s.hold(in, from, uint32(at-from), part(from, at)))
			}
			woven = append(woven, h)
			from = to
			continue
		}
		if h.seq != at {
			woven = append(woven, s.hold(h.incoming, h.seq, uint32(at-h.seq), h.part(h.seq, at)))
		}
		if to != h.end() {
			rest = s.hold(h.incoming, to, uint32(h.end()-to), h.part(to, h.end()))
		}
		s.release(h)
	}
	if from != right {
		woven = append(woven, s.hold(in, from, uint32(right-from), part(from, right)))
	}
	if rest != nil {
		woven = append(woven, rest)
	}
	s.pending = slices.Replace(s.pending, i, j, woven...)
}

// search returns the index of the first held piece that ends behind seq.
func (s *Stream) search(seq tcp.Seq) int {
	if n := len(s.pending); n == 0 || s.pending[n-1].end().LessEq(seq) {
		return n // the usual place: behind all others
	}
	return sort.Search(len(s.pending), func(i int) bool { return seq.Less(s.pending[i].end()) })
}

// takes decides whether a new segment, whose bytes at [at, to) are data, takes
// these over from h.
func (s *Stream) takes(in incoming, h *held, at, to tcp.Seq, data []byte) bool {
	s.stats.Duplicate += uint64(to - at)
	if data == nil || h.data == nil {
		s.stats.Unchecked += uint64(to - at)
		return data != nil
	}
	if s.Policy.prefersNew(h.owner, in.owner) {
		s.compare(at, data, h.part(at, to), in.frame, h.frame, in.time)
		return true
	}
	s.compare(at, h.part(at, to), data, h.frame, in.frame, in.time)
	return false
}

// settle hands out what has become next, and gives up the holes that nothing
// will fill or that may no longer be waited for.
func (s *Stream) settle() {
	limit := s.MaxBuffered
	if limit == 0 {
		limit = DefaultMaxBuffered
	}
	for {
		s.drain()
		acked := s.ackKnown && s.next.Less(s.acked) && s.acked.Sub(s.next) <= maxSpan
		if s.finKnown && acked && s.acked.Sub(s.fin) > 1 {
			s.finKnown = false // the receiver took bytes behind it
		}
		if s.Complete() && acked {
			s.finish()
			return
		}
		if acked && s.skipHole(NotCaptured) {
			continue
		}
		if s.buffered <= limit || len(s.pending) == 0 {
			break
		}
		if !s.skipHole(MemoryBound) {
			s.dropPending()
		}
	}
	s.Budget.update(s)
}

// drain hands out the held pieces that are next. None stands in the place of the
// FIN.
func (s *Stream) drain() {
	n := 0
	for n < len(s.pending) && s.pending[n].seq == s.next {
		h := s.pending[n]
		if h.data != nil {
			s.deliver(h.data, h.frame, h.time)
		} else {
			s.skip(h.end(), CutShort, h.frame, h.time)
		}
		s.release(h)
		n++
	}
	s.pending = slices.Delete(s.pending, 0, n)
}

// skipHole gives up the first hole, or its acknowledged part if that is the
// reason, and hands out what follows. It reports whether there was a hole.
func (s *Stream) skipHole(why Reason) bool {
	var to tcp.Seq
	frame, time := 0, int64(0)
	switch {
	case len(s.pending) > 0:
		h := s.pending[0]
		to, frame, time = h.seq, h.frame, h.time
		if s.finKnown && s.fin.Less(to) {
			to = s.fin
		}
	case s.finKnown && why != MemoryBound:
		to = s.fin
	default:
		return false
	}
	if why == NotCaptured {
		to = least(to, s.acked)
	}
	if s.next == to {
		return false
	}
	s.skip(to, why, frame, time)
	s.drain()
	return true
}

// giveUp gives up everything that waits.
func (s *Stream) giveUp() {
	for s.skipHole(MemoryBound) {
	}
	s.dropPending()
}

// dropPending drops what waits behind the FIN.
func (s *Stream) dropPending() {
	for _, h := range s.pending {
		s.stats.AfterFIN += uint64(h.n)
		s.release(h)
	}
	clear(s.pending)
	s.pending = s.pending[:0]
}
