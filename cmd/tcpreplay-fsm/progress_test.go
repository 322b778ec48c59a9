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
