package reassembly

import (
	"math/rand/v2"
	"slices"
	"testing"

	"tcpreplay-fsm/tcp"
)

func block(l, r tcp.Seq) tcp.Block { return tcp.Block{Left: l, Right: r} }

func TestRanges(t *testing.T) {
	var r Ranges
	for _, step := range []struct {
		left, right tcp.Seq
		fresh       uint32
		want        []tcp.Block
	}{
		{100, 100, 0, nil},
		{100, 90, 0, nil},
		{100, 200, 100, []tcp.Block{block(100, 200)}},
		{200, 250, 50, []tcp.Block{block(100, 250)}},
		{120, 250, 0, []tcp.Block{block(100, 250)}},
		{240, 260, 10, []tcp.Block{block(100, 260)}},
		{300, 310, 10, []tcp.Block{block(100, 260), block(300, 310)}},
		{400, 410, 10, []tcp.Block{block(100, 260), block(300, 310), block(400, 410)}},
		{50, 60, 10, []tcp.Block{block(50, 60), block(100, 260), block(300, 310), block(400, 410)}},
		{290, 405, 100, []tcp.Block{block(50, 60), block(100, 260), block(290, 410)}},
		{260, 290, 30, []tcp.Block{block(50, 60), block(100, 410)}},
		{0, 500, 180, []tcp.Block{block(0, 500)}},
	} {
		if got := r.Add(step.left, step.right); got != step.fresh {
			t.Errorf("Add(%d, %d) = %d, want %d", step.left, step.right, got, step.fresh)
		}
		if got := slices.Collect(r.All()); !slices.Equal(got, step.want) {
			t.Errorf("after Add(%d, %d): %v, want %v", step.left, step.right, got, step.want)
		}
	}
}

func TestRangesAcrossTheWrap(t *testing.T) {
	var r Ranges
	r.Add(0xfffffff0, 0xfffffffa)
	r.Add(5, 10)
	if got, want := slices.Collect(r.Holes(0xfffffff0)), []tcp.Block{block(0xfffffffa, 5)}; !slices.Equal(got, want) {
		t.Errorf("Holes = %v, want %v", got, want)
	}
	if r.Contains(0xfffffff0, 10) {
		t.Error("Contains over a hole = true")
	}
	if got := r.Add(0xfffffffa, 5); got != 11 {
		t.Errorf("filling the hole added %d, want 11", got)
	}
	if got := r.Contiguous(0xfffffff0); got != 10 {
		t.Errorf("Contiguous = %d, want 10", got)
	}
	if !r.Contains(0xfffffff0, 10) {
		t.Error("Contains = false, want true")
	}
}

// A stream of 20 GiB, in order, wraps four times and must stay one range.
func TestRangesFollowALongStream(t *testing.T) {
	var r Ranges
	seq := tcp.Seq(0xf0000000)
	const step = 1 << 20
	for range 20 << 10 {
		if got := r.Add(seq, seq.Add(step)); got != step {
			t.Fatalf("Add(%#x) = %d, want %d", seq, got, step)
		}
		seq = seq.Add(step)
		if got := r.Add(seq.Add(^uint32(step-1)), seq); got != 0 {
			t.Fatalf("adding again before %#x gave %d new", seq, got)
		}
	}
	if r.Len() != 1 || r.Contiguous(seq-100) != seq {
		t.Errorf("%d ranges, contiguous to %#x, want 1 and %#x", r.Len(), r.Contiguous(seq-100), seq)
	}
	if got := r.Add(seq-maxSpan-50, seq-maxSpan-40); got != 0 || r.Len() != 1 {
		t.Errorf("an ancient range added %d", got)
	}
}

func TestRangesBound(t *testing.T) {
	var r Ranges
	for i := range tcp.Seq(MaxRanges + 10) {
		r.Add(i*100, i*100+50)
	}
	if r.Len() != MaxRanges || r.Assumed() != 10*50 {
		t.Errorf("%d ranges, %d assumed; want %d and 500", r.Len(), r.Assumed(), MaxRanges)
	}
	if got := r.Contiguous(0); got != 10*100+50 {
		t.Errorf("Contiguous(0) = %d, want the lowest holes taken for filled: 1050", got)
	}
}

