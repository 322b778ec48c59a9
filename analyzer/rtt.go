package analyzer

import (
	"math/bits"
	"slices"
)

// rttSamples is a distribution of round trip times in bounded memory: the first
// few as they are, more in a histogram with eight buckets an octave.
type rttSamples struct {
	n        uint32
	min, max int64
	few      []int64
	many     *[rttBuckets]uint32
}

const (
	rttFew     = 16
	rttLowest  = 10 // below 2^10 ns all are in the first bucket
	rttHighest = 37 // from 2^38 ns, 275 s, on in the last
	rttBuckets = 1 + 8*(rttHighest-rttLowest+1)
)

func (r *rttSamples) add(d int64) {
	if d < 0 {
		return // recorded out of order
	}
	if r.n == 0 || d < r.min {
		r.min = d
	}
	r.max = max(r.max, d)
	r.n++
	switch {
	case r.many != nil:
		r.many[rttBucket(d)]++
	case len(r.few) < rttFew:
		r.few = append(r.few, d)
	default:
		r.many = new([rttBuckets]uint32)
		for _, f := range r.few {
			r.many[rttBucket(f)]++
		}
		r.many[rttBucket(d)]++
		r.few = nil
	}
}

func rttBucket(d int64) int {
	octave := bits.Len64(uint64(d)) - 1
	if octave < rttLowest {
		return 0
	}
	if octave > rttHighest {
		return rttBuckets - 1
	}
	return 1 + 8*(octave-rttLowest) + int(d>>(octave-3))&7
}

// quantile is the sample that percent of all are not above (nearest rank). Out of
// the histogram it is the middle of a bucket: at most a sixteenth off.
func (r *rttSamples) quantile(percent int) int64 {
	rank := max(1, (int(r.n)*percent+99)/100)
	if r.many == nil {
		sorted := slices.Clone(r.few)
		slices.Sort(sorted)
		return sorted[rank-1]
	}
	for i, n := range r.many {
		if rank -= int(n); rank > 0 {
			continue
		}
		middle := int64(1) << (rttLowest - 1)
		if i > 0 {
			octave := rttLowest + (i-1)/8
			middle = int64(17+2*((i-1)%8)) << (octave - 4)
		}
		return min(max(middle, r.min), r.max)
	}
	return r.max
}
