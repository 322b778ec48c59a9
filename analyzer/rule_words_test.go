package analyzer_test

import (
	"slices"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
)

// TestCountsInWords reads findings about one thing and about many.
func TestCountsInWords(t *testing.T) {
	const open = "A SYN 0 mss=1000\nB SYN,ACK 0 1 mss=1000\nA ACK 1 1\n"
	for _, test := range []struct{ name, script, id, want string }{
		{"a byte lost", open + "A PSH,ACK 2 1 len=10\nB ACK 1 12\n", "capture-gap", "1 byte of the client was acknowledged but not captured"},
		{"bytes lost", open + "A PSH,ACK 5 1 len=10\nB ACK 1 15\n", "capture-gap", "4 bytes of the client were acknowledged"},
		{"a large segment", open + "A PSH,ACK 1 1 len=1500\nB ACK 1 1501\n", "segments-larger-than-mss", "1 segment of the client was larger"},
		{"no answer", open + "A PSH,ACK 1 1 len=10\nB ACK 1 11\nA ACK 10 1 +60\nA ACK 10 1 +60\n", "keepalive", "2 keep-alive probes, none answered"},
		{"same states", open + "B RST,ACK 1 1\nisn A=800000 B=900000\n" + strings.Replace(open, "A SYN 0", "A SYN 0 +2", 1), "tuple-reuse", "both its ends were in CLOSED"},
		{"an abort after FIN", open + "A FIN,ACK 1 1\nB ACK 1 2\nB FIN,ACK 1 2 +1\nB RST,ACK 2 2\n", "time-wait-assassination", "It answers nothing"},
		{"the same recorded twice", open + "A FIN,ACK 1 1\nB ACK 1 2\nB FIN,ACK 1 2 +1\nB RST,ACK 2 2 ipid=7\nB RST,ACK 2 2 ipid=7 +0.00002\n", "time-wait-assassination", "It answers nothing"},
		{"RFC 1337", open + "A FIN,ACK 1 1\nB FIN,ACK 1 2\nA ACK 2 2\nB FIN,ACK 1 2 +2 ipid=3\nA ACK 2 2\nB RST 2 win=0 ipid=0\n", "time-wait-assassination", "(RFC 1337)"},
		{"sent again in vain", open + "A PSH,ACK 1 1 len=10\nB ACK 1 11 +0.3\nA PSH,ACK 1 1 len=10\nB ACK 1 11 sack=1-11\n", "data-retransmit", "and arrived, as the receiver reports"},
		{"sent again", open + "A PSH,ACK 1 1 len=10\nA PSH,ACK 1 1 len=10 +0.3\nB ACK 1 11\n", "data-retransmit", "the first was lost between here and its receiver"},
		{"SYNs cross", "A SYN 0\nB SYN 0\nA SYN,ACK 0 1\nB SYN,ACK 0 1\n", "simultaneous-open", "Both connect() calls succeed"},
		{"SYNs cross, unanswered", "A SYN 0\nB SYN 0\n", "simultaneous-open", "had both been answered"},
		{"FINs cross", open + "A FIN,ACK 1 1\nB FIN,ACK 1 1\nA ACK 2 2\nB ACK 2 2\n", "simultaneous-close", "both are left in TIME_WAIT"},
		{"FINs cross, then a RST", open + "A FIN,ACK 1 1\nB FIN,ACK 1 1\nA RST,ACK 2 1 +0.00003\n", "simultaneous-close", "a RST by the client cut that short"},
		{"FINs cross, half of it seen", open + "A FIN,ACK 1 1\nB FIN,ACK 1 1\nB ACK 2 2\n", "simultaneous-close", "that both were acknowledged did not pass here"},
		{"data refused, and no FIN seen", open + "B PSH,ACK 1 1 len=10\nA ACK 1 11\nA PSH,ACK 1 11 len=10 +1\nB RST 11 win=0\n", "half-open-peer-lost", "its FIN was lost before it passed here"},
		{"data crosses the FIN of an idle server", open + "A PSH,ACK 1 1 len=10\nB PSH,ACK 1 11 len=20\nA ACK 11 21\nB FIN,ACK 21 11 +5\nA PSH,ACK 11 21 len=10\nB RST 21 win=0 ipid=0\n",
			"rst-on-data-after-close", "Nothing had passed for 5 s before the FIN: probably an idle timeout of the server"},
		{"data crosses the FIN of a busy server", open + "A PSH,ACK 1 1 len=10\nB PSH,ACK 1 11 len=20\nA ACK 11 21\nB FIN,ACK 21 11\nA PSH,ACK 11 21 len=10\nB RST 21 win=0 ipid=0\n",
			"rst-on-data-after-close", "reads end of file. (reply RST"},
		{"an answer after the client gave up", open + "A PSH,ACK 1 1 len=10\nB ACK 1 11\nA FIN,ACK 11 1 +2\nB ACK 1 12\nB PSH,ACK 1 12 len=20 +0.5\nA RST 12 win=0 ipid=0\n",
			"rst-on-data-after-close", "It closed 2 s after that data, and the answer came 501 ms later: perhaps a time-out of the client"},
		{"a request on a connection that the server closed", open + "A PSH,ACK 1 1 len=10\nB PSH,ACK 1 11 len=20\nA ACK 11 21\nB FIN,ACK 21 11 +5\nA ACK 11 22\nA PSH,ACK 11 22 len=10 +0.5\nB RST 22 win=0 ipid=0\n",
			"rst-on-data-after-close", "used the connection all the same: nobody read that data or will answer it. The client had acknowledged the FIN 500 ms before: its application did not look for end of file first. Nothing had passed for 5 s"},
		{"a TLS close_notify and its answer", open + "A PSH,ACK 1 1 len=10\nB PSH,ACK 1 11 len=20\nA PSH,ACK 11 21 len=24\nA FIN,ACK 35 21\nB PSH,ACK 21 36 len=24\nA RST 36 win=0 ipid=0\n",
			"rst-on-data-after-close", "read to the end. (reply RST"},
		{"more of an answer after the client closed", open + "A PSH,ACK 1 1 len=10\nB PSH,ACK 1 11 len=5\nA FIN,ACK 11 6 +2\nB ACK 6 12\nB PSH,ACK 6 12 len=20 +0.5\nA RST 12 win=0 ipid=0\n",
			"rst-on-data-after-close", "read to the end. (reply RST"},
		{"a health check", open + "A RST,ACK 1 1\n", "abort", "as load balancers do when they check a server's health"},
		{"a client aborts", open + "A PSH,ACK 1 1 len=10\nB ACK 1 11\nA RST,ACK 11 1\n", "abort", "(Go: SetLinger(0)), or a socket destroyed"},
		{"a server aborts", open + "B RST,ACK 1 1\n", "abort", "a listener closed with connections not yet accepted"},
		{"a server ends with data unread", open + "A PSH,ACK 1 1 len=10\nB PSH,ACK 1 11 len=5\nA PSH,ACK 11 6 len=10\nB ACK 6 21\nB RST,ACK 6 21 +1\n", "rst-on-close-unread-data", "closed its socket, or its process ended, while"},
		{"a large segment in vain", open + "A PSH,ACK 1 1 len=1460\n" + strings.Repeat("A PSH,ACK 1 1 len=1460 +1\n", 3), "retransmission-timeout", "if small segments still do, see mtu-black-hole"},
		{"a small segment in vain", open + "A PSH,ACK 1 1 len=90\n" + strings.Repeat("A PSH,ACK 1 1 len=90 +1\n", 3), "retransmission-timeout", "read and write fail with ETIMEDOUT"},
		{"a listener closes with a request unread", open + "A PSH,ACK 1 1 len=10\nB ACK 1 11\nB RST,ACK 1 11 +1\n", "rst-on-close-unread-data", "or its listener closed before accept() returned"},
		{"many closed windows", open + "A PSH,ACK 1 1 len=10\n" + strings.Repeat("B ACK 1 11 win=0 +1\nB ACK 1 11 win=9000 +1\n", 20), "zero-window", "closed its window 20 times, 20 s in all"},
	} {
		s, err := pcaptest.Parse(test.script)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		var told []string
		for _, c := range play(s).conversations {
			for _, f := range c.Findings {
				if f.ID == test.id {
					told = append(told, f.Summary+"\n"+f.Detail)
				}
			}
		}
		if len(told) != 1 || !strings.Contains(told[0], test.want) {
			t.Errorf("%s: %q, want one %s with %q", test.name, told, test.id, test.want)
		}
	}
}

