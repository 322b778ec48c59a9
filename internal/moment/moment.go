// Package moment reads the points in a capture's time that a command line names.
package moment

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Moment is a time, or a distance from a capture's first frame. The zero Moment
// is that of the first frame.
type Moment struct {
	absolute bool
	ns       int64 // since the Unix epoch, or since the first frame
}

// unixFrom is the number of seconds from which a plain number is a Unix time:
// March 1973. No capture lasts three years, and none is as old as that.
const unixFrom = 100_000_000

// After is the Moment at a distance from the first frame.
func After(d time.Duration) Moment { return Moment{ns: int64(d)} }

// Parse reads RFC 3339, a time as reports print it ("2006-01-02 15:04:05.9 UTC", the
// zone and the rest of a second may be missing), Unix seconds, or a distance from the
// first frame: "12.5" seconds, "12.5s", "+1m30s".
func Parse(s string) (Moment, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime} {
		if t, err := time.Parse(layout, strings.TrimSuffix(s, " UTC")); err == nil {
			return Moment{absolute: true, ns: nanos(t)}, nil
		}
	}
	distance := strings.TrimPrefix(s, "+")
	if d, err := time.ParseDuration(distance); err == nil && distance[0] != '-' {
		return After(d), nil
	}
	whole, frac, _ := strings.Cut(distance, ".")
	sec, err := strconv.ParseUint(whole, 10, 33)
	frac = (frac + "000000000")[:9]
	ns, err2 := strconv.ParseUint(frac, 10, 30)
	if err != nil || err2 != nil {
		return Moment{}, fmt.Errorf("%q is no time; write 2026-01-31T08:15:00Z, Unix seconds, or seconds since the first frame (12.5, or 1m30s)", s)
	}
	return Moment{absolute: sec >= unixFrom && distance == s, ns: int64(sec)*1e9 + int64(ns)}, nil
}

// nanos is t in Unix nanoseconds, or the nearest that can be had: those of 9999, as
// people write for never, would wrap round.
func nanos(t time.Time) int64 {
	switch {
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	}
	return t.UnixNano()
}

// In returns the moment as Unix nanoseconds, in a capture whose first frame passed
// at first.
func (m Moment) In(first int64) int64 {
	switch {
	case m.absolute:
		return m.ns
	case first > math.MaxInt64-m.ns:
		return math.MaxInt64
	}
	return first + m.ns
}

// Later reports whether m is later than o in every capture.
func (m Moment) Later(o Moment) bool { return m.absolute == o.absolute && m.ns > o.ns }
