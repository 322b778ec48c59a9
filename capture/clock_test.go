package capture

import (
	"math"
	"testing"
)

func TestClock(t *testing.T) {
	for _, c := range []struct {
		resolution uint8
		offset     int64
		ticks      uint64
		want       int64
	}{
		{6, 0, 1700000000123456, 1700000000123456000},
		{9, 0, 1700000000123456789, 1700000000123456789},
		{0, 0, 1700000000, 1700000000e9},
		{3, 0, 1700000000123, 1700000000123e6},
		{12, 0, 1234567890123, 1234567890},
		{19, 0, math.MaxUint64, 1844674407},
		{6, -5, 7e6, 2e9},
		{6, 1e9, 1e6, 1000000001e9},
		{0x80 | 20, 0, 3<<20 | 1<<19, 3500000000},
		{0x80 | 32, 0, 1700000000<<32 | 1<<30, 1700000000250000000},
		{0x80 | 63, 0, 1 << 62, 500000000},
		{0x80, 0, 12, 12e9},
		{0, 0, math.MaxUint64, math.MaxInt64},
		{6, 0, math.MaxUint64, math.MaxInt64},
		{6, math.MaxInt64, math.MaxUint64, math.MaxInt64},
		{0, math.MaxInt64, math.MaxUint64, math.MaxInt64},
		{6, math.MinInt64, 0, math.MinInt64},
		{9, math.MinInt64, math.MaxUint64, math.MinInt64},
	} {
		clock, ok := newClock(c.resolution, c.offset)
		if got := clock.nanos(c.ticks); !ok || got != c.want {
			t.Errorf("resolution %#x, offset %d: %d ticks are %d ns, want %d", c.resolution, c.offset, c.ticks, got, c.want)
		}
	}
	for _, resolution := range []uint8{20, 127, 0x80 | 64, 0xff} {
		if _, ok := newClock(resolution, 0); ok {
			t.Errorf("resolution %#x was taken", resolution)
		}
	}
}
