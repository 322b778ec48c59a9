package analyzer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
)

// TestRulesHaveScripts wants a script for each rule in which it fires, and one in
// which it does not although something looks like it.
func TestRulesHaveScripts(t *testing.T) {
	elsewhere := map[string]string{
		"syn-scan":         "TestScan",
		"port-pressure":    "TestPortPressure",
		"closed-together":  "TestClosedTogether",
		"refused-icmp":     "TestICMP",
		"path-mtu":         "TestICMP",
		"overlap-conflict": "package reassembly, which has the bytes",
	}
	fires, silent := make(map[string]bool), make(map[string]bool)
	for name, text := range scripts(t) {
		s, err := pcaptest.Parse(text)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, e := range s.Expect {
			switch {
			case e.Key != "finding":
			case e.No:
				silent[e.Value] = true
			default:
				fires[e.Value] = true
			}
		}
	}
	known := make(map[string]bool)
	for _, r := range analyzer.Rules() {
		known[r.ID] = true
		if elsewhere[r.ID] == "" && !(fires[r.ID] && silent[r.ID]) {
			t.Errorf("%s: a script where it fires: %v, where it does not: %v", r.ID, fires[r.ID], silent[r.ID])
		}
	}
	for id := range silent {
		if !known[id] {
			t.Errorf("a script expects no finding %s, which does not exist", id)
		}
	}
}

// many plays one script after another, each with a client port of its own.
func many(t *testing.T, n int, script func(i int) string) []analyzer.Finding {
	t.Helper()
	a := analyzer.New(analyzer.Options{Done: func(*analyzer.Conversation) {}})
	frame, base := 0, int64(0)
	for i := range n {
		s, err := pcaptest.Parse(script(i))
		if err != nil {
			t.Fatal(err)
		}
		start := s.Steps[0].Segment.Time
		for j := range s.Steps {
			seg := s.Steps[j].Segment
			frame++
			seg.Frame, seg.Time = frame, start+base+seg.Time-start
			a.Add(&seg)
		}
		base += 10e6
	}
	return a.Close()
}

const closedByClient = "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nA FIN,ACK 1 1\nB FIN,ACK 1 2\nA ACK 2 2\n"

func TestScan(t *testing.T) {
	refused := "A SYN 0\nB RST,ACK seq=-5000 ack=1 win=0 ipid=0\n"
	got := many(t, 40, func(i int) string { return fmt.Sprintf("addr A=10.0.0.1:50000 B=10.0.0.2:%d\n", 1+i) + refused })
	if len(got) != 1 || got[0].ID != "syn-scan" || got[0].Side != analyzer.Client || len(got[0].Conversations) == 0 {
		t.Errorf("40 ports refused: %s", findings(got))
	}
	// One server that is down is no scan, however often a client tries.
	if got := many(t, 40, func(i int) string { return fmt.Sprintf("addr A=10.0.0.1:%d\n", 40000+i) + refused }); len(got) != 0 {
		t.Errorf("40 attempts at one port: %s", findings(got))
	}
	// Many servers that answer are none either.
	if got := many(t, 40, func(i int) string { return fmt.Sprintf("addr B=10.0.0.2:%d\n", 1+i) + closedByClient }); len(got) != 0 {
		t.Errorf("40 ports opened: %s", findings(got))
	}
}

// TestDropped has a port leave some SYNs unanswered: it must have been there meanwhile.
func TestDropped(t *testing.T) {
	for _, test := range []struct {
		name string
		as   string // o answered, x not, in this order
		told bool
	}{
		{"now and then", "oxoxo", true},
		{"down for good", "ooxxx", false},
		{"up at last", "xxoo", false},
		{"never there", "xxxx", false},
		{"one lost", "oxo", false},
	} {
		text := ""
		for i, c := range test.as {
			text += fmt.Sprintf("addr A=10.0.0.1:%d\n", 40000+i)
			if c == 'o' {
				text += closedByClient
			} else {
				text += "A SYN 0 +1\n"
			}
		}
		s, err := pcaptest.Parse(text + "wait 2\n")
		if err != nil {
			t.Fatal(err)
		}
		got := play(s).across
		told := slices.ContainsFunc(got, func(f analyzer.Finding) bool { return f.ID == "syn-unanswered" })
		if told != test.told {
			t.Errorf("%s: %s", test.name, findings(got))
		}
	}
}

