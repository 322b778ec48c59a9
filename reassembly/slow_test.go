package reassembly

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"tcpreplay-fsm/tcp"
)

// slowStream is what Stream is held against: the same rules, a byte at a time,
// without bounds. Places are distances from base, so that it knows no wrap.
type slowStream struct {
	policy  Policy
	history int
	base    tcp.Seq // place 0

	started, ended             bool
	ackKnown, finKnown         bool
	start, next, acked, fin    int
	waiting                    map[int]slowByte // behind next
	past                       map[int]slowByte // before next, since the last gap
	out                        []slowByte       // the stream, a place each
	conflicts                  []Conflict
	duplicate, unchecked, late uint64
	stray                      int
}

// slowByte is one place of a stream: a byte and the segment it came from, or
// why there is none.
type slowByte struct {
	b           byte
	why         Reason
	left, right int
	frame, id   int
}

func (s *slowStream) insert(seg *tcp.Segment, id int) {
	if s.ended || seg.Flags.Has(tcp.RST) {
		return
	}
	syn, fin := seg.Flags.Has(tcp.SYN), seg.Flags.Has(tcp.FIN)
	left := int(seg.Seq.Sub(s.base))
	if syn {
		left++
	}
	right := left + int(seg.Len)
	if s.started && syn && left != s.start {
		if len(s.out) > 0 || len(s.waiting) > 0 {
			s.stray++
			return
		}
		s.started, s.finKnown = false, false
	}
	if !s.started {
		if !syn && (seg.Len == 0 && !fin || seg.Len == 1 && bytes.Equal(seg.Payload, []byte{0}) && !fin && !seg.Flags.Has(tcp.PSH)) {
			return
		}
		s.start = left
		if syn {
			s.ackKnown = false
		} else if s.ackKnown && s.acked > left {
			if s.acked >= right && !fin {
				return
			}
			s.start = min(s.acked, right)
		}
		s.next, s.started = s.start, true
		s.waiting, s.past = map[int]slowByte{}, map[int]slowByte{}
	}
	if seg.Len == 1 && left != s.next && !syn && !fin && (right == s.next || s.ackKnown && right == s.acked) {
		return
	}
	if s.finKnown && left <= s.fin && s.fin < right {
		s.finKnown = false
	}
	if _, taken := s.waiting[right]; fin && !taken && right >= s.next && (!s.finKnown || right < s.fin) {
		s.fin, s.finKnown = right, true
	}

	type version struct{ old, new []slowByte }
	runs := map[int]*version{} // by the old segment; -1 is what was handed out
	put := map[int]slowByte{}
	first := map[int]int{}
	known := len(s.conflicts)
	for at := left; at < right; at++ {
		b := slowByte{left: left, right: right, frame: seg.Frame, id: id}
		if i := at - left; i < len(seg.Payload) {
			b.b = seg.Payload[i]
		} else {
			b.why = CutShort
		}
		old, ok := s.waiting[at]
		key := old.id
		if at < s.next {
			old, ok = s.past[at]
			key = -1
			s.duplicate++
			if !ok || b.why != 0 {
				s.unchecked++
				continue
			}
		} else if ok {
			s.duplicate++
			if old.why != 0 || b.why != 0 {
				s.unchecked++
				if b.why == 0 {
					put[at] = b
				}
				continue
			}
		} else {
			put[at] = b
			continue
		}
		// A run ends where the old bytes change hands, or are interrupted.
		if r := runs[key]; r != nil && first[key]+len(r.old) != at {
			s.conflict(first[key], r.old, r.new, seg)
			delete(runs, key)
		}
		if runs[key] == nil {
			runs[key], first[key] = &version{}, at
		}
		r := runs[key]
		r.old, r.new = append(r.old, old), append(r.new, b)
		if key != -1 && s.policy.prefersNewSlow(old, b) {
			put[at] = b
		}
	}
	for k, r := range runs {
		s.conflict(first[k], r.old, r.new, seg)
	}
	slices.SortFunc(s.conflicts[known:], func(a, b Conflict) int { return cmp.Compare(a.Offset, b.Offset) })
	for at, b := range put {
		s.waiting[at] = b
	}
	s.settle()
}

