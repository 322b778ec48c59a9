package main

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"tcpreplay-fsm/internal/pcaptest"
)

// TestOfUnreadReport checks that a test is of the whole capture, where the reader of the
// report has gone after the first lines.
func TestOfUnreadReport(t *testing.T) {
	script := strings.Builder{}
	for i := range 600 { // long enough for the first to be written while frames are read
		fmt.Fprintf(&script, "addr A=10.0.%d.%d:40000\nA SYN 0 mss=1460 +1\nB RST,ACK 0 1 win=0 ipid=0\n", i/250, i%250)
	}
	script.WriteString("addr A=10.1.0.1:40000\nA SYN 0 mss=1460\nB SYN,ACK 0 1 mss=1460\nA ACK 1 1\nA RST,ACK 1 1\n")
	s, err := pcaptest.Parse(script.String())
	if err != nil {
		t.Fatal(err)
	}
	var capture bytes.Buffer
	if err := s.WritePcap(&capture); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		test   string
		status int
	}{
		{"--assert=has:abort", exitOK},
		{"--assert=no:abort", exitFinding},
		{"--fail-on=abort", exitFinding},
		{"--fail-on=error", exitOK},
	} {
		var stderr bytes.Buffer
		status := run([]string{"--format", "ndjson", tt.test, "-"}, bytes.NewReader(capture.Bytes()), gone{}, &stderr)
		if status != tt.status {
			t.Errorf("status with %s is %d, want %d; stderr:\n%s", tt.test, status, tt.status, &stderr)
		}
	}
}

// gone is a pipe that nobody reads any more.
type gone struct{}

func (gone) Write([]byte) (int, error) { return 0, syscall.EPIPE }