// TestResetEndsAdoptedState has a capture begin with a RST: it ended the state that was
// adopted for its receiver in the same frame.
func TestResetEndsAdoptedState(t *testing.T) {
	s, err := pcaptest.Parse("B RST,ACK 1000 1000\n")
	if err != nil {
		t.Fatal(err)
	}
	const want = "it ended the connection of the client, which was in ESTABLISHED"
	if r := play(s).conversations[0].Resets; len(r) != 1 || r[0].Why != want {
		t.Errorf("resets %+v, want one with %q", r, want)
	}
}

// TestWindowOfReset has somebody send a RST in the server's name, with a window of 0 as
// most have. The server's next segment opens no window again.
func TestWindowOfReset(t *testing.T) {
	s, err := pcaptest.Parse("A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nB RST 1 win=0\nB PSH,ACK 1 1 len=100 +0.4\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range play(s).conversations[0].Rows {
		if len(r.Marks) > 0 {
			t.Errorf("frame %d: marks %q, want none", r.Frame, r.Marks)
		}
	}
}

// TestProbedByByte has a sender of BSD's kind probe a closed window with the next byte of its
// data: the first is a probe like its copies, and each counts once.
func TestProbedByByte(t *testing.T) {
	const probed = "A ACK 1001 1 len=1 +1\nB ACK 1 1001 win=0\n"
	for _, opening := range []string{"A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\n", ""} {
		s, err := pcaptest.Parse(opening + "A PSH,ACK 1 1 len=1000\nB ACK 1 1001 win=0\n" + strings.Repeat(probed, 3) + "B ACK 1 1001 win=9000\nA PSH,ACK 1001 1 len=500\nB ACK 1 1501\n")
		if err != nil {
			t.Fatal(err)
		}
		c, probes := play(s).conversations[0], 0
		for _, r := range c.Rows {
			if slices.Contains(r.Marks, "window probe") {
				probes++
			}
		}
		if probes != 3 {
			t.Errorf("%d rows say that they are window probes, want 3", probes)
		}
		for _, f := range c.Findings {
			if f.ID == "data-retransmit" || f.ID == "zero-window" && !strings.HasSuffix(f.Detail, "Its peer sent 3 window probes meanwhile.") {
				t.Errorf("%s: %s %s", f.ID, f.Summary, f.Detail)
			}
		}
	}
}

