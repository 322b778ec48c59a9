package tcp_test

import (
	"fmt"
	"strings"
	"testing"

	"tcpreplay-fsm/internal/golden"
	"tcpreplay-fsm/tcp"
)

// TestTransitions prints every state with every event to
// testdata/transitions.golden, a page to hold beside RFC 9293 figure 5.
func TestTransitions(t *testing.T) {
	var b strings.Builder
	b.WriteString("Every state of RFC 9293 figure 5 with every event, from the chair of one endpoint.\n" +
		"A dot: the event changes nothing there, or cannot be.\n")
	for _, from := range tcp.States() {
		fmt.Fprintf(&b, "\n%s\n", from)
		for _, ev := range tcp.Events() {
			a, ok := tcp.Next(from, ev)
			if !ok {
				fmt.Fprintf(&b, "    %-20s .\n", ev)
				continue
			}
			fmt.Fprintf(&b, "    %-20s %-12s %s\n", ev, a.To, a.Ref)
		}
	}
	golden.Compare(t, "testdata/transitions.golden", b.String())
}

// figure5 is the picture itself, an arrow a line, but for CLOSE in LISTEN and in
// SYN_SENT, which nothing on the wire shows, and RST in SYN_RCVD, after which the
// connection is gone whatever the listener does (note 2 of the figure).
var figure5 = []struct {
	from tcp.State
	on   tcp.Event
	to   tcp.State
}{
	{tcp.Closed, tcp.OpenPassive, tcp.Listen},
	{tcp.Closed, tcp.SentSYN, tcp.SynSent},
	{tcp.Listen, tcp.SentSYN, tcp.SynSent},
	{tcp.Listen, tcp.RecvSYN, tcp.SynRcvd},
	{tcp.SynSent, tcp.RecvSYN, tcp.SynRcvd},
	{tcp.SynSent, tcp.RecvSYNACK, tcp.Established},
	{tcp.SynRcvd, tcp.RecvAckOfSYN, tcp.Established},
	{tcp.SynRcvd, tcp.SentFIN, tcp.FinWait1},
	{tcp.Established, tcp.SentFIN, tcp.FinWait1},
	{tcp.Established, tcp.RecvFIN, tcp.CloseWait},
	{tcp.FinWait1, tcp.RecvAckOfFIN, tcp.FinWait2},
	{tcp.FinWait1, tcp.RecvFIN, tcp.Closing},
	{tcp.FinWait2, tcp.RecvFIN, tcp.TimeWait},
	{tcp.Closing, tcp.RecvAckOfFIN, tcp.TimeWait},
	{tcp.CloseWait, tcp.SentFIN, tcp.LastAck},
	{tcp.LastAck, tcp.RecvAckOfFIN, tcp.Closed},
	{tcp.TimeWait, tcp.Expire2MSL, tcp.Closed},
}

func TestFigure5(t *testing.T) {
	for _, f := range figure5 {
		if a, ok := tcp.Next(f.from, f.on); !ok || a.To != f.to {
			t.Errorf("%s on %s goes to %s, figure 5 has %s", f.from, f.on, a.To, f.to)
		}
	}
}

func TestArrows(t *testing.T) {
	type start struct {
		from tcp.State
		on   tcp.Event
	}
	seen := map[start]bool{}
	for _, a := range tcp.Arrows() {
		s := start{a.From, a.On}
		if seen[s] {
			t.Errorf("%s on %s has two rows", a.From, a.On)
		}
		seen[s] = true
		if !strings.HasPrefix(a.Ref, "RFC ") {
			t.Errorf("%s on %s has no reference: %q", a.From, a.On, a.Ref)
		}
		if got, ok := tcp.Next(a.From, a.On); !ok || got != a {
			t.Errorf("Next(%s, %s) = %v, the row is %v", a.From, a.On, got, a)
		}
	}
	n := 0
	for _, from := range tcp.States() {
		for _, ev := range tcp.Events() {
			a, ok := tcp.Next(from, ev)
			if ok {
				n++
			} else if a.To != from {
				t.Errorf("Next(%s, %s) moves without an arrow", from, ev)
			}
		}
	}
	if n != len(tcp.Arrows()) {
		t.Errorf("Next knows %d arrows, the table has %d", n, len(tcp.Arrows()))
	}
}

// Every state can be reached from CLOSED, and CLOSED from every state, by
// arrows of the table; and every state but CLOSED and LISTEN ends by a RST.
func TestReachability(t *testing.T) {
	reach := func(from tcp.State) map[tcp.State]bool {
		seen := map[tcp.State]bool{from: true}
		for todo := []tcp.State{from}; len(todo) > 0; todo = todo[1:] {
			for _, a := range tcp.Arrows() {
				if a.From == todo[0] && !seen[a.To] {
					seen[a.To] = true
					todo = append(todo, a.To)
				}
			}
		}
		return seen
	}
	all := reach(tcp.Closed)
	for _, s := range tcp.States() {
		if !all[s] {
			t.Errorf("%s cannot be reached", s)
		}
		if !reach(s)[tcp.Closed] {
			t.Errorf("%s cannot be left for CLOSED", s)
		}
		if s == tcp.Closed || s == tcp.Listen {
			continue
		}
		for _, ev := range []tcp.Event{tcp.SentRST, tcp.RecvRST} {
			if a, ok := tcp.Next(s, ev); !ok || a.To != tcp.Closed {
				t.Errorf("%s on %s goes to %s, want CLOSED", s, ev, a.To)
			}
		}
	}
}

func TestNextOutOfRange(t *testing.T) {
	for _, s := range []tcp.State{11, 255} {
		if _, ok := tcp.Next(s, tcp.SentSYN); ok {
			t.Errorf("state %d has an arrow", s)
		}
		if s.Synchronized() {
			t.Errorf("state %d is synchronized", s)
		}
	}
	for _, ev := range []tcp.Event{tcp.NoEvent, 200} {
		if _, ok := tcp.Next(tcp.Closed, ev); ok {
			t.Errorf("event %d has an arrow", ev)
		}
	}
	if got := tcp.State(99).String() + tcp.Event(99).String(); got != "State(99)Event(99)" {
		t.Errorf("names are %q", got)
	}
}

// Synchronized states are those of RFC 9293 section 3.5.2, group 3.
func TestSynchronized(t *testing.T) {
	for _, s := range tcp.States() {
		want := s != tcp.Closed && s != tcp.Listen && s != tcp.SynSent && s != tcp.SynRcvd
		if s.Synchronized() != want {
			t.Errorf("%s: %v", s, s.Synchronized())
		}
	}
}
