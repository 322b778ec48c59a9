package analyzer_test

import (
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
)

// TestSawReset reads what both applications saw of the last RST. Linux, tcp_reset(),
// tcp_recvmsg_locked() and sk_stream_wait_connect(), as measured with 6.18.
func TestSawReset(t *testing.T) {
	const open = "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\n"
	for _, tt := range []struct {
		name, script string
		side         analyzer.Side
		want         string
	}{
		{"a request", "A SYN 0\nB SYN,ACK 0 1\nA RST 1 win=0\n", analyzer.Server, "notices nothing: accept() does not return the connection"},
		{"a Fast Open", "A SYN 0 len=30\nB SYN,ACK 0 31\nA RST 31 win=0\n", analyzer.Server, "its next read or write then fails with \"connection reset by peer\" (ECONNRESET)"},
		{"SYNs that crossed", "A SYN 0\nB SYN 0\nB SYN,ACK 0 1\nA RST,ACK 1 1\n", analyzer.Server, "connect() fails with ECONNRESET"},
		{"SYNs that crossed, and the server is gone", "A SYN 0\nB SYN 0\nA SYN,ACK 0 1\nB RST 1 win=0\n", analyzer.Client, "connect() fails with ECONNRESET"},
		{"who aborts", open + "A RST,ACK 1 1\n", analyzer.Client, "close() returned without an error. After ss -K its next call fails with ECONNABORTED, after connect() with AF_UNSPEC with ECONNRESET"},
		{"who closes with unread data, or not", open + "A PSH,ACK 1 1 len=10\nB RST,ACK 1 11\n", analyzer.Server, "Had it been ss -K instead, its next call fails with ECONNABORTED"},
		{"who refuses data", open + "B FIN,ACK 1 1\nA PSH,ACK 1 2 len=10\nB RST 2 win=0\n", analyzer.Server, "had it called shutdown(SHUT_RDWR), its next call fails with ECONNRESET"},
		{"who cancels connect()", "A SYN 0\nB SYN,ACK 0 1\nA RST 1 win=0\n", analyzer.Client, "Had shutdown() ended it, the next call fails with ECONNRESET"},
		{"ESTABLISHED", open + "A RST,ACK 1 1\n", analyzer.Server, "(ECONNRESET) when it writes next, or has read what came before; after that \"broken pipe\" (EPIPE) when it writes, and end of file when it reads"},
		{"CLOSE_WAIT", open + "A FIN,ACK 1 1\nB ACK 1 2\nA RST,ACK 2 1\n", analyzer.Server, "still reads that behind what came before; when it writes it sees \"broken pipe\" (EPIPE)"},
		{"FIN_WAIT_2", open + "B FIN,ACK 1 1\nA ACK 1 2\nA RST,ACK 1 2 +1\n", analyzer.Server, "if only shutdown(), it sees \"connection reset by peer\" (ECONNRESET) when it writes, or has read"},
		{"LAST_ACK", open + "A FIN,ACK 1 1\nB FIN,ACK 1 2\nA RST 2 win=0\n", analyzer.Server, "after shutdown() it can read what came before, and end of file"},
		{"a RST before", open + "A RST,ACK 1 1\nA RST,ACK 1 1\n", analyzer.Server, "had probably no connection left that this RST could end: then"},
		{"who had aborted before", open + "B RST,ACK 1 1\nA RST,ACK 1 1 +1\n", analyzer.Server, "had no connection left that this RST could end"},
		{"SYN_SENT", "A SYN 0\nB RST,ACK seq=-5000 ack=1 win=0\n", analyzer.Client, "connect() fails with ECONNREFUSED"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := pcaptest.Parse(tt.script)
			if err != nil {
				t.Fatal(err)
			}
			all := play(s).conversations[0].Resets
			if len(all) == 0 {
				t.Fatal("no RST")
			}
			if got := all[len(all)-1].Saw[tt.side]; !strings.Contains(got, tt.want) {
				t.Errorf("the %s: %q, want %q", tt.side, got, tt.want)
			}
		})
	}
}