// TestBothProbe has both ends probe: the client's idle time began with the last data, not
// with the answer to the server's probe, however many of these passed before or since.
func TestBothProbe(t *testing.T) {
	const (
		open   = "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\n"
		data   = "A PSH,ACK 1 1 len=10\nB ACK 1 11\n"
		probed = "B ACK 0 11 +15\nA ACK 11 1 +0\n"
		probes = "A ACK 10 1 +0.5\nB ACK 1 11\n"
	)
	for _, tt := range []struct{ script, want string }{
		{open + data + probed + probes, "15.5 s"},
		{open + "B ACK 0 1 +15\nA ACK 1 1\n" + data + strings.Repeat(probed, 4) + probes, "60.5 s"},
		{open + data + strings.Repeat(probed, 20) + probes, "300 s"},
	} {
		s, err := pcaptest.Parse(tt.script)
		if err != nil {
			t.Fatal(err)
		}
		var told string
		for _, f := range play(s).conversations[0].Findings {
			if f.ID == "keepalive" && f.Side == analyzer.Client {
				told = f.Detail
			}
		}
		if want := "The first came after " + tt.want + " of silence."; !strings.HasPrefix(told, want) {
			t.Errorf("%q, want %q", told, want)
		}
	}
}

// TestRefusedDataOfSYN has a server take the SYN and not its data: what is sent again for that
// was not lost.
func TestRefusedDataOfSYN(t *testing.T) {
	for _, tt := range []struct{ script, want string }{
		{"A SYN 0 len=30\nB SYN,ACK 0 1\nA PSH,ACK 1 1 len=30\nB ACK 1 31\n", "The first copy came with the SYN"},
		{"A SYN 0 len=30\nB SYN,ACK 0 1\nA PSH,ACK 1 1 len=90\nB ACK 1 91\n", "The first copy came with the SYN"},
		{"A SYN 0\nB SYN,ACK 0 1\nA PSH,ACK 1 1 len=30\nA PSH,ACK 1 1 len=30 +0.3\nB ACK 1 31\n", "Both copies passed here"},
	} {
		s, err := pcaptest.Parse(tt.script)
		if err != nil {
			t.Fatal(err)
		}
		var told string
		for _, f := range play(s).conversations[0].Findings {
			if f.ID == "data-retransmit" {
				told = f.Detail
			}
		}
		if !strings.HasPrefix(told, tt.want) {
			t.Errorf("%q, want %q", told, tt.want)
		}
	}
}
