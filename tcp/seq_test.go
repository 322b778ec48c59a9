package tcp_test

import (
	"testing"

	"tcpreplay-fsm/tcp"
)

// near holds numbers on both sides of the wrap, of the sign bit and of a few
// odd places: all pairs of them are compared by arithmetic that does not wrap.
func near() []tcp.Seq {
	var out []tcp.Seq
	for _, at := range []uint32{0, 1 << 16, 1 << 31, 0xdeadbeef} {
		for d := uint32(0); d < 64; d++ {
			out = append(out, tcp.Seq(at+d-32))
		}
	}
	return out
}

func TestSeqOrder(t *testing.T) {
	for _, s := range near() {
		for _, u := range near() {
			// How far forward from u to s: less than half the space is ahead.
			forward := (int64(s) - int64(u) + 1<<32) % (1 << 32)
			d := forward
			if d >= 1<<31 {
				d -= 1 << 32
			}
			if got := s.Sub(u); int64(got) != d {
				t.Fatalf("%d.Sub(%d) = %d, want %d", s, u, got, d)
			}
			if got := s.Less(u); got != (d < 0) {
				t.Fatalf("%d.Less(%d) = %v, they are %d apart", s, u, got, d)
			}
			if got := s.LessEq(u); got != (d <= 0) {
				t.Fatalf("%d.LessEq(%d) = %v, they are %d apart", s, u, got, d)
			}
			want := s
			if d < 0 {
				want = u
			}
			if got := s.Max(u); got != want {
				t.Fatalf("%d.Max(%d) = %d, want %d", s, u, got, want)
			}
			if got := u.Add(uint32(forward)); got != s {
				t.Fatalf("%d.Add(%d) = %d, want %d", u, forward, got, s)
			}
			for _, size := range []uint32{0, 1, 63, 65535, 1 << 30} {
				if got := s.InWindow(u, size); got != (forward < int64(size)) {
					t.Fatalf("%d.InWindow(%d, %d) = %v, it is %d ahead", s, u, size, got, forward)
				}
			}
		}
	}
}
