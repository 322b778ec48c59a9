package main

import (
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	for _, tt := range []struct{ line, word, want string }{
		{"tcpreplay-fsm --conv", "--conv", "--conversation"},
		{"tcpreplay-fsm x.pcap --format ", "", "text json ndjson html"},
		{"tcpreplay-fsm --format=", "", "text json ndjson html"},
		{"tcpreplay-fsm --format=nd", "nd", "ndjson"},                   // bash parts words at =
		{"tcpreplay-fsm --format=nd", "--format=nd", "--format=ndjson"}, // zsh does not
		{"tcpreplay-fsm --explain simul", "simul", "simultaneous-open simultaneous-close"},
		{"tcpreplay-fsm --only abort,keepalive-", "abort,keepalive-", "abort,keepalive-timeout"},
		{"tcpreplay-fsm --fail-on w", "w", "warning window-full"},
		{"tcpreplay-fsm -i any", "any", "any"},
		{"tcpreplay-fsm --quiet --he", "--he", "--help"}, // --quiet takes no value
		{"tcpreplay-fsm --cpu", "--cpu", ""},
		{"tcpreplay-fsm -o ", "", ""}, // a file's name
		{"tcpreplay-fsm ", "", ""},
		{"tcpreplay-fsm", "tcpreplay-fsm", ""},
		{"", "", ""},
	} {
		if got := strings.Join(complete(tt.line, tt.word), " "); got != tt.want {
			t.Errorf("complete(%q, %q) = %q, want %q", tt.line, tt.word, got, tt.want)
		}
	}
}