func TestPortPressure(t *testing.T) {
	script := func(closer string) func(i int) string {
		return func(i int) string { return fmt.Sprintf("addr A=10.0.0.1:%d\n", 32768+i) + closer }
	}
	got := many(t, 4000, script(closedByClient))
	if len(got) != 1 || got[0].ID != "port-pressure" || got[0].Side != analyzer.Client {
		t.Fatalf("4000 connections closed by their client: %s", findings(got))
	}
	// One every 10 ms: all 4000 at a time, and 100 a second are less than ports last.
	if !strings.Contains(got[0].Summary, "put 4000 sockets") || !strings.Contains(got[0].Summary, "4000 at a time") || strings.Contains(got[0].Detail, "none are left") {
		t.Errorf("%s\n%s", got[0].Summary, got[0].Detail)
	}
	if want := "There were 800 after 8 s, 1600 after 16 s, 2400 after 24 s, 3200 after 32 s, 4000 after 40 s."; !strings.Contains(got[0].Detail, want) {
		t.Errorf("%s\nwant %s", got[0].Detail, want)
	}
	// The server holds TIME_WAIT: the client's ports are free again.
	byServer := "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nB FIN,ACK 1 1\nA FIN,ACK 1 2\nB ACK 2 2\n"
	if got := many(t, 4000, script(byServer)); len(got) != 0 {
		t.Errorf("4000 connections closed by their server: %s", findings(got))
	}
	if got := many(t, 500, script(closedByClient)); len(got) != 0 {
		t.Errorf("500 connections: %s", findings(got))
	}
}

// TestResetSeenBy plays a RST into each state: the error that its receiver's
// application gets depends on it (Linux tcp_reset).
func TestResetSeenBy(t *testing.T) {
	const open = "A SYN 0 mss=1460\nB SYN,ACK 0 1 mss=1460\nA ACK 1 1\n"
	for _, test := range []struct{ name, script, id, want string }{
		{"ESTABLISHED", open + "B RST,ACK 1 1", "abort", "The client's application sees \"connection reset by peer\""},
		{"CLOSE_WAIT", open + "A FIN,ACK 1 1\nB ACK 1 2\nB PSH,ACK 1 2 len=9\nA RST 2 win=0", "rst-on-data-after-close", "\"broken pipe\" (EPIPE)"},
		{"FIN_WAIT_2", open + "A FIN,ACK 1 1\nB ACK 1 2\nB RST,ACK 1 2", "abort", "if only shutdown()"},
		{"LAST_ACK", open + "A FIN,ACK 1 1\nB ACK 1 2\nB FIN,ACK 1 2 +0.1\nA RST 2 win=0", "rst-after-fin", ""},
	} {
		s, err := pcaptest.Parse(test.script)
		if err != nil {
			t.Fatal(err)
		}
		p := play(s)
		found := false
		for _, f := range p.conversations[0].Findings {
			found = found || f.ID == test.id && strings.Contains(f.Detail, test.want)
		}
		if !found {
			t.Errorf("%s: no %s with %q: %+v", test.name, test.id, test.want, p.conversations[0].Findings)
		}
	}
}

