package analyzer

import "testing"

// TestSeconds tells durations as people write them, also where they are rounded up.
func TestSeconds(t *testing.T) {
	for _, test := range []struct {
		ns   int64
		want string
	}{
		{0, "0 µs"},
		{999_400, "999 µs"},
		{999_600, "1 ms"},
		{999_930_000, "1 s"},
		{-999_930_000, "-1 s"},
		{999_400_000_000, "999 s"},
		{999_600_000_000, "16m40s"},
	} {
		if got := seconds(test.ns); got != test.want {
			t.Errorf("seconds(%d) = %q, want %q", test.ns, got, test.want)
		}
	}
}
