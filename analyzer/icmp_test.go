package analyzer_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

// withICMP plays a script, and after one of its steps the ICMP error e about the
// segment of another; steps count from 0. Without From it comes from whom that
// segment went to. Returns who had sent it as well.
func withICMP(t *testing.T, script string, about, after int, e tcp.ICMPError) (c *analyzer.Conversation, sender analyzer.Side) {
	t.Helper()
	s, err := pcaptest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	a := analyzer.New(analyzer.Options{Done: func(v *analyzer.Conversation) { c = v }})
	frame := 0
	for i := range s.Steps {
		seg := s.Steps[i].Segment
		frame++
		seg.Frame = frame
		a.Add(&seg)
		if i != after {
			continue
		}
		q := &s.Steps[about].Segment
		frame++
		e.Frame, e.Time, e.Quoted, e.Seq = frame, seg.Time+1e6, q.Tuple, q.Seq
		if e.From == (tcp.Addr{}) {
			e.From = q.Tuple.Dst
		}
		a.AddICMP(&e)
	}
	a.Close()
	return c, analyzer.Side(s.Steps[about].From)
}

// TestICMPEndsOpening sends an ICMP error about a segment of an opening, and says
// which state its sender ends in, by which frame. Linux, tcp_v4_err(), tcp_v6_err()
// and tcp_req_err(), as measured with 6.18.
func TestICMPEndsOpening(t *testing.T) {
	const syn = "A SYN 0 mss=1460\n"
	const synack = syn + "B SYN,ACK 0 1 mss=1460\n"
	const v6 = "addr A=[2001:db8::1]:40000 B=[2001:db8::2]:80\n"
	const simultaneous = "A SYN 0 mss=1460\nB SYN 0 mss=1460\nB SYN,ACK 0 1 mss=1460\n"
	for _, test := range []struct {
		name   string
		script string
		about  int // the step whose segment it quotes
		after  int // the step it comes after
		kind   tcp.ICMPKind
		code   uint8
		want   string
	}{
		{"the SYN", syn, 0, 0, tcp.ICMPUnreachable, 1, "CLOSED/2/presumed"},
		{"the SYN, which is sent again", syn + "A SYN 0 mss=1460 +1\n", 0, 0, tcp.ICMPUnreachable, 1, "SYN_SENT/1/sent"},
		{"the SYN, which arrived nevertheless", synack + "A RST 1 win=0 +0.01\n", 0, 0, tcp.ICMPPortUnreachable, 3, "CLOSED/2/presumed"},
		{"the SYN,ACK, host unreachable", synack, 1, 1, tcp.ICMPUnreachable, 1, "CLOSED/3/presumed"},
		{"the SYN,ACK, time exceeded", synack, 1, 1, tcp.ICMPTimeExceeded, 0, "CLOSED/3/presumed"},
		{"the SYN,ACK, administratively prohibited", synack, 1, 1, tcp.ICMPUnreachable, 13, "SYN_RCVD/1/presumed"},
		{"the SYN,ACK, port unreachable", synack, 1, 1, tcp.ICMPPortUnreachable, 3, "SYN_RCVD/1/presumed"},
		{"the SYN,ACK, which is sent again", synack + "B SYN,ACK 0 1 mss=1460 +1\n", 1, 1, tcp.ICMPUnreachable, 1, "SYN_RCVD/1/acked"},
		{"the SYN,ACK, of which the listener makes another", synack + "A SYN 0 mss=1460 +1\nisn A=1000 B=16005000\nB SYN,ACK 0 1 mss=1460\n", 1, 1, tcp.ICMPUnreachable, 1, "SYN_RCVD/5/sent"},
		{"the SYN,ACK in IPv6, no route", v6 + synack, 1, 1, tcp.ICMPUnreachable, 0, "SYN_RCVD/1/presumed"},
		{"the SYN,ACK in IPv6, administratively prohibited", v6 + synack, 1, 1, tcp.ICMPUnreachable, 1, "CLOSED/3/presumed"},
		{"the SYN,ACK of a simultaneous open", simultaneous, 2, 2, tcp.ICMPUnreachable, 13, "CLOSED/4/presumed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, side := withICMP(t, test.script, test.about, test.after, tcp.ICMPError{Kind: test.kind, Code: test.code})
			tl := c.Endpoints[side].Timeline
			last := tl[len(tl)-1]
			if got := fmt.Sprintf("%s/%d/%s", last.State, last.Frame, last.Evidence); got != test.want {
				t.Errorf("ends in %s, want %s: %v", got, test.want, tl)
			}
		})
	}
}

