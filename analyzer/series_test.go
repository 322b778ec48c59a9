package analyzer_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

// seriesOf analyses a script with the series of conversation 0.
func seriesOf(t *testing.T, lines string, rows int) *analyzer.Conversation {
	t.Helper()
	s, err := pcaptest.Parse(lines)
	if err != nil {
		t.Fatal(err)
	}
	var out *analyzer.Conversation
	a := analyzer.New(analyzer.Options{Rows: rows, RowsOf: map[int]bool{}, SeriesOf: map[int]bool{0: true}, Done: func(c *analyzer.Conversation) { out = c }})
	for _, seg := range s.Segments() {
		a.Add(&seg)
	}
	a.Close()
	if out == nil || out.Rows != nil {
		t.Fatalf("conversation %v: want one with a series and no rows", out)
	}
	return out
}

// What is under way, what each ACK times and how much the last second carried.
func TestSeries(t *testing.T) {
	c := seriesOf(t, `A SYN 4294967200 mss=1000 ws=2
B SYN,ACK 0 4294967201 mss=1000 ws=2 +0.020
A ACK 4294967201 1 +0.005 win=1000
A ACK 4294967201 1 len=100 +0.001 win=1000
A PSH,ACK 5 1 len=100 +0.001 win=1000
B ACK 1 105 +0.030 win=500
A PSH,ACK 105 1 len=50 +0.500 win=1000
A PSH,ACK 105 1 len=50 +0.300 win=1000
B PSH,ACK 1 155 len=7 +0.010 win=500
A PSH,ACK 155 8 len=10 +0.500 win=1000
B RST 8 0 +0.010
`, 100)
	type point struct {
		seq, ack             int64
		len, window          uint32
		client, server       uint32
		rttMilli, throughput int64
	}
	for i, want := range []point{
		{0, 0, 0, 65535, 0, 0, 0, 0},
		{0, 1, 0, 65535, 0, 0, 20, 0},
		{1, 1, 0, 4000, 0, 0, 5, 0},
		{1, 1, 100, 4000, 100, 0, 0, 100},
		{101, 1, 100, 4000, 200, 0, 0, 200},
		{1, 201, 0, 2000, 0, 0, 30, 0},
		{201, 1, 50, 4000, 50, 0, 0, 250},
		{201, 1, 50, 4000, 50, 0, 0, 300},   // sent again: not timed
		{1, 251, 7, 2000, 0, 7, 0, 7},       //
		{251, 8, 10, 4000, 10, 0, 500, 110}, // what is more than a second old no longer counts
		{8, 0, 0, 65535, 10, 0, 0, 7},
	} {
		if i >= len(c.Series) {
			t.Fatalf("%d points", len(c.Series))
		}
		p := &c.Series[i]
		got := point{p.Seq, p.Ack, p.Len, p.Window, p.InFlight[0], p.InFlight[1], p.RTT / ms, int64(p.Throughput)}
		if p.Flags.Any(tcp.SYN | tcp.RST) {
			got.window = want.window
		}
		if got != want || p.Frame != i+1 {
			t.Errorf("point %d of frame %d: %+v, want %+v", i, p.Frame, got, want)
		}
	}
}

// A series is bounded as the ladder is: its middle is left out, and counted.
func TestSeriesBound(t *testing.T) {
	lines := "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\n"
	for i := range 50 {
		lines += fmt.Sprintf("A PSH,ACK %d 1 len=10\n", 1+10*i)
	}
	c := seriesOf(t, lines, 20)
	if len(c.Series) != 20 || c.SeriesOmitted != 33 || c.SeriesGapAt != 10 {
		t.Errorf("%d points, %d omitted before point %d; want 20, 33 and 10", len(c.Series), c.SeriesOmitted, c.SeriesGapAt)
	}
	if p := c.Series[19]; p.Seq != 491 || p.InFlight[0] != 500 {
		t.Errorf("the last one has seq %d and %d bytes under way, want 491 and 500", p.Seq, p.InFlight[0])
	}
}

// The series of real captures and their measures are the same figures.
func TestSeriesAsMeasures(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(pcaps, "*.pcap"))
	samples := 0
	wanted := map[int]bool{}
	for id := range 50 {
		wanted[id] = true
	}
	for _, file := range files {
		for _, c := range readWith(t, []string{file}, nil, analyzer.Options{Rows: 10_000, SeriesOf: wanted}) {
			for side := range c.Endpoints {
				m := &c.Endpoints[side].Measures
				var flight uint32
				var n int
				least, most := int64(1<<62), int64(0)
				for i := range c.Series {
					p := &c.Series[i]
					if int(p.From) == side && p.Len > 0 {
						flight = max(flight, p.InFlight[side])
					}
					if int(p.From) != side && p.RTT > 0 && p.Ack > 1 { // the handshake's halves are no samples
						n++
						least, most = min(least, p.RTT), max(most, p.RTT)
					}
				}
				if flight != m.InFlightMax && c.InitiatorKnown {
					t.Errorf("%s conversation %d %v: at most %d bytes under way, the measures say %d", file, c.ID, analyzer.Side(side), flight, m.InFlightMax)
				}
				if m.RTTMin == 0 && m.RTTSamples > 0 {
					continue // too short for the clock: not in the series
				}
				if n < m.RTTSamples || n == m.RTTSamples && n > 0 && (least != m.RTTMin || most != m.RTTMax) {
					t.Errorf("%s conversation %d %v: %d round trips of %d to %d ns, the measures say %d of %d to %d", file, c.ID, analyzer.Side(side),
						n, least, most, m.RTTSamples, m.RTTMin, m.RTTMax)
				}
				samples += n
			}
		}
	}
	if samples < 100 {
		t.Errorf("only %d round trips in %d files", samples, len(files))
	}
}
