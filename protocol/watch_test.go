package protocol

import (
	cryptotls "crypto/tls"
	"strings"
	"testing"
)

func TestWatch(t *testing.T) {
	var w Watch // one for all, Reset each time
	hello := clientHello(t, &cryptotls.Config{ServerName: "www.example.com"})
	type say struct {
		side int
		text string
	}
	for _, tt := range []struct {
		name     string
		says     []say
		want     string
		requests int
	}{
		{"first chunk tells", []say{{Server, "SSH-2.0-Go\r\n"}}, "SSH Go", 0},
		{"both sides are needed", []say{{Server, "220 ready\r\n"}, {Client, "EHLO me\r\n"}}, "SMTP ready", 0},
		{"a byte at a time", []say{{Client, "GE"}, {Client, "T / HTT"}, {Client, "P/1.1\r\nHost: a\r\n"}}, "HTTP GET a/", 1},
		{"HTTP keep-alive", []say{
			{Client, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"}, {Server, "HTTP/1.1 200 OK\r\n\r\n"},
			{Client, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"}, {Server, "GET /no HTTP/1.1\r\n"},
			{Client, "POST /3 HTTP/1.1\r\nHost: a\r\n\r\n"}, {Client, "body"}}, "HTTP GET a/1", 3},
		{"a ClientHello in pieces", []say{{Client, string(hello[:30])}, {Client, string(hello[30:60])}, {Client, string(hello[60:])}}, "TLS www.example.com", 0},
		{"nothing", []say{{Client, "?"}, {Server, "!"}}, "", 0},
		{"too late", append(repeat(say{Server, "x"}, maxChunks), say{Client, "GET / HTTP/1.1\r\n\r\n"}), "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.Reset()
			for _, s := range tt.says {
				b := []byte(s.text)
				w.See(s.side, b)
				clear(b) // it may not be kept
			}
			requests := 0
			if r := w.Requests(); r != nil {
				requests = r.N()
			}
			if got := w.Label().String(); got != tt.want || requests != tt.requests {
				t.Errorf("%q and %d requests, want %q and %d", got, requests, tt.want, tt.requests)
			}
			if w.over && len(w.head[0])+len(w.head[1]) > 0 {
				t.Error("bytes are kept after the guess was over")
			}
		})
	}
}

func repeat[T any](v T, n int) (out []T) {
	for range n {
		out = append(out, v)
	}
	return out
}

func TestWatchKeepsLittle(t *testing.T) {
	var w Watch
	big := []byte(strings.Repeat("\x01", 60_000))
	for range maxChunks - 1 {
		w.See(Client, big)
	}
	if len(w.head[Client]) > Enough {
		t.Errorf("%d bytes are kept, more than %d", len(w.head[Client]), Enough)
	}
	w.See(Client, big)
	if len(w.head[Client]) > 0 || w.Label() != (Label{}) {
		t.Errorf("after %d chunks: %d bytes kept, label %v", maxChunks, len(w.head[Client]), w.Label())
	}
}

func BenchmarkWatchAfterTheGuess(b *testing.B) {
	var w Watch
	w.See(Server, []byte("SSH-2.0-Go\r\n"))
	chunk := make([]byte, 1400)
	b.ReportAllocs()
	for b.Loop() {
		w.See(Client, chunk)
	}
}
