package analyzer_test

import (
	"fmt"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

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
			s, err := pcaptest.Parse(test.script)
			if err != nil {
				t.Fatal(err)
			}
			var c *analyzer.Conversation
			a := analyzer.New(analyzer.Options{Done: func(v *analyzer.Conversation) { c = v }})
			frame := 0
			for i := range s.Steps {
				seg := s.Steps[i].Segment
				frame++
				seg.Frame = frame
				a.Add(&seg)
				if i == test.after {
					q := s.Steps[test.about].Segment
					frame++
					a.AddICMP(&tcp.ICMPError{Frame: frame, Time: seg.Time + 1e6, From: q.Tuple.Dst, Quoted: q.Tuple, Kind: test.kind, Code: test.code, Seq: q.Seq})
				}
			}
			a.Close()
			tl := c.Endpoints[s.Steps[test.about].From].Timeline
			last := tl[len(tl)-1]
			if got := fmt.Sprintf("%s/%d/%s", last.State, last.Frame, last.Evidence); got != test.want {
				t.Errorf("ends in %s, want %s: %v", got, test.want, tl)
			}
		})
	}
}
