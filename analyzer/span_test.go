package analyzer_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

// spans are ends of conversations. {a} is A's next number and {b} B's; {a+1} lies
// behind it.
var spans = []struct{ name, end string }{
	{"still open", "B PSH,ACK {b} {a} len=10\nA ACK {a} {b+10} +0.01\n"},
	{"four segments", "A FIN,ACK {a} {b}\nB ACK {b} {a+1} +0.01\nB FIN,ACK {b} {a+1} +0.1\nA ACK {a+1} {b+1} +0.01\n"},
	{"server closes", "B FIN,ACK {b} {a}\nA FIN,ACK {a} {b+1} +0.01\nB ACK {b+1} {a+1} +0.01\n"},
	{"simultaneously", "A FIN,ACK {a} {b}\nB FIN,ACK {b} {a}\nA ACK {a+1} {b+1} +0.02\nB ACK {b+1} {a+1} +0.02\n"},
	{"FIN sent again", "A FIN,ACK {a} {b}\nA FIN,ACK {a} {b} +0.3\nB FIN,ACK {b} {a+1} +0.01\nA ACK {a+1} {b+1} +0.01\n"},
	{"FIN sent again and again", "A FIN,ACK {a} {b}\nA FIN,ACK {a} {b} +0.3\nA FIN,ACK {a} {b} +0.6\nA FIN,ACK {a} {b} +1.2\nA FIN,ACK {a} {b} +2.4\nB ACK {b} {a+1} +0.01\n"},
	{"answer sent again", "A FIN,ACK {a} {b}\nB FIN,ACK {b} {a+1} +1.5\nB FIN,ACK {b} {a+1} +0.3\nB FIN,ACK {b} {a+1} +0.6\nB FIN,ACK {b} {a+1} +1.2\n"},
	{"FINs cross, one sent again", "A FIN,ACK {a} {b}\nB FIN,ACK {b} {a}\nA FIN,ACK {a} {b+1} +0.3\nB ACK {b+1} {a+1} +0.01\n"},
	{"FIN not captured", "B ACK {b} {a+1}\nB FIN,ACK {b} {a+1} +0.1\nA ACK {a+1} {b+1} +0.01\n"},
	{"server's FIN not captured", "A ACK {a} {b+1} +0.1\nA FIN,ACK {a} {b+1} +0.1\nB ACK {b+1} {a+1} +0.01\n"},
	{"FIN before data", "A FIN,ACK {a+100} {b}\nB ACK {b} {a} +0.01\nA PSH,ACK {a} {b} len=100 +0.1\nB ACK {b} {a+101} +0.01\nB FIN,ACK {b} {a+101} +0.1\nA ACK {a+101} {b+1} +0.01\n"},
	{"forged FIN", "A FIN,ACK {a} {b}\nB ACK {b} {a+1} +0.01\nB PSH,ACK {b} {a+1} len=10 +0.1\nA ACK {a} {b+10} +0.001\nB PSH,ACK {b+10} {a+1} len=10 +0.1\nA ACK {a} {b+20} +0.001\n"},
	{"half-close", "B FIN,ACK {b} {a}\nA ACK {a} {b+1} +0.01\nA PSH,ACK {a} {b+1} len=100 +0.01\nB ACK {b+1} {a+100} +0.001\nA FIN,ACK {a+100} {b+1} +0.01\nB ACK {b+1} {a+101} +0.01\n"},
	{"half-close, then RST", "B FIN,ACK {b} {a}\nA ACK {a} {b+1} +0.01\nA PSH,ACK {a} {b+1} len=100 +0.01\nB RST,ACK {b+1} {a} +0.001\n"},
	{"data to deliver", "B PSH,ACK {b} {a} len=10\nA FIN,ACK {a} {b} +0.001\nB FIN,ACK {b+10} {a+1} len=20 +0.01\nA ACK {a+1} {b+31} +0.01\n"},
	{"late ACK, then FIN", "B ACK {b} {a-500000}\nA FIN,ACK {a} {b}\nB ACK {b} {a+1} +0.01\nB FIN,ACK {b} {a+1} +0.01\nA ACK {a+1} {b+1} +0.01\n"},
	{"late ACK, then RST", "B ACK {b} {a-500000}\nA RST {a} +0.01\n"},
	{"late SYN", "A SYN 0 mss=1460 ws=10\nB ACK {b} {a} +0.01\nA FIN,ACK {a} {b} +0.1\nB FIN,ACK {b} {a+1} +0.01\nA ACK {a+1} {b+1} +0.01\n"},
	{"late SYN,ACK", "B SYN,ACK 0 1 mss=1460 ws=10\nA ACK {a} {b} +0.01\nA FIN,ACK {a} {b} +0.1\nB FIN,ACK {b} {a+1} +0.01\nA ACK {a+1} {b+1} +0.01\n"},
	{"aborted by sender", "A RST,ACK {a} {b}\n"},
	{"aborted by receiver", "B RST,ACK {b} {a}\n"},
	{"sender's host gone", "B PSH,ACK {b} {a} len=10\nA RST {a} +0.01\n"},
	{"receiver's host gone", "A PSH,ACK {a} {b} len=10\nB RST {b} +0.01\n"},
	{"old RST", "A RST {a-3000}\nB PSH,ACK {b} {a} len=10 +0.1\nA ACK {a} {b+10} +0.01\n"},
	{"RST in the window", "A RST {a+100}\nB ACK {b} {a} +0.01\nA PSH,ACK {a} {b} len=10 +0.1\nB ACK {b} {a+10} +0.01\n"},
	{"keep-alives to no answer", "A ACK {a-1} {b} +60\nB ACK {b} {a} +0.01\nA ACK {a-1} {b} +60\nA ACK {a-1} {b} +75\nA ACK {a-1} {b} +75\nA RST,ACK {a} {b} +75\n"},
	{"data to no answer", "A PSH,ACK {a} {b} len=100\nA PSH,ACK {a} {b} len=100 +0.3\nA PSH,ACK {a} {b} len=100 +0.6\nA PSH,ACK {a} {b} len=100 +1.2\nA RST,ACK {a+100} {b} +2.4\n"},
	{"lost by the capture", "A PSH,ACK {a+1000} {b} len=100\nB ACK {b} {a+1100} +0.01\nA FIN,ACK {a+1100} {b} +0.1\nB FIN,ACK {b} {a+1101} +0.01\nA ACK {a+1101} {b+1} +0.01\n"},
	{"used again", "A FIN,ACK {a} {b}\nB FIN,ACK {b} {a+1} +0.01\nA ACK {a+1} {b+1} +0.01\nA SYN {a+100000} +2\nB SYN,ACK {b+90000} {a+100001} +0.01\nA ACK {a+100001} {b+90001} +0.01\nA RST,ACK {a+100001} {b+90001} +0.1\n"},
}

