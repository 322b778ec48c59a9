package reassembly

import (
	"iter"
	"slices"

	"tcpreplay-fsm/tcp"
)

// MaxRanges is how many separate ranges a [Ranges] holds.
const MaxRanges = 64

// maxSpan is how far back from the highest number a set reaches. No window is
// larger (RFC 7323 section 2.3), and within it the order of two numbers is
// never ambiguous.
const maxSpan = 1 << 30

// Ranges is a set of sequence numbers: which of a direction's bytes have passed,
// without the bytes. It reaches back 2^30 numbers from the highest one added, so
// it follows a stream of any length through every wrap, and it holds at most
// [MaxRanges] ranges; see [Ranges.Assumed] for what gives way.
//
// The zero Ranges is an empty set, ready to use. Adding in order does not
// allocate. A Ranges must not be copied after its first use.
type Ranges struct {
	// The lowest range stands apart so that a stream without holes needs no
	// slice; it is empty only if the set is. All are disjoint, ascending, and do
	// not touch.
	first tcp.Block
	rest  *rest // nil until there was a hole
}

// rest is what a set with holes has.
type rest struct {
	more    []tcp.Block // all but the lowest
	assumed uint64
}

// holed returns the rest, to be written to.
func (r *Ranges) holed() *rest {
	if r.rest == nil {
		r.rest = &rest{}
	}
	return r.rest
}

// more returns all ranges but the lowest.
func (r *Ranges) more() []tcp.Block {
	if r.rest == nil {
		return nil
	}
	return r.rest.more
}

// Add puts [left, right) into the set and returns how many of its numbers are
// new: all of them for fresh data, none for a pure retransmission. An empty
// range, and what lies more than 2^30 below the highest number, adds nothing.
func (r *Ranges) Add(left, right tcp.Seq) (fresh uint32) {
	if (r.rest == nil || len(r.rest.more) == 0) && left == r.first.Right && r.first.Left != r.first.Right && left.Less(right) {
		r.first.Right = right
		if uint32(right-r.first.Left) > maxSpan {
			r.first.Left = right - maxSpan
		}
		return uint32(right - left)
	}
	return r.add(left, right)
}

func (r *Ranges) add(left, right tcp.Seq) (fresh uint32) {
	if !left.Less(right) {
		return 0
	}
	if uint32(right-left) > maxSpan {
		left = right - maxSpan
	}
	if n := r.Len(); n > 0 {
		if top := r.at(n - 1).Right; top.Less(right) {
			r.Forget(right - maxSpan)
		} else if floor := top - maxSpan; left.Less(floor) {
			left = floor
			if !left.Less(right) {
				return 0
			}
		}
	}
	n := r.Len()
	if n == 0 {
		r.first = tcp.Block{Left: left, Right: right}
		return uint32(right - left)
	}

	// Ranges i to j-1 overlap or touch the new one. Nearly always that is the
	// last one, so look from the end.
	j := n
	for j > 0 && right.Less(r.at(j-1).Left) {
		j--
	}
	i := j
	merged := tcp.Block{Left: left, Right: right}
	fresh = uint32(right - left)
	for i > 0 && left.LessEq(r.at(i-1).Right) {
		i--
		b := *r.at(i)
		if lo, hi := left.Max(b.Left), least(right, b.Right); lo.Less(hi) {
			fresh -= uint32(hi - lo)
		}
		merged.Left = least(merged.Left, b.Left)
		merged.Right = b.Right.Max(merged.Right)
	}
	switch {
	case i < j:
		*r.at(i) = merged
		if j-1 > i {
			r.rest.more = slices.Delete(r.rest.more, i, j-1)
		}
	case i == 0:
		h := r.holed()
		h.more = slices.Insert(h.more, 0, r.first)
		r.first = merged
	default:
		h := r.holed()
		h.more = slices.Insert(h.more, i-1, merged)
	}
	if r.Len() > MaxRanges {
		h := r.rest
		h.assumed += uint64(h.more[0].Left - r.first.Right)
		r.first.Right = h.more[0].Right
		h.more = slices.Delete(h.more, 0, 1)
	}
	return fresh
}

// Contiguous returns the first number from next on that is not in the set: next
// itself, if it is not.
func (r *Ranges) Contiguous(next tcp.Seq) tcp.Seq {
	for i := r.Len() - 1; i >= 0; i-- {
		if b := r.at(i); b.Left.LessEq(next) {
			return b.Right.Max(next)
		}
	}
	return next
}

// Contains reports whether all of [left, right) is in the set. An empty range
// always is.
func (r *Ranges) Contains(left, right tcp.Seq) bool {
	return !left.Less(right) || right.LessEq(r.Contiguous(left))
}

// Forget removes all numbers below before, such as those that were acknowledged.
func (r *Ranges) Forget(before tcp.Seq) {
	for r.Len() > 0 && r.first.Right.LessEq(before) {
		if len(r.more()) == 0 {
			r.first = tcp.Block{}
			return
		}
		r.first = r.rest.more[0]
		r.rest.more = slices.Delete(r.rest.more, 0, 1)
	}
	if r.Len() > 0 && r.first.Left.Less(before) {
		r.first.Left = before
	}
}

// Len returns the number of separate ranges.
func (r *Ranges) Len() int {
	if r.first.Left == r.first.Right {
		return 0
	}
	return 1 + len(r.more())
}

// All yields the ranges in ascending order.
func (r *Ranges) All() iter.Seq[tcp.Block] {
	return func(yield func(tcp.Block) bool) {
		for i := range r.Len() {
			if !yield(*r.at(i)) {
				return
			}
		}
	}
}

// Holes yields what is missing between from and the highest number in the set,
// in ascending order.
func (r *Ranges) Holes(from tcp.Seq) iter.Seq[tcp.Block] {
	return func(yield func(tcp.Block) bool) {
		for b := range r.All() {
			if from.Less(b.Left) && !yield(tcp.Block{Left: from, Right: b.Left}) {
				return
			}
			from = from.Max(b.Right)
		}
	}
}

// Assumed returns how many numbers are in the set although they were never
// added: with more than [MaxRanges] ranges the lowest hole, the one least likely
// to be filled yet, is taken for filled.
func (r *Ranges) Assumed() uint64 {
	if r.rest == nil {
		return 0
	}
	return r.rest.assumed
}

// at returns range i, from 0.
func (r *Ranges) at(i int) *tcp.Block {
	if i == 0 {
		return &r.first
	}
	return &r.rest.more[i-1]
}

func least(s, t tcp.Seq) tcp.Seq {
	if s.Less(t) {
		return s
	}
	return t
}
