package analyzer_test

import (
	"strings"
	"testing"

	"tcpreplay-fsm/internal/pcaptest"
)

// TestAbortAfterFIN has an end abort what it had shut down: its FIN came first.
func TestAbortAfterFIN(t *testing.T) {
	const shut = "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nA FIN,ACK 1 1\nB ACK 1 2\n"
	for _, tt := range []struct{ script, verdict, detail string }{
		{shut + "A RST,ACK 2 1 +0.1\n", "The client closed its direction with a FIN; then abortive close by the client.", "aborted what was left of the connection: SO_LINGER"},
		{shut + "B PSH,ACK 1 2 len=10\nA ACK 2 11\nA RST,ACK 2 11 +0.1\n", "The client closed its direction with a FIN; then abortive close by the client: probably unread data.", "sends a RST behind the FIN"},
	} {
		s, err := pcaptest.Parse(tt.script)
		if err != nil {
			t.Fatal(err)
		}
		c, told := play(s).conversations[0], ""
		for _, f := range c.Findings {
			if f.ID == "abort" || f.ID == "rst-on-close-unread-data" {
				told = f.Detail
			}
		}
		if c.Verdict != tt.verdict || !strings.Contains(told, tt.detail) {
			t.Errorf("%q, %q; want %q, %q", c.Verdict, told, tt.verdict, tt.detail)
		}
	}
}

// TestCrossedLate has FINs cross within one trip of the network, and further apart.
func TestCrossedLate(t *testing.T) {
	const open = "A SYN 0\nB SYN,ACK 0 1 +0.02\nA ACK 1 1 +0.02\n"
	const same, late = "Both ends closed at the same moment: their FINs crossed.", "Both ends closed before either knew that the other had: their FINs crossed."
	for _, tt := range []struct{ name, script, want, detail string }{
		{"at once", open + "A FIN,ACK 1 1 +1\nB FIN,ACK 1 1 +0.01\nA ACK 2 2\nB ACK 2 2\n", same, "within one trip"},
		{"one was lost", open + "A FIN,ACK 1 1 +1\nA FIN,ACK 1 1 +0.03\nB FIN,ACK 1 1 +0.001\nA ACK 2 2\nB ACK 2 2\n", late, "lost or late"},
		{"one comes late", open + "A FIN,ACK 1 1 +1\nB FIN,ACK 1 1 +0.3\nA ACK 2 2\nB ACK 2 2\n", late, "lost or late"},
		{"an answer was lost", open + "A FIN,ACK 1 1 +1\nB FIN,ACK 1 1 +0.01\nB FIN,ACK 1 1 +0.2\nA ACK 2 2\nB ACK 2 2\n", same, "within one trip"},
	} {
		s, err := pcaptest.Parse(tt.script)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		c := play(s).conversations[0]
		if c.Verdict != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, c.Verdict, tt.want)
		}
		if c.Findings[0].ID != "simultaneous-close" || !strings.Contains(c.Findings[0].Detail, tt.detail) {
			t.Errorf("%s: %v, want simultaneous-close with %q", tt.name, c.Findings, tt.detail)
		}
	}
}

// TestCloseCall tells close() from shutdown() by the IP ID of the first answer to the other
// FIN: 0 where no socket is left. Linux, as measured with 6.18.
func TestCloseCall(t *testing.T) {
	const (
		open   = "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nA PSH,ACK 1 1 len=10\nB ACK 1 11\nA FIN,ACK 11 1\nB ACK 1 12\n"
		answer = "B PSH,ACK 1 12 len=10\nA ACK 12 11\n"
		fin    = "B FIN,ACK 1 12 +1\n"
	)
	for _, tt := range []struct{ name, script, want string }{
		{"no socket", open + fin + "A ACK 12 2 ipid=0\n", "The client closed first with close(), the server 1 s later."},
		{"no socket, but it took data", open + answer + "B FIN,ACK 11 12 +1\nA ACK 12 12 ipid=0\n", "The client closed first with shutdown(), then close(), the server 1 s later."},
		{"a socket", open + fin + "A ACK 12 2\n", "The client closed first with shutdown(), the server 1 s later."},
		{"TIME_WAIT answers again", open + fin + "A ACK 12 2\nB FIN,ACK 1 12 +0.2\nA ACK 12 2 ipid=0\n", "The client closed first, the server 1 s later."},
		{"the ACK of its FIN was lost", open + fin + "A FIN,ACK 11 1 +0.01\nA ACK 12 2\n", "The client closed first, the server 1 s later."},
		{"the same ID in all", open + fin + "A ACK 12 2 ipid=4\n", "The client closed first, the server 1 s later."},
	} {
		s, err := pcaptest.Parse(tt.script)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := play(s).conversations[0].Verdict; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
