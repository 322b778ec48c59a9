package main

import (
	"strings"
	"testing"
)

// A conversation that was asked for and never came is told once the capture has
// ended, as it is of a file.
func TestLiveMissing(t *testing.T) {
	var stdout, stderr strings.Builder
	status := run([]string{"-i", "lo", "--port", "1", "--conversation", "3", "--duration", "10ms"}, strings.NewReader(""), &stdout, &stderr)
	if strings.Contains(stderr.String(), "setcap") {
		t.Skip("skipped: packet sockets are not allowed here")
	}
	if want := "error: there is no conversation 3: there are none at all\n"; status != exitError || !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("status %d, %q; want %d and %q", status, &stderr, exitError, want)
	}
	if !strings.Contains(stdout.String(), "0 conversations") {
		t.Errorf("what was captured is not reported: %s", &stdout)
	}
}
