package analyzer_test

import (
	"fmt"
	"strings"
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
			a := withWorkers(o, workers)
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

// spoken is what a conversation came to whose client says these segments, each
// acknowledged; late ones are swapped with the one before.
func spoken(t *testing.T, workers int, handshake bool, late map[int]bool, says ...string) *analyzer.Conversation {
	t.Helper()
	lines := "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\n"
	if !handshake {
		lines = "B ACK 1 1 len=100\n"
	}
	script, err := pcaptest.Parse(lines)
	if err != nil {
		t.Fatal(err)
	}
	segments := script.Segments()
	last := &segments[len(segments)-1]
	from := *last
	if !handshake {
		from.Tuple = last.Tuple.Reverse()
		from.Seq, from.Ack = last.Ack, last.Seq.Add(last.Len)
	}
	for i, say := range says {
		s := from
		s.Flags, s.Payload, s.Len = tcp.ACK|tcp.PSH, []byte(say), uint32(len(say))
		s.IPID = uint16(1000 + i)
		from.Seq = from.Seq.Add(s.Len)
		segments = append(segments, s)
		if n := len(segments); late[i] {
			segments[n-1], segments[n-2] = segments[n-2], segments[n-1]
		}
	}
	var got *analyzer.Conversation
	o := analyzer.Options{Labels: true, Done: func(c *analyzer.Conversation) { got = c }}
	a := withWorkers(o, workers)
	for i := range segments {
		s := segments[i]
		s.Frame, s.Time = i+1, segments[0].Time+int64(i)*10*ms
		s.Payload = append([]byte(nil), s.Payload...)
		a.Add(&s)
		clear(s.Payload) // it was borrowed
	}
	a.Close()
	return got
}

// HTTP keep-alive is counted in requests, however they come.
func TestHTTPRequests(t *testing.T) {
	const get = "GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n"
	const old = "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
	many := make([]string, 20)
	for i := range many {
		many[i] = get
	}
	for _, test := range []struct {
		name      string
		says      []string
		late      map[int]bool
		midstream bool
		n         int
		version   string
	}{
		{name: "one", says: []string{get}, n: 1, version: "1.1"},
		{name: "twenty, one after the other", says: many, n: 20, version: "1.1"},
		{name: "pipelined", says: []string{get + get, get}, n: 3, version: "1.1"},
		{name: "cut", says: []string{get[:5], get[5:12], get[12:] + get[:9], get[9:], get, get, get[:1], get[1:]}, n: 5, version: "1.1"},
		{name: "HTTP/1.0", says: []string{old, old}, n: 2, version: "1.0"},
		{name: "with a body longer than what is kept", says: []string{"POST / HTTP/1.1\r\nContent-Length: 6000\r\n\r\n" + string(make([]byte, 3000)), string(make([]byte, 3000)), get}, n: 2, version: "1.1"},
		{name: "out of order", says: []string{get, get, get, get}, late: map[int]bool{2: true}, n: 3, version: "1.1"},
		{name: "from the middle of an upload", says: []string{"x\x00x", "GET ", "y", "\xff", "4", "5", "6", "7", get, get}, midstream: true, n: 2, version: "1.1"},
		{name: "no HTTP", says: []string{"EHLO a\r\n", "GET it\r\n"}},
	} {
		for workers := range 3 {
			c := spoken(t, workers, !test.midstream, test.late, test.says...)
			if c == nil || c.HTTPRequests != test.n || c.HTTPVersion != test.version || (c.Protocol.Protocol == "HTTP") != (test.n > 0) {
				t.Errorf("%s, %d workers: %+v, %d requests of %q; want %d of %q", test.name, workers, c.Protocol, c.HTTPRequests, c.HTTPVersion, test.n, test.version)
			}
		}
	}
}

// A server that closes before it has all of a request leaves some of it unread.
func TestRequestCutShort(t *testing.T) {
	for _, test := range []struct{ length, cause string }{{"5000", "unread-data"}, {"40", "abort"}} {
		request := "POST / HTTP/1.1\r\nContent-Length: " + test.length + "\r\n\r\n"
		script, err := pcaptest.Parse(fmt.Sprintf("A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nA PSH,ACK 1 1 len=%[1]d\nB PSH,ACK 1 %[2]d len=30\nB RST,ACK 31 %[2]d\n", len(request)+40, len(request)+41))
		if err != nil {
			t.Fatal(err)
		}
		copy(script.Steps[3].Segment.Payload, request)
		var r []analyzer.Reset
		a := analyzer.New(analyzer.Options{Labels: true, Done: func(c *analyzer.Conversation) { r = append(r, c.Resets...) }})
		for i := range script.Steps {
			a.Add(&script.Steps[i].Segment)
		}
		a.Close()
		if len(r) != 1 || r[0].Cause != test.cause || r[0].Confidence != analyzer.Possible {
			t.Errorf("a body of %s of which 40 came: %+v, want %s", test.length, r, test.cause)
		}
	}
}

// The two things that are called keep-alive are never mixed up.
func TestKeepAliveIsNotHTTPs(t *testing.T) {
	for _, r := range analyzer.Rules() {
		if strings.HasPrefix(r.ID, "keepalive") && !strings.Contains(r.Means, "HTTP keep-alive") {
			t.Errorf("%s does not say what HTTP keep-alive is", r.ID)
		}
	}
	for _, c := range read(t, []string{pcaps + "/keepalive.pcap"}, nil) {
		for _, f := range c.Findings {
			if strings.Contains(f.Summary+f.Detail, "HTTP") {
				t.Errorf("%s speaks of HTTP: %s %s", f.ID, f.Summary, f.Detail)
			}
		}
	}
}

type follower interface {
	Add(*tcp.Segment)
	Close() []analyzer.Finding
}

// withWorkers returns a Parallel with so many workers, and for none an Analyzer.
func withWorkers(o analyzer.Options, workers int) follower {
	if workers == 0 {
		return analyzer.New(o)
	}
	return analyzer.NewParallel(o, workers)
}
