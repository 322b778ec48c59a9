package words

import "testing"

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 frames", 1: "1 frame", 2: "2 frames", 1000: "1000 frames"} {
		if got := Count(n, "frame"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}
