package analyzer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

// TestSpan plays the same conversations with a few bytes between the handshake and the
// close, and with gigabytes, so that sequence numbers of both cannot be put in order any
// more: states, their evidence, findings and initial window are the same.
func TestSpan(t *testing.T) {
	const few = 10                            // segments
	for name, end := range map[string]string{ // {n} is the number after A's last byte
		"four segments":        "A FIN,ACK {n} 1\nB ACK 1 {n+1} +0.01\nB FIN,ACK 1 {n+1} +0.1\nA ACK {n+1} 2 +0.01\n",
		"server closes":        "B FIN,ACK 1 {n}\nA FIN,ACK {n} 2 +0.01\nB ACK 2 {n+1} +0.01\n",
		"simultaneously":       "A FIN,ACK {n} 1\nB FIN,ACK 1 {n}\nA ACK {n+1} 2 +0.02\nB ACK 2 {n+1} +0.02\n",
		"FIN sent again":       "A FIN,ACK {n} 1\nA FIN,ACK {n} 1 +0.3\nB FIN,ACK 1 {n+1} +0.01\nA ACK {n+1} 2 +0.01\n",
		"aborted by sender":    "A RST,ACK {n} 1\n",
		"aborted by receiver":  "B RST,ACK 1 {n}\n",
		"sender's host gone":   "B PSH,ACK 1 {n} len=10\nA RST {n} +0.01\n",
		"receiver's host gone": "A PSH,ACK {n} 1 len=10\nB RST 1 +0.01\n",
		"old RST":              "A RST {n-3000}\nB PSH,ACK 1 {n} len=10 +0.1\nA ACK {n} 11 +0.01\n",
		"still open":           "B PSH,ACK 1 {n} len=10\nA ACK {n} 11 +0.01\n",
	} {
		want := outcome(t, few, end)
		for _, gigabytes := range []float64{1.5, 2.5, 3.5, 4.5} {
			if got := outcome(t, int(gigabytes*(1<<30)/spanSegment), end); got != want {
				t.Errorf("%s, after %v GiB:\n%s\nas after %d segments:\n%s", name, gigabytes, got, few, want)
			}
		}
	}
}

const spanSegment = 500_000 // bytes, as a host hands them to its network card (BIG TCP)

// outcome tells what becomes of a conversation in which A sends n segments between the
// handshake and end.
func outcome(t *testing.T, n int, end string) string {
	t.Helper()
	next := uint32(1 + n*spanSegment)
	end = strings.NewReplacer("{n}", fmt.Sprint(next), "{n+1}", fmt.Sprint(next+1), "{n-3000}", fmt.Sprint(next-3000)).Replace(end)
	script, err := pcaptest.Parse("A SYN 0 mss=1460 ws=10\nB SYN,ACK 0 1 mss=1460 ws=10 +0.01\nA ACK 1 1 +0.01\n" + end)
	if err != nil {
		t.Fatal(err)
	}
	segments := script.Segments()

	var c *analyzer.Conversation
	a := analyzer.New(analyzer.Options{Done: func(v *analyzer.Conversation) { c = v }})
	frame, wait := 0, int64(0)
	add := func(s tcp.Segment) {
		frame++
		s.Frame, s.Time = frame, s.Time+wait
		a.Add(&s)
	}
	for _, s := range segments[:3] {
		add(s)
	}
	data, ack := segments[2], segments[1] // the one goes on from the handshake's ACK, the other answers
	data.Len, data.Window = spanSegment, 500
	ack.Flags, ack.Options, ack.Seq, ack.Time, ack.Window = tcp.ACK, tcp.Options{}, ack.Seq+1, data.Time, 500
	for range n {
		wait += 1e6
		add(data)
		data.Seq = data.Seq.Add(spanSegment)
		ack.Ack = data.Seq
		wait += 1e6
		add(ack)
	}
	wait += 1e6
	for _, s := range segments[3:] {
		add(s)
	}
	a.Close()

	b := &strings.Builder{}
	fmt.Fprintln(b, c.Opened, c.Closed, c.ClosedBy, "initial window", c.Endpoints[analyzer.Client].Measures.InitialWindow)
	for x := range c.Endpoints {
		for _, tr := range c.Endpoints[x].Timeline {
			fmt.Fprintf(b, " %v/%v", tr.State, tr.Evidence)
		}
		fmt.Fprintln(b)
	}
	var ids []string
	for _, f := range c.Findings {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	fmt.Fprint(b, ids)
	return b.String()
}
