package analyzer

import (
	"math/bits"
	"slices"

	"tcpreplay-fsm/tcp"
)

// handshakeRTT is the time from a handshake segment that passed towards side to
// side's answer: from the point of capture to it and back. 0 if not seen.
func (c *conn) handshakeRTT(side Side) int64 {
	var syn, synack int64 // when the peer's last passed
	for i := range c.log {
		en := &c.log[i]
		switch {
		case en.side != side && en.flags.Has(tcp.SYN|tcp.ACK):
			synack = en.time
		case en.side != side && en.flags.Has(tcp.SYN):
			syn = en.time
		case en.side == side && syn != 0 && en.flags.Has(tcp.SYN|tcp.ACK):
			return en.time - syn
		case en.side == side && synack != 0 && side == Client && en.plain():
			return en.time - synack
		}
	}
	return 0
}

// rttSamples is a distribution of round trip times in bounded memory: the first
// few as they are, more in a histogram with eight buckets an octave.
type rttSamples struct {
	n        uint32
	min, max int64
	others   *rttOthers // than min and max; nil while there are none
}

// rttOthers is either the samples between the least and the most, or, of more than
// rttFew, a histogram of all.
type rttOthers struct {
	few  []int64
	many *[rttBuckets]uint32
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
	r.n++
	if r.n > 2 && r.others == nil {
		r.others = &rttOthers{}
	}
	if o := r.others; o != nil && o.many == nil && r.n > rttFew {
		o.many = new([rttBuckets]uint32)
		for _, f := range append(o.few, r.min, r.max) {
			o.many[rttBucket(f)]++
		}
		o.few = nil
	}
	between := d
	switch {
	case r.n == 1:
		r.min, r.max = d, d
	case d < r.min:
		between, r.min = r.min, d
	case d > r.max:
		between, r.max = r.max, d
	}
	switch o := r.others; {
	case o == nil: // of two, one is the least and one the most
	case o.many != nil:
		o.many[rttBucket(d)]++
	default:
		o.few = append(o.few, between)
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
	o := r.others
	if o == nil || o.many == nil {
		var room [rttFew + 2]int64
		sorted := append(room[:0], r.min)
		if o != nil {
			sorted = append(sorted, o.few...)
			slices.Sort(sorted)
		}
		return append(sorted, r.max)[rank-1]
	}
	for i, n := range o.many {
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