// TestBouncedSegmentDoesNotArrive sends an ICMP error about a segment, and says which
// state the end that the segment was for is in.
func TestBouncedSegmentDoesNotArrive(t *testing.T) {
	const synack = "A SYN 0 mss=1460\nB SYN,ACK 0 1 mss=1460\n"
	const open = synack + "A ACK 1 1\nA PSH,ACK 1 1 len=100\nB ACK 1 101\n"
	for _, test := range []struct {
		name   string
		script string
		about  int // the step whose segment it quotes
		kind   tcp.ICMPKind
		want   string
	}{
		{"SYN,ACK", synack, 1, tcp.ICMPUnreachable, "SYN_SENT/1/sent"},
		{"FIN", open + "A FIN,ACK 101 1 +0.1\n", 5, tcp.ICMPUnreachable, "ESTABLISHED/3/acked"},
		{"FIN that is too big", open + "A FIN,PSH,ACK 101 1 len=1400 +0.1\n", 5, tcp.ICMPFragNeeded, "ESTABLISHED/3/acked"},
		{"FIN that arrived nevertheless", open + "A FIN,ACK 101 1 +0.1\nB ACK 1 102 +0.01\n", 5, tcp.ICMPUnreachable, "CLOSE_WAIT/6/acked"},
		{"first of two FINs", open + "A FIN,ACK 101 1 +0.1\nA FIN,ACK 101 1 +0.3\n", 5, tcp.ICMPUnreachable, "CLOSE_WAIT/8/presumed"},
		{"RST", open + "A RST,ACK 101 1 +0.1\n", 5, tcp.ICMPUnreachable, "ESTABLISHED/3/acked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, side := withICMP(t, test.script, test.about, test.about, tcp.ICMPError{Kind: test.kind, Code: 1, MTU: 1280})
			tl := c.Endpoints[side.Other()].Timeline
			last := tl[len(tl)-1]
			if got := fmt.Sprintf("%s/%d/%s", last.State, last.Frame, last.Evidence); got != test.want {
				t.Errorf("ends in %s, want %s: %v", got, test.want, tl)
			}
		})
	}
}

// TestHalfOpenWithoutRoute: the listener forgot a request whose SYN,ACK came back.
func TestHalfOpenWithoutRoute(t *testing.T) {
	c, _ := withICMP(t, "A SYN 0 mss=1460\nB SYN,ACK 0 1 mss=1460\n", 1, 1, tcp.ICMPError{Kind: tcp.ICMPUnreachable, Code: 1})
	if len(c.Findings) != 1 || c.Findings[0].ID != "half-open" || !strings.Contains(c.Findings[0].Detail, "ICMP") {
		t.Errorf("no half-open that tells of ICMP: %s", findings(c.Findings))
	}
}

// TestResetAfterICMPEndedCrossedSYNs: no listener was there that could have refused.
func TestResetAfterICMPEndedCrossedSYNs(t *testing.T) {
	const script = "A SYN 0\nB SYN 0\nB SYN,ACK 0 1\nA ACK 1 1 +0.01\nB RST 1 win=0 ipid=0\n"
	c, _ := withICMP(t, script, 2, 2, tcp.ICMPError{Kind: tcp.ICMPUnreachable, Code: 1})
	if len(c.Resets) != 1 || c.Resets[0].Cause != "no-connection" {
		t.Errorf("want the cause no-connection: %s", resets(c.Resets))
	}
}

