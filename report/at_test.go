package report

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/moment"
	"tcpreplay-fsm/tcp"
)

// halfClosed is a conversation whose client closed at frame 4 and whose TIME_WAIT ran out.
func halfClosed() *analyzer.Conversation {
	const ms = int64(time.Millisecond)
	step := func(s tcp.State, frame int, at int64, e analyzer.Evidence) analyzer.Transition {
		return analyzer.Transition{State: s, Frame: frame, Time: at, Evidence: e}
	}
	return &analyzer.Conversation{ID: 7, FirstFrame: 1, LastFrame: 6, First: 0, Last: 50 * ms, Endpoints: [2]analyzer.Endpoint{
		{Addr: netip.MustParseAddrPort("10.0.0.1:41000"), Timeline: []analyzer.Transition{
			step(tcp.SynSent, 1, 0, analyzer.Sent), step(tcp.Established, 2, 10*ms, analyzer.Acked), step(tcp.FinWait1, 4, 30*ms, analyzer.Sent),
			step(tcp.TimeWait, 6, 50*ms, analyzer.Acked), step(tcp.Closed, 0, 60050*ms, analyzer.Timer)}},
		{Addr: netip.MustParseAddrPort("[2001:db8::2]:80"), Timeline: []analyzer.Transition{
			step(tcp.SynRcvd, 1, 0, analyzer.Acked), step(tcp.Established, 3, 20*ms, analyzer.Acked), step(tcp.CloseWait, 4, 30*ms, analyzer.Acked),
			step(tcp.LastAck, 5, 40*ms, analyzer.Sent), step(tcp.Closed, 6, 50*ms, analyzer.Presumed)}},
	}}
}

func TestSocketsAt(t *testing.T) {
	for _, tt := range []struct{ at, client, server string }{
		{"1", "SYN-SENT", "SYN-RECV"},
		{"2", "ESTAB", "SYN-RECV"},
		{"4", "FIN-WAIT-1", "CLOSE-WAIT"},
		{"25ms", "ESTAB", "ESTAB"},
		{"0.025", "ESTAB", "ESTAB"},
		{"+50ms", "TIME-WAIT", ""},
		{"1970-01-01T00:00:00.04Z", "FIN-WAIT-1", "LAST-ACK"},
		{"1970-01-01 00:01:00", "TIME-WAIT", ""},
		{"2m", "", ""},
	} {
		at, err := ParseInstant(tt.at)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		w := NewSocketsAt(&out, at)
		if err := w.Conversation(halfClosed()); err != nil {
			t.Fatal(err)
		}
		if err := w.End(&Capture{Frames: 6, Last: int64(3 * time.Minute)}, nil); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for line := range strings.Lines(out.String()) {
			if f := strings.Fields(line); len(f) > 5 && f[len(f)-1] == "7" {
				got[f[1]] = f[0]
			}
		}
		if got["10.0.0.1:41000"] != tt.client || got["[2001:db8::2]:80"] != tt.server {
			t.Errorf("at %s: got %v, want client %q, server %q\n%s", tt.at, got, tt.client, tt.server, out.String())
		}
	}
}

func TestSocketsAtBeyondTheCapture(t *testing.T) {
	w := NewSocketsAt(&strings.Builder{}, Instant{frame: 7})
	if err := w.End(&Capture{Frames: 6}, nil); err == nil {
		t.Error("frame 7 of 6 was accepted")
	}
	var out strings.Builder
	w = NewSocketsAt(&out, Instant{moment: moment.After(time.Hour)})
	if err := w.Conversation(halfClosed()); err != nil {
		t.Fatal(err)
	}
	if err := w.End(&Capture{Frames: 6, Last: 50e6}, nil); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "1 socket at 1970-01-01 00:00:00.050000 UTC, 0.050000 s after the start, where the capture ends\n") ||
		!strings.Contains(got, "0.000000 s") {
		t.Errorf("an hour into a capture of 50 ms:\n%s", got)
	}
}

// Of a capture without a frame there is no moment to tell.
func TestSocketsAtOfNothing(t *testing.T) {
	var out strings.Builder
	if err := NewSocketsAt(&out, Instant{}).End(&Capture{}, nil); err != nil || out.String() != "no sockets: the capture holds no frame\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestParseInstant(t *testing.T) {
	if at, err := ParseInstant(clock(start)); err != nil || at.moment.In(0) != start {
		t.Errorf("ParseInstant(%q) = %v, %v: it is what a report says of its moment", clock(start), at, err)
	}
	for _, bad := range []string{"", "-3", "-1s", ".", "noon", "2006-13-01T00:00:00Z"} {
		if at, err := ParseInstant(bad); err == nil {
			t.Errorf("ParseInstant(%q) = %v, want an error", bad, at)
		}
	}
}

// TestSocketsAtCounted has more sockets than one counts at a glance.
func TestSocketsAtCounted(t *testing.T) {
	at, err := ParseInstant("4")
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{10: "", 11: "22 sockets at 1970-01-01 00:00:00.030000 UTC, 0.030000 s after the start, once frame 4 had passed\n11 FIN-WAIT-1, 11 CLOSE-WAIT\n\nState"} {
		var out strings.Builder
		w := NewSocketsAt(&out, at)
		for range n {
			if err := w.Conversation(halfClosed()); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.End(&Capture{Frames: 6, Last: int64(50 * time.Millisecond)}, nil); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.HasPrefix(got, want) || want == "" && strings.Contains(got, "10 FIN") {
			t.Errorf("%d conversations: %.200q", n, got)
		}
	}
}