func TestRangesForget(t *testing.T) {
	var r Ranges
	r.Add(0, 10)
	r.Add(20, 30)
	r.Add(40, 50)
	r.Forget(25)
	if got, want := slices.Collect(r.All()), []tcp.Block{block(25, 30), block(40, 50)}; !slices.Equal(got, want) {
		t.Errorf("after Forget(25): %v, want %v", got, want)
	}
	r.Forget(50)
	if r.Len() != 0 {
		t.Errorf("after Forget(50): %v, want nothing", slices.Collect(r.All()))
	}
}

// checkRanges holds Ranges against a set of single numbers.
func checkRanges(t *testing.T, base tcp.Seq, ops []byte) {
	t.Helper()
	var r Ranges
	slow := map[tcp.Seq]bool{}
	for ; len(ops) >= 2; ops = ops[2:] {
		left, right := base.Add(uint32(ops[0])), base.Add(uint32(ops[0])+uint32(ops[1]%32))
		want := uint32(0)
		for s := left; s != right; s++ {
			if !slow[s] {
				slow[s] = true
				want++
			}
		}
		if got := r.Add(left, right); got != want {
			t.Fatalf("Add(%d, %d) = %d, want %d", left, right, got, want)
		}
	}
	in := map[tcp.Seq]bool{}
	last := base - 1
	for b := range r.All() {
		if !last.Less(b.Left) || !b.Left.Less(b.Right) {
			t.Fatalf("%v out of order, or touches the range before it", slices.Collect(r.All()))
		}
		for s := b.Left; s != b.Right; s++ {
			in[s] = true
		}
		last = b.Right
	}
	for i := range uint32(320) {
		s := base.Add(i)
		next := s
		for slow[next] {
			next++
		}
		if in[s] != slow[s] || r.Contains(s, s+1) != slow[s] || r.Contiguous(s) != next {
			t.Fatalf("%d: in All %v, Contains %v, Contiguous %d; want %v and %d", s, in[s], r.Contains(s, s+1), r.Contiguous(s), slow[s], next)
		}
	}
	holes := 0
	for h := range r.Holes(base) {
		for s := h.Left; s != h.Right; s++ {
			if slow[s] {
				t.Fatalf("hole %v holds %d, which was added", h, s)
			}
			holes++
		}
	}
	if r.Len() > 0 && holes != int(r.at(r.Len()-1).Right-base)-len(slow) {
		t.Fatalf("holes of %d numbers, want %d", holes, int(r.at(r.Len()-1).Right-base)-len(slow))
	}
}

func TestRangesRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		ops := make([]byte, 2*rng.IntN(60))
		for i := range ops {
			ops[i] = byte(rng.Uint32())
		}
		checkRanges(t, tcp.Seq(rng.Uint32N(3)-1)*100, ops)
	}
}

func FuzzRanges(f *testing.F) {
	f.Add(uint32(0xffffffc0), []byte{0, 10, 20, 10, 5, 20})
	f.Fuzz(func(t *testing.T, base uint32, ops []byte) {
		if len(ops) > 2*(MaxRanges-1) {
			return // past the bound it assumes, on purpose
		}
		checkRanges(t, tcp.Seq(base), ops)
	})
}

func BenchmarkRangesInOrder(b *testing.B) {
	var r Ranges
	b.ReportAllocs()
	seq := tcp.Seq(1)
	for b.Loop() {
		r.Add(seq, seq+1448)
		seq += 1448
	}
}

// One segment in 16 comes two places late.
func BenchmarkRangesReordered(b *testing.B) {
	var r Ranges
	b.ReportAllocs()
	seq := tcp.Seq(1)
	for i := 0; b.Loop(); i++ {
		switch i & 15 {
		case 0:
			r.Add(seq+1448, seq+2*1448)
		case 1:
			r.Add(seq-1448, seq)
		default:
			r.Add(seq, seq+1448)
		}
		seq += 1448
	}
}
