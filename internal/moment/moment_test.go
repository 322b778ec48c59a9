package moment

import (
	"math"
	"testing"
)

func TestParse(t *testing.T) {
	const first, at = int64(1_700_000_000_000_000_000), int64(1_784_000_000_500_000_000)
	for s, want := range map[string]int64{
		"2026-07-14T03:33:20.5Z":         at,
		"2026-07-14T05:33:20.5+02:00":    at,
		"2026-07-14 03:33:20.500000 UTC": at, // as reports print it
		"2026-07-14 03:33:20.5":          at,
		"2026-07-14T03:33:20.5":          at,
		"1784000000.5":                   at,
		"1784000000.500000000123":        at,
		"0":                              first,
		"0s":                             first,
		"12.5":                           first + 12_500_000_000,
		"+12.5":                          first + 12_500_000_000,
		"30":                             first + 30_000_000_000,
		"25ms":                           first + 25_000_000,
		"+1m30s":                         first + 90_000_000_000,
		"9999-12-31T23:59:59Z":           math.MaxInt64, // what an int64 cannot hold is the nearest it can
		"0001-01-01T00:00:00Z":           math.MinInt64,
		"2500000h":                       math.MaxInt64,
	} {
		if got, err := Parse(s); err != nil || got.In(first) != want {
			t.Errorf("Parse(%q).In(first) = %d, %v; want %d", s, got.In(first), err, want)
		}
	}
	for _, s := range []string{"", "yesterday", "noon", "03:33", "-5", "-3", "1e9", "-2s", "+-2s", ".", "+", "2006-13-01T00:00:00Z", "99999999999"} {
		if got, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", s, got)
		}
	}
}

func TestLater(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"5", "1s", true},
		{"1", "5", false},
		{"5", "5", false},
		{"1784000001", "2026-07-14T03:33:20Z", true},
		{"5", "2026-07-14T03:33:20Z", false}, // depends on the capture
		{"2026-07-14T03:33:20Z", "5", false},
	} {
		a, errA := Parse(c.a)
		b, errB := Parse(c.b)
		if errA != nil || errB != nil || a.Later(b) != c.want {
			t.Errorf("%s later than %s: %v, want %v", c.a, c.b, a.Later(b), c.want)
		}
	}
}
