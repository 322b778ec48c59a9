package analyzer_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

var compareAddrs = gocmp.Options{cmpopts.EquateComparable(analyzer.Endpoint{}.Addr), cmpopts.IgnoreUnexported(analyzer.Conversation{})}

// crowd interleaves copies of a few conversations under other ports: opened and
// closed, reset, refused, reused.
func crowd(tb testing.TB, copies int) []tcp.Segment {
	const life = `
A SYN 0         | SYN_SENT -
B SYN,ACK 0 1
A ACK 1 1
A PSH,ACK 1 1 len=100
B ACK 1 101
A FIN,ACK 101 1
B FIN,ACK 1 102
A ACK 102 2
wait 2
A SYN 900000
B SYN,ACK 700000 900001
A ACK 900001 700001
B RST,ACK 700001 900001
`
	script, err := pcaptest.Parse(life)
	if err != nil {
		tb.Fatal(err)
	}
	one := script.Segments()
	var all []tcp.Segment
	for k := range copies {
		for _, s := range one {
			port := uint16(20000 + k)
			if s.Tuple.SrcPort != 80 {
				s.Tuple.SrcPort = port
			} else {
				s.Tuple.DstPort = port
			}
			s.Time += int64(k) * 7_000_000
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b tcp.Segment) int { return cmp.Compare(a.Time, b.Time) })
	for i := range all {
		all[i].Frame = i + 1
	}
	return all
}

// The conversations, their order and the findings do not depend on how many
// goroutines do the work.
func TestParallelIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	segments := crowd(t, 400)
	run := func(workers int) (out []*analyzer.Conversation, across []analyzer.Finding) {
		p := analyzer.NewParallel(analyzer.Options{MaxConversations: 200, Rows: 4,
			Done: func(c *analyzer.Conversation) { out = append(out, c) }}, workers)
		for i := range segments {
			p.Add(&segments[i])
		}
		across = p.Close()
		if s := p.Summary(); s.Segments != len(segments) || s.Conversations != len(out) || s.Evicted == 0 {
			t.Errorf("%d workers: summary %+v for %d segments and %d conversations", workers, s, len(segments), len(out))
		}
		return out, across
	}
	want, wantAcross := run(1)
	for _, workers := range []int{2, 3, 8} {
		got, gotAcross := run(workers)
		if d := gocmp.Diff(want, got, compareAddrs); d != "" {
			t.Errorf("%d workers hand on other conversations than one (-one +more):\n%.2000s", workers, d)
		}
		if d := gocmp.Diff(wantAcross, gotAcross); d != "" {
			t.Errorf("%d workers find other things across conversations than one (-one +more):\n%s", workers, d)
		}
	}
}

// A Parallel finds the conversations that a plain Analyzer finds, under the same ids.
func TestParallelEqualsAnalyzer(t *testing.T) {
	segments := crowd(t, 300)
	var want, got []*analyzer.Conversation
	a := analyzer.New(analyzer.Options{Done: func(c *analyzer.Conversation) { want = append(want, c) }})
	p := analyzer.NewParallel(analyzer.Options{Done: func(c *analyzer.Conversation) { got = append(got, c) }}, 2)
	for i := range segments {
		a.Add(&segments[i])
		p.Add(&segments[i])
	}
	a.Close()
	p.Close()
	byID := func(x, y *analyzer.Conversation) int { return cmp.Compare(x.ID, y.ID) }
	slices.SortFunc(want, byID)
	slices.SortFunc(got, byID)
	if d := gocmp.Diff(want, got, compareAddrs); d != "" {
		t.Errorf("(-Analyzer +Parallel):\n%.2000s", d)
	}
}

func BenchmarkParallel(b *testing.B) {
	segments := crowd(b, 2000)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p := analyzer.NewParallel(analyzer.Options{}, workers)
				for i := range segments {
					p.Add(&segments[i])
				}
				p.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(segments)), "ns/segment")
		})
	}
}

// Following an open conversation allocates nothing for a segment.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	a := analyzer.New(analyzer.Options{})
	script, err := pcaptest.Parse("A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nA PSH,ACK 1 1 len=100\nB ACK 1 101\n")
	if err != nil {
		t.Fatal(err)
	}
	segments := script.Segments()
	for i := range segments {
		a.Add(&segments[i])
	}
	data, ack := segments[3], segments[4]
	step := func() {
		data.Seq, data.Frame, data.Time = data.Seq.Add(data.Len), data.Frame+2, data.Time+1000
		ack.Ack, ack.Frame, ack.Time = ack.Ack.Add(data.Len), ack.Frame+2, ack.Time+1000
		a.Add(&data)
		a.Add(&ack)
	}
	for range 10 {
		step() // the log takes the first few segments of each side
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations for two segments, want none", n)
	}
}