// TestCadence plays keep-alive probes. An answered one begins the idle time anew,
// so that the next is that far away and not an interval.
func TestCadence(t *testing.T) {
	const open = "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nA PSH,ACK 1 1 len=9\nB ACK 1 10\n"
	for _, test := range []struct {
		idle, every int
		answered    bool
		want        string
	}{
		{15, 15, true, "Go's net package"},
		{15, 15, false, "Go's net package"},
		{30, 30, true, "http.DefaultTransport"},
		{30, 15, false, "http.DefaultTransport"},
		{7200, 7200, true, "Linux or macOS (2 h, 75 s) or Windows"},
		{7200, 75, false, "Linux or macOS (2 h, 75 s)."},
		{7200, 1, false, "of Windows"},
		{7200, 75, true, ""},
		{20, 20, true, ""},
	} {
		script := open
		for i := range 4 {
			wait := test.every
			if i == 0 {
				wait = test.idle
			}
			script += fmt.Sprintf("A ACK 9 1 +%d\n", wait)
			if test.answered {
				script += "B ACK 1 10\n"
			}
		}
		s, err := pcaptest.Parse(script)
		if err != nil {
			t.Fatal(err)
		}
		p := play(s)
		i := slices.IndexFunc(p.conversations[0].Findings, func(f analyzer.Finding) bool { return f.ID == "keepalive" })
		if i < 0 {
			t.Fatalf("%+v: no keepalive", test)
		}
		d := p.conversations[0].Findings[i].Detail
		if strings.Contains(d, "default of") != (test.want != "") || !strings.Contains(d, test.want) {
			t.Errorf("%+v: %s", test, d)
		}
	}
}

// TestCloseWaitByListener plays a server that does not close what its clients have
// closed, and one that does.
func TestCloseWaitByListener(t *testing.T) {
	const asked = "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nB PSH,ACK 1 1 len=20\nA ACK 1 21\nA PSH,ACK 1 21 len=100 +2\nB ACK 21 101\nA FIN,ACK 101 21\nB ACK 21 102\n"
	leak := func(n int) func(i int) string {
		return func(i int) string {
			at := fmt.Sprintf("addr A=10.0.0.1:%d\n", 40000+i)
			switch {
			case i < n:
				return at + asked
			case i < 5:
				return at + asked + "B FIN,ACK 21 102\nA ACK 102 22\n"
			}
			return at + strings.Replace(closedByClient, "A FIN,ACK 1 1", "A FIN,ACK 1 1 +40", 1) // time goes by
		}
	}
	got := many(t, 6, leak(3))
	i := slices.IndexFunc(got, func(f analyzer.Finding) bool { return f.ID == "close-wait-leak" })
	if i < 0 {
		t.Fatalf("3 of 5 not closed: %s", findings(got))
	}
	f := got[i]
	for _, want := range []string{"3 connections of 10.0.0.2:80 are in CLOSE_WAIT, the oldest for 38 s", "300 bytes that their clients sent drew no answer", "It last sent data 2 s before the FIN.", "The last 100 bytes it received drew no answer."} {
		if !strings.Contains(f.Summary+"\n"+f.Detail, want) {
			t.Errorf("%s\n%s\nwant %q", f.Summary, f.Detail, want)
		}
	}
	if f.Side != analyzer.Server || !slices.Equal(f.Conversations, []int{0, 1, 2}) {
		t.Errorf("%+v", f)
	}
	if got := many(t, 6, leak(0)); slices.ContainsFunc(got, func(f analyzer.Finding) bool { return f.ID == "close-wait-leak" }) {
		t.Errorf("all closed: %s", findings(got))
	}
}