// TestSocketGoesWithItsFIN has a host refuse the first ACK of its FIN, as Linux does for a
// socket with TCP_LINGER2 below 0, and one that came again.
func TestSocketGoesWithItsFIN(t *testing.T) {
	const open = "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\n"
	const linger2 = "TCP_LINGER2 below 0"
	for _, tt := range []struct {
		name, script, reason string
		told                 bool
	}{
		{"the first ACK", open + "B FIN,ACK 1 1\nA ACK 1 2\nB RST 2 win=0\n", "TCP_ABORT_ON_DATA", true},
		{"the FIN that carries it", open + "B FIN,ACK 1 1\nA FIN,ACK 1 2\nB RST 2 win=0\n", "TCP_ABORT_ON_DATA", true},
		{"the other FIN, later", open + "B FIN,ACK 1 1\nA ACK 1 2\nA FIN,ACK 1 2 +70\nB RST 2 win=0\n", "NO_SOCKET", false},
		{"FINs that crossed", open + "B FIN,ACK 1 1\nA FIN,ACK 1 1\nB ACK 2 2\nA ACK 2 2\nB RST 2 win=0\n", "NO_SOCKET", false},
	} {
		s, err := pcaptest.Parse(tt.script)
		if err != nil {
			t.Fatal(err)
		}
		all := play(s).conversations[0].Resets
		if len(all) != 1 || strings.Contains(all[0].Summary, linger2) != tt.told || all[0].Reasons[0] != tt.reason {
			t.Errorf("%s: %+v", tt.name, all)
		}
	}
}

// TestOpeningByFastOpenIsSeen has a client reset what the server took with the SYN: its
// application may have the connection.
func TestOpeningByFastOpenIsSeen(t *testing.T) {
	for script, fast := range map[string]bool{
		"A SYN 0 len=30\nB SYN,ACK 0 31\nA RST 31 win=0\n": true,
		"A SYN 0\nB SYN,ACK 0 1\nA RST 1 win=0\n":          false,
	} {
		s, err := pcaptest.Parse(script)
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, f := range play(s).conversations[0].Findings {
			if f.ID != "half-open" && f.ID != "open-aborted" {
				continue
			}
			told++
			if strings.Contains(f.Detail, "Fast Open") != fast || strings.Contains(f.Detail, "never returns") && fast {
				t.Errorf("%s: %s", f.ID, f.Detail)
			}
		}
		if told != 2 {
			t.Errorf("%d findings, want half-open and open-aborted", told)
		}
	}
}

// TestFastOpenAbortedByServer has a server close what it took with the SYN, unread.
func TestFastOpenAbortedByServer(t *testing.T) {
	s, err := pcaptest.Parse("A SYN 0 len=30\nB SYN,ACK 0 31\nB RST,ACK 1 31\n")
	if err != nil {
		t.Fatal(err)
	}
	told := ""
	for _, f := range play(s).conversations[0].Findings {
		if f.ID == "half-open" {
			told = f.Detail
		}
	}
	if !strings.HasPrefix(told, "The server's application had the connection from the SYN on") {
		t.Errorf("half-open: %q", told)
	}
}

// A RST that is another's by its signature alone is told by that.
func TestUnsignedResetIsToldByThat(t *testing.T) {
	for _, tt := range []struct{ open, rst, want string }{
		{"A SYN 0 md5\nB SYN,ACK 0 1 md5\nA ACK 1 1 md5\n", "B RST,ACK 1 1 +1\n", "a RST in the server's name without the TCP signature of the server's other segments"},
		{"A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\n", "B RST,ACK 1 1 md5 +1\n", "a RST in the server's name with a TCP signature, which the server's other segments lack"},
	} {
		s, err := pcaptest.Parse(tt.open + tt.rst)
		if err != nil {
			t.Fatal(err)
		}
		r := play(s).conversations[0].Resets
		if len(r) != 1 || r[0].Summary != tt.want || r[0].Fate != analyzer.ResetIgnored || len(r[0].Injected) != 1 {
			t.Errorf("%+v, want %q", r, tt.want)
		}
	}
}
