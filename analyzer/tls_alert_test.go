package analyzer_test

import (
	"strings"
	"testing"

	"tcpreplay-fsm/internal/pcaptest"
)

// TestTLSAlertMeans has alerts of one code mean what was said before them.
func TestTLSAlertMeans(t *testing.T) {
	const open = "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\n"
	const hello, get = open + "A PSH,ACK 1 1 hello=a.example\n", open + "A PSH,ACK 1 1 get=/a\n"
	for _, tt := range []struct{ name, script, want string }{
		{"nothing in common", hello + "B PSH,ACK 1 71 alert=40\n", "no TLS version"},
		{"no certificate of the client", hello + "B PSH,ACK 1 71 len=1200\nA PSH,ACK 71 1201 len=93\nB PSH,ACK 1201 164 alert=40\n", "mutual TLS"},
		{"what the client does not take", hello + "B PSH,ACK 1 71 len=1200\nA PSH,ACK 71 1201 alert=40\n", "no TLS version"},
		{"HTTP", get + "B PSH,ACK 1 20 alert=70\n", "without TLS"},
		{"TLS in a tunnel", get + "B PSH,ACK 1 20 answer=0\nA PSH,ACK 20 39 hello=a.example\nB PSH,ACK 39 90 alert=70\n", "no TLS version"},
		{"the same with nothing in common", get + "B PSH,ACK 1 20 answer=0\nA PSH,ACK 20 39 hello=a.example\nB PSH,ACK 39 90 alert=40\n", "no TLS version"},
		{"close_notify", hello + "B PSH,ACK 1 71 alert=0\n", ""},
	} {
		s, err := pcaptest.Parse(tt.script)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		told := ""
		for _, f := range play(s).conversations[0].Findings {
			if f.ID == "tls-alert" {
				told = f.Detail
			}
		}
		if !strings.Contains(told, tt.want) || (told == "") != (tt.want == "") {
			t.Errorf("%s: %q, want %q", tt.name, told, tt.want)
		}
	}
}