// TestCloseWaitByClient plays a pool that does not close what its server has closed.
func TestCloseWaitByClient(t *testing.T) {
	got := many(t, 4, func(i int) string {
		at := fmt.Sprintf("addr A=10.0.0.1:%d\n", 40000+i)
		if i == 3 {
			return at + strings.Replace(closedByClient, "A FIN,ACK 1 1", "A FIN,ACK 1 1 +40", 1) // time goes by
		}
		return at + "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nA PSH,ACK 1 1 len=20\nB PSH,ACK 1 21 len=50\nA ACK 21 51\nB FIN,ACK 51 21 +2\nA ACK 21 52\n"
	})
	i := slices.IndexFunc(got, func(f analyzer.Finding) bool { return f.ID == "close-wait-leak" })
	if i < 0 || got[i].Side != analyzer.Client || got[i].Summary != "3 connections of 10.0.0.1 to 10.0.0.2:80 are in CLOSE_WAIT, the oldest for 38 s" {
		t.Errorf("3 of 4 not closed: %s", findings(got))
	}
}

// TestClosedTogether plays a server that ends, and one that closes what is idle.
func TestClosedTogether(t *testing.T) {
	at := func(i int) string { return fmt.Sprintf("addr A=10.0.0.1:%d\n", 40000+i) }
	const asked = "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nA PSH,ACK 1 1 len=20\nB PSH,ACK 1 21 len=50\nA ACK 21 51 +0.6\n"
	var opened, killed, idle string
	for i := range 5 {
		opened += at(i) + asked
		killed += at(i) + "B FIN,ACK 51 21\n"
		idle += at(i) + "B FIN,ACK 51 21 +0.6\n"
	}
	for _, test := range []struct{ name, script, want string }{
		{"killed", opened + killed, "10.0.0.2:80 closed all 4 connections older than 1 s within 3 ms"},
		{"one had data unread", opened + strings.Replace(killed, "B FIN,ACK 51 21", "B RST,ACK 51 21", 1), "1 connection got a RST"},
		{"idle", opened + idle, ""},
		{"one stays", opened + at(9) + asked + killed + at(9) + "A PSH,ACK 21 51 len=20 +1\nB PSH,ACK 51 41 len=50\n", ""},
		{"three", at(0) + asked + at(1) + asked + at(2) + asked + at(0) + "B FIN,ACK 51 21\n" + at(1) + "B FIN,ACK 51 21\n" + at(2) + "B FIN,ACK 51 21\n", ""},
	} {
		s, err := pcaptest.Parse(test.script + "wait 1\n")
		if err != nil {
			t.Fatal(err)
		}
		told := ""
		for _, f := range play(s).across {
			if f.ID == "closed-together" {
				told += f.Summary + "\n" + f.Detail
			}
		}
		if (test.want == "") != (told == "") || !strings.Contains(told, test.want) {
			t.Errorf("%s: %q, want %q", test.name, told, test.want)
		}
	}
}

