package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

func someEvents() []event {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_234, time.UTC).UnixNano()
	client, server := netip.MustParseAddrPort("10.0.0.1:41000"), netip.MustParseAddrPort("[2001:db8::2]:80")
	base := event{kind: stateChanged, time: at, conversation: 3, client: client, server: server, side: analyzer.Server,
		from: tcp.Established, to: tcp.CloseWait, frame: 9, cause: "received FIN", evidence: analyzer.Presumed}
	first, corrected, found, gone := base, base, base, base
	first.fromNone = true
	corrected.kind = stateCorrected
	found.kind = findingTold
	found.finding = analyzer.Finding{ID: "abort", Severity: analyzer.Warning, Confidence: analyzer.Probable, Frames: []int{8, 9}, Summary: `a "quoted" cause`}
	gone.kind, gone.finding = findingWithdrawn, found.finding
	return []event{base, first, corrected, found, gone, {kind: noticeGiven, time: at, text: "eth0\x1b[2J: \"down\""}}
}

func TestEventText(t *testing.T) {
	time.Local = time.UTC
	const head = "03:04:05.678901 #3 10.0.0.1:41000 > [2001:db8::2]:80 "
	want := []string{
		head + "server ESTABLISHED -> CLOSE_WAIT (received FIN)",
		head + "server CLOSE_WAIT (received FIN)",
		head + "server ESTABLISHED -> CLOSE_WAIT, corrected (received FIN)",
		head + `warning abort: a "quoted" cause`,
		head + "warning abort withdrawn",
	}
	for i, w := range want {
		e := someEvents()[i]
		if got := string(e.appendText(nil)); got != w {
			t.Errorf("got  %s\nwant %s", got, w)
		}
	}
}

func TestEventJSON(t *testing.T) {
	for _, e := range someEvents() {
		var got map[string]any
		line := e.appendJSON(nil)
		if err := json.Unmarshal(line, &got); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got["event"] != string(e.kind) || got["time"] != "2026-01-02T03:04:05.678901234Z" {
			t.Errorf("%s", line)
		}
		if e.kind == noticeGiven && got["text"] != e.text {
			t.Errorf("text %q, want %q", got["text"], e.text)
		}
		if e.kind != noticeGiven && got["conversation"] != 3.0 {
			t.Errorf("%s", line)
		}
		if _, has := got["from"]; e.kind == stateChanged && has == e.fromNone {
			t.Errorf("%s", line)
		}
	}
}

// Each event is written as it comes, without waiting for more.
func TestStreamFlushes(t *testing.T) {
	r, w := io.Pipe()
	s := newStream(Text, w, func(err error) { t.Error(err) })
	e := someEvents()[0]
	buf := make([]byte, 1000)
	for range 3 {
		s.tell(&e)
		if n, err := r.Read(buf); err != nil || !bytes.HasSuffix(buf[:n], []byte("(received FIN)\n")) {
			t.Fatalf("read %q, %v", buf[:n], err)
		}
	}
	if n := s.close(); n != 0 {
		t.Errorf("%d events left out", n)
	}
}

// A reader that is too slow is told what it missed, and holds up nobody.
func TestStreamSlowReader(t *testing.T) {
	r, w := io.Pipe()
	s := newStream(NDJSON, w, func(err error) { t.Error(err) })
	e := someEvents()[0]
	const n = 60_000
	for range n {
		s.tell(&e) // never blocks, though nobody reads
	}
	var out bytes.Buffer
	read := make(chan struct{})
	go func() { io.Copy(&out, r); close(read) }()
	for {
		s.mu.Lock()
		room := len(s.lines) < maxQueued
		s.mu.Unlock()
		if room {
			break
		}
		time.Sleep(time.Millisecond)
	}
	s.tell(&e)
	left := s.close()
	w.Close()
	<-read
	lines := strings.Count(out.String(), "\n")
	if left == 0 || lines != n+1-left+1 || !strings.Contains(out.String(), "events left out: the output is too slow") {
		t.Errorf("%d lines, %d of %d left out", lines, left, n+1)
	}
}

// A reader that went away ends the stream.
func TestStreamClosedPipe(t *testing.T) {
	failed := make(chan error, 1)
	s := newStream(Text, failing{syscall.EPIPE}, func(err error) { failed <- err })
	e := someEvents()[0]
	s.tell(&e)
	if err := <-failed; !errors.Is(err, syscall.EPIPE) {
		t.Errorf("got %v, want EPIPE", err)
	}
	s.close()
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
