package capture

import (
	"math"
	"math/bits"
)

// A clock turns the time stamps of one pcapng interface into nanoseconds since
// the Unix epoch (draft-ietf-opsawg-pcapng section 4.2, if_tsresol and
// if_tsoffset).
type clock struct {
	perSecond uint64 // ticks a second, at least 1
	offset    int64  // seconds to add
	whole     uint64 // nanoseconds in a tick if that is a whole number and offset is 0, as is usual; else 0
}

// newClock makes the clock of an if_tsresol value: 10 to the minus value, or 2
// to the minus value if its highest bit is set. It reports false for ticks so
// short that one second of them overflows 64 bits, as libpcap does.
func newClock(resolution uint8, offset int64) (clock, bool) {
	c := clock{perSecond: 1, offset: offset}
	n := int(resolution & 0x7f)
	if resolution&0x80 != 0 {
		if n > 63 {
			return c, false
		}
		c.perSecond <<= n
		return c, true
	}
	if n > 19 {
		return c, false
	}
	for range n {
		c.perSecond *= 10
	}
	if n <= 9 && offset == 0 {
		c.whole = 1e9 / c.perSecond
	}
	return c, true
}

// nanos converts a time stamp. Times that an int64 of nanoseconds cannot hold
// (before 1677, after 2262) become the nearest it can.
func (c clock) nanos(ticks uint64) int64 {
	if hi, lo := bits.Mul64(ticks, c.whole); c.whole != 0 && hi == 0 && lo <= math.MaxInt64 {
		return int64(lo)
	}
	seconds, rest := ticks/c.perSecond, ticks%c.perSecond
	hi, lo := bits.Mul64(rest, 1e9)
	fraction, _ := bits.Div64(hi, lo, c.perSecond) // rest < perSecond, so the quotient is below 1e9

	const bound = math.MaxInt64/int64(1e9) - 1
	total := int64(min(seconds, math.MaxInt64))
	if c.offset > 0 && total > math.MaxInt64-c.offset {
		return math.MaxInt64
	}
	total += c.offset
	switch {
	case total > bound:
		return math.MaxInt64
	case total < -bound:
		return math.MinInt64
	}
	return total*1e9 + int64(fraction)
}