// TestHalfOpenKinds plays what many connections that never opened have in common.
func TestHalfOpenKinds(t *testing.T) {
	client := func(i int) string { return fmt.Sprintf("addr A=10.1.%d.%d:4000\n", i/200, 1+i%200) }
	port := func(i int) string { return fmt.Sprintf("addr A=10.0.0.1:%d\n", 40000+i) }
	const synack = "A SYN 0\nB SYN,ACK 0 1\nB SYN,ACK 0 1 +1\n"
	for _, test := range []struct {
		name   string
		from   func(i int) string
		script string
		want   string
	}{
		{"flood", client, synack, "SYN flood"},
		{"one address", port, synack, "few addresses"},
		{"scan", port, "A SYN 0\nB SYN,ACK 0 1\nA RST 1 win=0\n", "SYN scan"},
		{"forged", client, "A SYN 0\nB SYN,ACK 0 1\nA RST 1 win=0\n", "forged in their names"},
		{"filter", client, "A SYN 0\nB SYN,ACK 0 1\nA SYN 0 +1\nB SYN,ACK 0 1\n", "do not reach them"},
		{"overflow", client, "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nB SYN,ACK 0 1 +1\nA ACK 1 1\nB SYN,ACK 0 1 +2\n", "accept queue"},
	} {
		got := many(t, 40, func(i int) string { return test.from(i) + test.script })
		if !slices.ContainsFunc(got, func(f analyzer.Finding) bool { return f.ID == "half-open" && strings.Contains(f.Detail, test.want) }) {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
	if got := many(t, 40, func(i int) string { return client(i) + closedByClient }); len(got) != 0 {
		t.Errorf("40 connections that were closed: %s", findings(got))
	}
}

// TestConnectCost adds up what SYNs sent again cost one client at one server.
func TestConnectCost(t *testing.T) {
	got := many(t, 40, func(i int) string {
		again := ""
		if i%10 == 0 {
			again = "A SYN 0 +1\n"
		}
		return fmt.Sprintf("addr A=10.0.0.1:%d\nA SYN 0\n%sB SYN,ACK 0 1\nA ACK 1 1\nA FIN,ACK 1 1\nB FIN,ACK 1 2\nA ACK 2 2\n", 40000+i, again)
	})
	if len(got) != 1 || got[0].ID != "syn-retransmit" || !strings.Contains(got[0].Summary, "waited 4 s") || !strings.Contains(got[0].Summary, "4 of 40 connections to 10.0.0.2:80") {
		t.Errorf("4 of 40 were a second late: %+v", got)
	}
}

// TestReuseTold reads what is said of scripts in which a 4-tuple comes again.
func TestReuseTold(t *testing.T) {
	for _, test := range []struct{ script, id, want string }{
		{"rule_time_wait_reuse", "time-wait-reuse", "above the last one of the old connection (RFC 9293 section 3.6.1). The server's new number is its old SND.NXT + 65537"},
		{"reuse_time_wait_by_its_holder", "time-wait-reuse", "The side in TIME_WAIT opened it itself"},
		{"rule_time_wait_answers_old_syn", "tuple-reuse", "in TIME_WAIT. The old connection answered it with an ACK, the next SYN opened the new one: connect() took 1 s"},
		{"rule_half_open_recovery", "tuple-reuse", "connect() took 1 s"},
		{"rule_time_wait_over", "tuple-reuse", "both its ends were in CLOSED."},
	} {
		s, err := pcaptest.Parse(scripts(t)["testdata/script/"+test.script+".txt"])
		if err != nil {
			t.Fatal(err)
		}
		p := play(s)
		fs := p.conversations[1].Findings
		if !slices.ContainsFunc(fs, func(f analyzer.Finding) bool { return f.ID == test.id && strings.Contains(f.Detail, test.want) }) {
			t.Errorf("%s: no %s with %q: %+v", test.script, test.id, test.want, fs)
		}
	}
}

// TestResetNotes reads what the ladder says of RSTs that are no finding.
func TestResetNotes(t *testing.T) {
	for _, test := range []struct {
		script      string
		frame       int
		note, never string
	}{
		{"rule_bad_synack", 3, "the client answered a wrong acknowledgement with RST", "talks on"},
		{"rule_half_open_recovery", 8, "the client answered a wrong acknowledgement with RST", ""},
		{"rule_time_wait_answers_old_syn", 9, "the client answered a wrong acknowledgement with RST", ""},
		{"rule_stray", 2, "the server knows no such connection", ""},
		{"rule_refused", 2, "the server refused the connection", ""},
		{"rule_open_aborted", 3, "the client answered a SYN,ACK with RST", "abort"},
		{"rule_keepalive_timeout", 16, "keep-alive of the client gave up", ""},
		{"rule_rst_ignored", 6, "outside the window: ignored", ""},
	} {
		s, err := pcaptest.Parse(scripts(t)["testdata/script/"+test.script+".txt"])
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range play(s).conversations {
			for _, r := range c.Rows {
				if r.Frame == test.frame && (!strings.Contains(r.Note, test.note) || test.never != "" && strings.Contains(r.Note, test.never)) {
					t.Errorf("%s: frame %d: %q, want %q", test.script, r.Frame, r.Note, test.note)
				}
			}
		}
	}
}
