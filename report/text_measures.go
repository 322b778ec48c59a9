package report

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// measures prints the figures of both directions side by side, those that are too wide
// for that one under the other. A figure that neither side has is left out, and so is
// the table where nothing was sent.
func (t *textWriter) measures(c *analyzer.Conversation) {
	if c.Endpoints[0].Measures.PayloadBytes+c.Endpoints[1].Measures.PayloadBytes == 0 {
		return
	}
	lines := [][3]string{{"measures", "client", "server"}}
	width := 0
	for _, m := range measureLines {
		l := [3]string{m.name, m.show(&c.Endpoints[0]), m.show(&c.Endpoints[1])}
		if l[1] == "" && l[2] == "" {
			continue
		}
		lines = append(lines, l)
	}
	in := [2][tcp.TimeWait + 1]int64{c.TimeIn(analyzer.Client), c.TimeIn(analyzer.Server)}
	for state := range in[0] {
		if l := [3]string{"in " + tcp.State(state).String(), span(in[0][state]), span(in[1][state])}; l[1] != "" || l[2] != "" {
			lines = append(lines, l)
		}
	}
	for i := range lines {
		l := &lines[i]
		l[1], l[2] = cmp.Or(l[1], "-"), cmp.Or(l[2], "-")
		width = max(width, columns(l[1]))
	}
	t.printf("\n")
	for i, l := range lines {
		label := pad(l[0], len("95 % of it below")) + "  "
		line := label + pad(l[1], width) + "  " + l[2]
		switch {
		case 2+columns(line) > t.o.Width:
			t.paragraph("  "+label, l[1])
			t.paragraph(strings.Repeat(" ", 2+columns(label)), l[2])
		case i == 0:
			t.printf("  %s\n", t.Faint(line))
		default:
			t.printf("  %s\n", line)
		}
	}
}

var measureLines = []struct {
	name string
	show func(*analyzer.Endpoint) string
}{
	{"offered", func(e *analyzer.Endpoint) string {
		o := &e.Offered
		var all []string
		for _, k := range []struct {
			option tcp.OptionSet
			name   string
		}{{tcp.OptMSS, fmt.Sprintf("MSS %d", o.MSS)}, {tcp.OptWindowScale, fmt.Sprintf("WS %d", o.WindowScale)}, {tcp.OptSACKPermitted, "SACK"},
			{tcp.OptTimestamps, "TS"}, {tcp.OptFastOpen, "TFO"}, {tcp.OptMPTCP, "MPTCP"}, {tcp.OptMD5, "MD5"}, {tcp.OptAO, "AO"}} {
			if o.Has(k.option) {
				all = append(all, k.name)
			}
		}
		return strings.Join(all, " ")
	}},
	{"throughput", func(e *analyzer.Endpoint) string {
		if m := &e.Measures; m.DataTime == 0 || m.DataTime < m.RTTMedian {
			return "" // one flight tells how fast its sender is, not the path
		}
		return rate(e.Throughput())
	}},
	{"handshake RTT", func(e *analyzer.Endpoint) string { return span(e.Measures.HandshakeRTT) }},
	{"RTT min<med<max", func(e *analyzer.Endpoint) string {
		m := &e.Measures
		if m.RTTSamples == 0 {
			return ""
		}
		if m.RTTMin == m.RTTMax {
			return span(m.RTTMin)
		}
		return fmt.Sprintf("%s < %s < %s", span(m.RTTMin), span(m.RTTMedian), span(m.RTTMax))
	}},
	{"95 % of it below", func(e *analyzer.Endpoint) string {
		if e.Measures.RTTSamples < 20 {
			return "" // the largest says it
		}
		return span(e.Measures.RTTP95)
	}},
	{"sent again", func(e *analyzer.Endpoint) string {
		m := &e.Measures
		var kinds []string
		for _, k := range []struct {
			n    int
			name string
		}{{m.Timeouts, "timeout"}, {m.FastRetransmissions, "fast"}, {m.TailRetransmissions, "tail"}, {m.OtherRetransmissions, "other"}, {m.Spurious, "spurious"}} {
			if k.n > 0 {
				kinds = append(kinds, fmt.Sprintf("%d %s", k.n, k.name))
			}
		}
		return strings.Join(kinds, ", ")
	}},
	{"duplicate ACKs", func(e *analyzer.Endpoint) string { return unlessZero(e.Measures.DuplicateACKs) }},
	{"SACK, D-SACK", func(e *analyzer.Endpoint) string {
		if e.Measures.SACKs == 0 {
			return ""
		}
		return fmt.Sprintf("%d, %d", e.Measures.SACKs, e.Measures.DSACKs)
	}},
	{"out of order", func(e *analyzer.Endpoint) string { return unlessZero(e.Measures.OutOfOrder) }},
	{"most in flight", func(e *analyzer.Endpoint) string { return unlessZero(int(e.Measures.InFlightMax)) }},
	{"initial window", func(e *analyzer.Endpoint) string { return unlessZero(int(e.Measures.InitialWindow)) }},
	{"its window", func(e *analyzer.Endpoint) string {
		m := &e.Measures
		switch {
		case m.WindowMax == 0:
			return ""
		case m.WindowMin == m.WindowMax:
			return strconv.Itoa(int(m.WindowMax))
		}
		return fmt.Sprintf("%d to %d", m.WindowMin, m.WindowMax)
	}},
	{"its window at 0", func(e *analyzer.Endpoint) string { return span(e.Measures.ZeroWindow) }},
	{"no room for it", func(e *analyzer.Endpoint) string { return span(e.Measures.WindowFull) }},
	{"limited by", func(e *analyzer.Endpoint) string { return e.Measures.Limited }},
}

func unlessZero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// span shows nanoseconds with three digits, or in hours or days, as the page does; 0 is
// "". What would be rounded to 1000 of a unit is 1 of the next. Less than nothing is
// what a clock that was set back measures.
func span(ns int64) string {
	switch {
	case ns == 0:
		return ""
	case ns < 0:
		return "-" + span(-max(ns, -math.MaxInt64)) // -math.MinInt64 is itself
	case ns < 999_500:
		return strconv.FormatFloat(float64(ns)/1e3, 'g', 3, 64) + " µs"
	case ns < 999_500_000:
		return strconv.FormatFloat(float64(ns)/1e6, 'g', 3, 64) + " ms"
	}
	minutes := (ns + 30e9) / 60e9
	switch {
	case ns < int64(time.Hour):
		return strconv.FormatFloat(float64(ns)/1e9, 'f', 2, 64) + " s"
	case ns < 48*int64(time.Hour):
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	}
	return strconv.FormatFloat(float64(ns)/86400e9, 'f', 1, 64) + " days"
}

// rate shows bytes a second.
func rate(b float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, "GB/s"}, {1e6, "MB/s"}, {1e3, "kB/s"}} {
		if b >= u.size {
			return strconv.FormatFloat(b/u.size, 'f', 1, 64) + " " + u.name
		}
	}
	return strconv.FormatFloat(b, 'f', 0, 64) + " B/s"
}
