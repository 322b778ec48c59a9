package analyzer

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The distribution is exact for few samples, and within a sixteenth for many.
func TestRTTSamples(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 15, 16, 17, 100, 10_000} {
		var r rttSamples
		var all []int64
		for range n {
			d := int64(1) << (10 + rnd.IntN(27))
			d += rnd.Int64N(d)
			r.add(d)
			all = append(all, d)
		}
		slices.Sort(all)
		if int(r.n) != n || r.min != all[0] || r.max != all[n-1] {
			t.Errorf("%d samples: %d, from %d to %d, want from %d to %d", n, r.n, r.min, r.max, all[0], all[n-1])
		}
		for _, percent := range []int{1, 50, 95, 100} {
			want := all[max(1, (n*percent+99)/100)-1]
			got, off := r.quantile(percent), int64(0)
			if n > rttFew {
				off = want / 16
			}
			if got < want-off || got > want+off {
				t.Errorf("%d samples: quantile %d is %d, want %d to within %d", n, percent, got, want, off)
			}
		}
	}
}

// Samples out of the range of the histogram stay within what was seen.
func TestRTTSamplesAtTheEnds(t *testing.T) {
	for _, d := range []int64{0, 1, 1023, 1 << 45} {
		var r rttSamples
		for range 20 {
			r.add(d)
		}
		r.add(-1)
		if r.n != 20 || r.quantile(50) != d || r.quantile(95) != d {
			t.Errorf("20 samples of %d: %d with median %d", d, r.n, r.quantile(50))
		}
	}
}