// TestICMP plays a handshake, or a SYN alone, that an ICMP error quotes.
func TestICMP(t *testing.T) {
	const syn = "A SYN 0 mss=1460\n"
	const open = syn + "B SYN,ACK 0 1 mss=1460\nA ACK 1 1\nA PSH,ACK 1 1 len=1400\n"
	for _, test := range []struct {
		name, script string
		kind         tcp.ICMPKind
		want, not    string
		opened       analyzer.Opened
		detail       string
	}{
		{"port unreachable", syn, tcp.ICMPPortUnreachable, "refused-icmp", "syn-unanswered", analyzer.OpenedRefused, "ECONNREFUSED"},
		{"network unreachable", syn, tcp.ICMPUnreachable, "refused-icmp", "refused", analyzer.OpenedRefused, "ENETUNREACH (Go: \"connect: network is unreachable\")"},
		{"too big, while connecting", syn, tcp.ICMPFragNeeded, "path-mtu", "refused-icmp", analyzer.OpenedIncomplete, "Path MTU"},
		{"too big", open, tcp.ICMPFragNeeded, "path-mtu", "refused-icmp", analyzer.OpenedThreeWay, "Path MTU"},
		{"host unreachable, in an open connection", open, tcp.ICMPUnreachable, "", "refused-icmp", analyzer.OpenedThreeWay, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			last := strings.Count(test.script, "\n") - 1
			c, _ := withICMP(t, test.script, 0, last, tcp.ICMPError{Kind: test.kind, MTU: 1280})
			if c.Opened != test.opened {
				t.Errorf("opened %s, want %s", c.Opened, test.opened)
			}
			found := test.want == ""
			for _, f := range c.Findings {
				if f.ID == test.not {
					t.Errorf("unwanted %s", finding(f))
				}
				if f.ID == test.want && strings.Contains(f.Detail, test.detail) && f.Frames[0] == last+2 {
					found = true
				}
			}
			if !found {
				t.Errorf("no %s with %q: %s", test.want, test.detail, findings(c.Findings))
			}
		})
	}
}

// TestErrorOfConnect: what connect() fails with depends on the code. Linux, as measured
// with 6.18.
func TestErrorOfConnect(t *testing.T) {
	const syn = "A SYN 0 mss=1460\n"
	const v6 = "addr A=[2001:db8::1]:40000 B=[2001:db8::2]:80\n" + syn
	for _, test := range []struct {
		name, script string
		kind         tcp.ICMPKind
		code         uint8
		want         string
	}{
		{"host unreachable", syn, tcp.ICMPUnreachable, 1, "EHOSTUNREACH (Go: \"connect: no route to host\")"},
		{"protocol unreachable", syn, tcp.ICMPUnreachable, 2, "ENOPROTOOPT (Go: \"connect: protocol not available\")"},
		{"network prohibited", syn, tcp.ICMPUnreachable, 9, "ENETUNREACH (Go"},
		{"host unknown", syn, tcp.ICMPUnreachable, 7, "EHOSTDOWN."},
		{"administratively prohibited", syn, tcp.ICMPUnreachable, 13, "EHOSTUNREACH (Go"},
		{"no such code", syn, tcp.ICMPUnreachable, 200, "EHOSTUNREACH (Go"},
		{"time exceeded", syn, tcp.ICMPTimeExceeded, 0, "EHOSTUNREACH (Go"},
		{"no route in IPv6", v6, tcp.ICMPUnreachable, 0, "ENETUNREACH (Go"},
		{"administratively prohibited in IPv6", v6, tcp.ICMPUnreachable, 1, "EACCES (Go: \"connect: permission denied\")"},
		{"address unreachable in IPv6", v6, tcp.ICMPUnreachable, 3, "EHOSTUNREACH (Go"},
		{"port unreachable in IPv6", v6, tcp.ICMPPortUnreachable, 4, "ECONNREFUSED (Go"},
		{"time exceeded in IPv6", v6, tcp.ICMPTimeExceeded, 0, "EHOSTUNREACH (Go"},
		{"no such code in IPv6", v6, tcp.ICMPUnreachable, 200, "EPROTO."},
	} {
		c, _ := withICMP(t, test.script, 0, 0, tcp.ICMPError{Kind: test.kind, Code: test.code})
		if want := "connect() fails with " + test.want; len(c.Findings) != 1 || !strings.Contains(c.Findings[0].Detail, want) {
			t.Errorf("%s: %v, want %q", test.name, c.Findings, want)
		}
	}
}

// TestRefusedBy: who refused a connection is told by the address of the ICMP error.
func TestRefusedBy(t *testing.T) {
	server, router := tcp.Addr{}, tcp.AddrFrom(netip.MustParseAddr("192.0.2.1"))
	for want, from := range map[string]tcp.Addr{"server": server, "none": router} {
		c, _ := withICMP(t, "A SYN 0 mss=1460\n", 0, 0, tcp.ICMPError{From: from, Kind: tcp.ICMPPortUnreachable})
		if c.Closed != analyzer.ClosedRefused || c.ClosedBy != want {
			t.Errorf("ICMP from %s: closed %s by %s, want %s", from, c.Closed, c.ClosedBy, want)
		}
	}
}