// TestSpan plays the same conversations with a few bytes between the handshake and the
// end, and with gigabytes of one side or of both, so that sequence numbers of beginning
// and end cannot be put in order any more: what becomes of them is the same.
func TestSpan(t *testing.T) {
	const few = 10 // segments
	for _, test := range spans {
		for name, bulk := range map[string][2]uint32{"A": {spanSegment, 0}, "both": {spanSegment, spanSegment}} {
			want := outcome(t, few, bulk, test.end)
			for _, gigabytes := range []float64{1.2, 2.2, 2.8, 3.5, 4.1, 9} {
				if got := outcome(t, int(gigabytes*(1<<30)/spanSegment), bulk, test.end); got != want {
					t.Errorf("%s, after %v GiB of %s:\n%s\nas after %d segments:\n%s", test.name, gigabytes, name, got, few, want)
				}
			}
		}
	}
}

// spanSegment is how many bytes a host hands to its network card at once (BIG TCP).
const spanSegment = 500_000

var spanNumber = regexp.MustCompile(`\{([ab])([+-][0-9]+)?\}`)

// outcome tells what becomes of a conversation in which each side sends n segments of
// its bulk bytes in turn between the handshake and end.
func outcome(t *testing.T, n int, bulk [2]uint32, end string) string {
	t.Helper()
	end = spanNumber.ReplaceAllStringFunc(end, func(s string) string {
		m := spanNumber.FindStringSubmatch(s)
		offset, _ := strconv.Atoi(m[2])
		return fmt.Sprint(uint32(1 + n*int(bulk[m[1][0]-'a']) + offset))
	})
	script, err := pcaptest.Parse("A SYN 0 mss=1460 ws=10\nB SYN,ACK 0 1 mss=1460 ws=10 +0.01\nA ACK 1 1 +0.01\n" + end)
	if err != nil {
		t.Fatal(err)
	}
	var all []*analyzer.Conversation
	a := analyzer.New(analyzer.Options{Done: func(c *analyzer.Conversation) { all = append(all, c) }})
	frame, wait := 0, int64(0)
	add := func(s tcp.Segment) {
		frame++
		s.Frame, s.Time = frame, s.Time+wait
		a.Add(&s)
	}
	segments := script.Segments()
	for _, s := range segments[:3] {
		add(s)
	}
	talk := [2]tcp.Segment{segments[2], segments[1]} // what goes on from the handshake's ACK, and what answers it
	talk[1].Flags, talk[1].Options, talk[1].Time = tcp.ACK, tcp.Options{}, talk[0].Time
	talk[0].Seq, talk[1].Seq = segments[0].Seq+1, segments[1].Seq+1
	for range n {
		for x := range talk {
			s := &talk[x]
			s.Len, s.Window, s.Ack = bulk[x], 5000, talk[1-x].Seq
			wait += 10_000
			add(*s)
			s.Seq = s.Seq.Add(s.Len)
		}
	}
	wait += 1e6
	handshake, before := 3, frame
	for _, s := range segments[3:] {
		add(s)
	}
	a.Tick(script.End + wait)
	a.Close()

	b := &strings.Builder{}
	at := func(frame int) string {
		if frame > handshake {
			return fmt.Sprint("end+", frame-before)
		}
		return fmt.Sprint(frame)
	}
	for _, c := range all {
		fmt.Fprintln(b, c.Opened, c.Closed, c.ClosedBy, "initial window", c.Endpoints[analyzer.Client].Measures.InitialWindow)
		for x := range c.Endpoints {
			for _, tr := range c.Endpoints[x].Timeline {
				fmt.Fprintf(b, " %v/%s/%v", tr.State, at(tr.Frame), tr.Evidence)
			}
			fmt.Fprintln(b)
		}
		for _, r := range c.Resets {
			fmt.Fprintln(b, "RST", at(r.Frame), r.Fate)
		}
		var ids []string
		for _, f := range c.Findings {
			ids = append(ids, f.ID)
		}
		slices.Sort(ids)
		fmt.Fprintln(b, ids)
	}
	return b.String()
}
