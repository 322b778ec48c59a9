package analyzer_test

import (
	"fmt"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/protocol"
	"tcpreplay-fsm/tcp"
)

// talk is a conversation in which each side says something, in two pieces.
func talk(t *testing.T, client, server string) []tcp.Segment {
	t.Helper()
	a, b := len(client)/2, len(client)
	script, err := pcaptest.Parse(fmt.Sprintf(`
A SYN 0
B SYN,ACK 0 1
A ACK 1 1
A PSH,ACK 1 1 len=%d
A PSH,ACK 1 1 len=%d
A PSH,ACK %d 1 len=%d
B PSH,ACK 1 %d len=%d
A FIN,ACK %d %d
`, a, a, 1+a, b-a, 1+b, len(server), 1+b, 1+len(server)))
	if err != nil {
		t.Fatal(err)
	}
	segments := script.Segments()
	copy(segments[3].Payload, client)
	copy(segments[4].Payload, "GET / HTTP/1.1\r\nHost: not.read.again\r\n\r\n")
	copy(segments[5].Payload, client[a:])
	copy(segments[6].Payload, server)
	return segments
}

// The label comes from the first bytes of each side, in order, whoever follows.
func TestLabels(t *testing.T) {
	for _, test := range []struct {
		client, server string
		want           protocol.Label
	}{
		{"GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", protocol.Guess([]byte("GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n"), nil)},
		{"\x00\x01\x02\x03\x04\x05", "SSH-2.0-OpenSSH_9.6\r\n", protocol.Guess(nil, []byte("SSH-2.0-OpenSSH_9.6\r\n"))},
		{"\x00\x01\x02\x03\x04\x05", "\xff\xfe\xfd\xfc", protocol.Label{}},
	} {
		segments := talk(t, test.client, test.server)
		for workers := range 3 {
			var got []protocol.Label
			o := analyzer.Options{Labels: true, Done: func(c *analyzer.Conversation) { got = append(got, c.Protocol) }}
			var a interface {
				Add(*tcp.Segment)
				Close() []analyzer.Finding
			} = analyzer.New(o)
			if workers > 0 {
				a = analyzer.NewParallel(o, workers)
			}
			for i := range segments {
				s := segments[i]
				s.Payload = append([]byte(nil), s.Payload...)
				a.Add(&s)
				clear(s.Payload) // it was borrowed
			}
			a.Close()
			if len(got) != 1 || got[0].Protocol != test.want.Protocol {
				t.Errorf("%q, %q with %d workers: %+v, want %+v", test.client, test.server, workers, got, test.want)
			}
		}
	}
}

// What conversations said that nobody recognises is kept of a bounded number.
func TestLabelsOfMany(t *testing.T) {
	segments := talk(t, "\x00\x01\x02\x03\x04\x05", "SSH-2.0-OpenSSH_9.6\r\n")
	n := 0
	a := analyzer.New(analyzer.Options{Labels: true, Done: func(c *analyzer.Conversation) {
		if c.Protocol.Protocol == "SSH" {
			n++
		}
	}})
	for step := range segments {
		for port := range uint16(3000) {
			s := segments[step]
			if s.Tuple.SrcPort == 80 {
				s.Tuple.DstPort = port + 1000
			} else {
				s.Tuple.SrcPort = port + 1000
			}
			s.Frame = step*3000 + int(port) + 1
			a.Add(&s)
		}
	}
	a.Close()
	if n != 1024 {
		t.Errorf("%d of 3000 were recognised by what they said late, want 1024", n)
	}
}
