package main

import (
	"testing"
	"time"
)

func TestProgressWords(t *testing.T) {
	for _, c := range []struct {
		done, total int64
		frames      int
		took        time.Duration
		want        string
	}{
		{1_234_567_890, 3_000_000_000, 1_234_567, 2 * time.Second, "1.2 GB, 617 kframes/s, 3s left"},
		{9_960, 9_960, 3, time.Second, "10 kB, 3 frames/s"},
		{999_600, -1, 999_499, time.Second, "1.0 MB, 999 kframes/s"},
		{0, 100, 0, time.Second, "0 B, 0 frames/s"},
	} {
		if got := progressWords(c.done, c.total, c.frames, c.took); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestParseMoment(t *testing.T) {
	const at = int64(1_784_000_000_500_000_000)
	for s, want := range map[string]moment{
		"":                               {},
		"2026-07-14T03:33:20.5Z":         {set: true, ns: at},
		"2026-07-14T05:33:20.5+02:00":    {set: true, ns: at},
		"2026-07-14 03:33:20.500000 UTC": {set: true, ns: at}, // as reports print it
		"2026-07-14T03:33:20.5":          {set: true, ns: at},
		"1784000000.5":                   {set: true, ns: at},
		"12.5":                           {set: true, relative: true, ns: 12_500_000_000},
		"1m30s":                          {set: true, relative: true, ns: 90_000_000_000},
	} {
		if got, err := parseMoment(s); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"yesterday", "03:33", "-5", "1e9", "-2s"} {
		if got, err := parseMoment(s); err == nil {
			t.Errorf("%q: %+v", s, got)
		}
	}
}
