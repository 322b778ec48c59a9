package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/feed"
	"tcpreplay-fsm/reassembly"
)

// Of captures that hold whole frames, every byte that both sides sent is put in order,
// and no stream stays open.
func TestBytesInOrder(t *testing.T) {
	for _, name := range []string{"normal_close.pcap", "duplicates.pcap", "time_wait_reuse.pcap", "many_parallel.pcap.gz"} {
		path := "../../testdata/pcaps/" + name
		want := uint64(0)
		o := analyzer.Options{Done: func(c *analyzer.Conversation) {
			want += c.Endpoints[analyzer.Client].Bytes + c.Endpoints[analyzer.Server].Bytes
		}}
		if _, err := feed.Captures([]string{path}, nil, o); err != nil {
			t.Fatal(err)
		}
		all := &bytesInOrder{of: map[int]*reassembly.Duplex{}}
		if _, err := follow(path, all); err != nil {
			t.Fatal(err)
		}
		if all.bytes != want || want == 0 {
			t.Errorf("%s: %d bytes in order, the endpoints sent %d", name, all.bytes, want)
		}
		if len(all.of) != 0 {
			t.Errorf("%s: %d conversations are still followed at the end", name, len(all.of))
		}
		var stdout, stderr bytes.Buffer
		if status := run([]string{path, "1"}, &stdout, &stderr); status != 0 || stderr.Len() > 0 {
			t.Errorf("%s: status %d, %s", name, status, &stderr)
		}
		if out := stdout.String(); !strings.Contains(out, fmt.Sprintf(" %d bytes in order", want)) || !strings.Contains(out, "medians of 1)") {
			t.Errorf("%s: it prints %q", name, out)
		}
	}
}

func TestBadArguments(t *testing.T) {
	for _, test := range []struct {
		args   []string
		status int
		stderr string
	}{
		{nil, 2, "usage:"},
		{[]string{"a", "5", "b"}, 2, "usage:"},
		{[]string{"a", "0"}, 2, "usage:"},
		{[]string{"a", "often"}, 2, "usage:"},
		{[]string{"not/there.pcap"}, 1, "reassemble: "},
	} {
		var stdout, stderr bytes.Buffer
		if status := run(test.args, &stdout, &stderr); status != test.status || !strings.HasPrefix(stderr.String(), test.stderr) || stdout.Len() > 0 {
			t.Errorf("run(%q) = %d, %q, want %d, %q", test.args, status, &stderr, test.status, test.stderr)
		}
	}
}