// prefersNewSlow is the table of Novak and Sturges as Suricata writes it: where
// the new segment begins and ends, relative to the old one.
func (p Policy) prefersNewSlow(old, new slowByte) bool {
	begins, ends := cmp.Compare(new.left, old.left), cmp.Compare(new.right, old.right)
	switch {
	case p == Last:
		return true
	case p == First:
		return false
	case begins < 0:
		return true // BSD, Linux, Windows
	case begins == 0 && ends > 0:
		return p == Linux
	}
	return false
}

func (s *slowStream) conflict(at int, old, new []slowByte, seg *tcp.Segment) {
	for len(old) > 0 && old[0].b == new[0].b {
		old, new, at = old[1:], new[1:], at+1
	}
	for len(old) > 0 && old[len(old)-1].b == new[len(new)-1].b {
		old, new = old[:len(old)-1], new[:len(new)-1]
	}
	if len(old) == 0 {
		return
	}
	kept, dropped := old, new
	if at >= s.next && s.policy.prefersNewSlow(old[0], new[0]) {
		kept, dropped = new, old
	}
	text := func(bs []slowByte) (out []byte) {
		for _, b := range bs[:min(len(bs), MaxConflictBytes)] {
			out = append(out, b.b)
		}
		return out
	}
	s.conflicts = append(s.conflicts, Conflict{
		Offset: uint64(at - s.start), Seq: s.base.Add(uint32(at)), Len: uint32(len(old)),
		Kept: text(kept), Dropped: text(dropped),
		KeptFrame: kept[0].frame, DroppedFrame: dropped[0].frame, Time: seg.Time,
	})
}

func (s *slowStream) ack(ack tcp.Seq) {
	at := int(ack.Sub(s.base))
	if !s.ended && (!s.ackKnown || at > s.acked) {
		s.acked, s.ackKnown = at, true
	}
	if s.started {
		s.settle()
	}
}

// behind is the lowest place that waits, or the FIN's; false if nothing does.
func (s *slowStream) behind() (at int, ok bool) {
	for p := range s.waiting {
		if !ok || p < at {
			at, ok = p, true
		}
	}
	if s.finKnown && s.fin > s.next && (!ok || s.fin < at) {
		at, ok = s.fin, true
	}
	return at, ok
}

func (s *slowStream) settle() {
	for !s.ended {
		if b, ok := s.waiting[s.next]; ok {
			delete(s.waiting, s.next)
			s.emit(b)
			continue
		}
		if s.finKnown && s.ackKnown && s.acked > s.fin+1 {
			s.finKnown = false
		}
		if s.finKnown && s.next == s.fin {
			if s.ackKnown && s.acked == s.fin+1 {
				s.late += uint64(len(s.waiting))
				s.ended = true
			}
			return
		}
		at, ok := s.behind()
		if !ok || !s.ackKnown || s.acked <= s.next {
			return
		}
		for s.next < min(at, s.acked) {
			s.emit(slowByte{why: NotCaptured})
		}
	}
}

func (s *slowStream) emit(b slowByte) {
	s.out = append(s.out, b)
	if b.why != 0 {
		clear(s.past)
	} else {
		s.past[s.next] = b
		delete(s.past, s.next-s.history)
	}
	s.next++
}

func (s *slowStream) close() {
	for s.started && !s.ended {
		at, ok := s.behind()
		if s.finKnown && s.next == s.fin {
			s.late += uint64(len(s.waiting))
			break
		}
		if !ok {
			for s.ackKnown && s.acked > s.next+1 || len(s.out) > 0 && s.ackKnown && s.acked > s.next && s.out[len(s.out)-1].id == closing {
				s.emit(slowByte{why: NotCaptured, id: closing})
			}
			break
		}
		for s.next < at {
			s.emit(slowByte{why: StreamEnded})
		}
		s.settle()
	}
	s.ended = true
}

const closing = -2

// String shows the stream's places, a gap's by its reason.
func (s *slowStream) String() string {
	var b bytes.Buffer
	for _, o := range s.out {
		if o.why != 0 {
			fmt.Fprintf(&b, "<%d>", o.why)
		} else {
			fmt.Fprintf(&b, "%q@%d ", o.b, o.frame)
		}
	}
	return b.String()
}
