package report

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/golden"
	"tcpreplay-fsm/tcp"
)

// writeAll gives conversations and the sample capture to a writer.
func writeAll(t *testing.T, w Writer, cs ...*analyzer.Conversation) {
	t.Helper()
	for _, c := range cs {
		if err := w.Conversation(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(sampleCapture(), sampleAcross); err != nil {
		t.Fatal(err)
	}
}

func textOf(t *testing.T, o TextOptions, cs ...*analyzer.Conversation) string {
	t.Helper()
	var b bytes.Buffer
	writeAll(t, NewText(&b, o), cs...)
	return b.String()
}

func TestTextGolden(t *testing.T) {
	for _, o := range []TextOptions{{Width: 80}, {Width: 200}, {Width: 80, Color: true}} {
		name := fmt.Sprintf("text_%d.golden", o.Width)
		if o.Color {
			name = fmt.Sprintf("text_%d_color.golden", o.Width)
		}
		golden.Compare(t, "testdata/"+name, textOf(t, o, resetV6(), simultaneousClose()))
	}
}

// Where the conversations are only listed, the summary says what the findings mean:
// beside them, or below the severe ones.
func TestTextListGolden(t *testing.T) {
	for _, width := range []int{80, 120} {
		o := TextOptions{Width: width, Ladders: map[int]bool{}}
		golden.Compare(t, fmt.Sprintf("testdata/text_list_%d.golden", width), textOf(t, o, resetV6(), simultaneousClose()))
	}
}

// A report that is asked for 80 columns stays within them, save for words that
// cannot be broken.
func TestTextWidth(t *testing.T) {
	measured := simultaneousClose()
	for side := range measured.Endpoints {
		measured.Endpoints[side].Measures = analyzer.Measures{PayloadBytes: 1, RTTSamples: 3, RTTMin: 6.14e6, RTTMedian: 6.15e6, RTTMax: 33.1e6,
			Timeouts: 123_456, FastRetransmissions: 123_456, TailRetransmissions: 123_456, OtherRetransmissions: 123_456, Spurious: 123_456}
	}
	for width := 64; width <= 220; width += 7 {
		out := textOf(t, TextOptions{Width: width}, measured, resetV6()) +
			textOf(t, TextOptions{Width: width, Top: 1, Ladders: map[int]bool{}}, simultaneousClose(), resetV6())
		for _, line := range strings.Split(out, "\n") {
			if n := columns(line); n > width {
				t.Errorf("width %d: %d columns: %q", width, n, line)
			}
		}
	}
}

// Nothing from the capture reaches the terminal as a control.
// TestTextWidthBound: a width that nobody has is no reason to fill the memory.
func TestTextWidthBound(t *testing.T) {
	widest := textOf(t, TextOptions{Width: 1000}, simultaneousClose())
	if got := textOf(t, TextOptions{Width: math.MaxInt}, simultaneousClose()); got != widest {
		t.Errorf("%d bytes, want the %d of 1000 columns", len(got), len(widest))
	}
}

func TestTextHostile(t *testing.T) {
	for _, color := range []bool{false, true} {
		out := textOf(t, TextOptions{Color: color}, resetV6())
		plain := out
		for _, style := range []string{"\x1b[0", "\x1b[22", "\x1b[1", "\x1b[2", "\x1b[3"} {
			if color {
				plain = strings.ReplaceAll(plain, style, "")
			}
		}
		for _, r := range plain {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("color %v: %q in the report", color, r)
			}
		}
		for _, want := range []string{`\x1b[31m`, `\u{202e}`, `reversed \xff`, `second line`, `\x1b]0;evil\x07`, `vlan 7 \x07`} {
			if !strings.Contains(out, want) {
				t.Errorf("color %v: no %s in the report", color, want)
			}
		}
	}
}

// What a bound left out of a ladder is told, and does not disturb its columns.
func TestTextLeftOut(t *testing.T) {
	c := simultaneousClose()
	c.RowsOmitted, c.RowsGapAt = 1234, 5
	out := textOf(t, TextOptions{}, c)
	if want := "\n                  ⋮ 1234 segments left out; --conversation 0 shows more\n"; !strings.Contains(out, want) {
		t.Errorf("no line %q in\n%s", want, out)
	}
	long := newSample(0, "10.0.0.1:41000", "10.0.0.2:80")
	long.handshake()
	for i := range 500 {
		long.row(int64(10+i), analyzer.Client, tcp.ACK|tcp.PSH, uint32(i), 1, 1, fmt.Sprint("note ", i))
	}
	if out := textOf(t, TextOptions{}, long.Conversation); !strings.Contains(out, "⋮ 424 lines left out") {
		t.Errorf("a long ladder that was not asked for is not cut:\n%s", out)
	}
	if out := textOf(t, TextOptions{Ladders: map[int]bool{0: true}}, long.Conversation); strings.Contains(out, "left out") {
		t.Error("a long ladder that was asked for is cut")
	}
}

// A ladder counts from the first segment of its conversation: when that was is told,
// unless the capture began and ended with it.
func TestTextConversationTime(t *testing.T) {
	c := simultaneousClose()
	if out := textOf(t, TextOptions{}, c); strings.Count(out, "UTC") != 1 {
		t.Errorf("the capture's own time is told of its conversation again:\n%s", out)
	}
	c.First += 5_000_000
	out := textOf(t, TextOptions{}, c)
	if want := "\n  time    2026-01-02 03:04:05.005000 UTC, 0.028000 s long\n"; !strings.Contains(out, want) {
		t.Errorf("no line %q in\n%s", want, out)
	}
}

// Long addresses take the line, not what else the table tells.
func TestTextTableLong(t *testing.T) {
	out := textOf(t, TextOptions{Width: 64, Ladders: map[int]bool{}}, resetV6())
	if want := "]:65535\n                                           2, 0.000000, 0.001000\n"; !strings.Contains(out, want) {
		t.Errorf("no %q in\n%s", want, out)
	}
}

// That no finding is listed says nothing if others were not asked for.
func TestTextUnshown(t *testing.T) {
	var b strings.Builder
	if err := NewText(&b, TextOptions{}).End(&Capture{Unshown: 57}, nil); err != nil {
		t.Fatal(err)
	}
	if want := "findings       none\n               57 not asked for\n"; !strings.Contains(b.String(), want) {
		t.Errorf("no %q in\n%s", want, &b)
	}
}

// A side whose SYN was not captured begins with 1, as in the page, the CSV and Wireshark.
func TestTextMidstreamNumbers(t *testing.T) {
	c := newSample(0, "10.0.0.1:41000", "10.0.0.2:80")
	for side := range c.Endpoints {
		c.Endpoints[side].ISNKnown = false
	}
	c.row(0, analyzer.Client, tcp.ACK|tcp.PSH, 0, 0, 10, "")
	c.row(1, analyzer.Server, tcp.ACK, 0, 10, 0, "")
	out := textOf(t, TextOptions{}, c.Conversation)
	for _, want := range []string{"PSH,ACK seq 1 ack 1 len 10", "ACK seq 1 ack 11"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// A line that stands for many segments is not cut, however narrow: what finds no room
// beside their number is told below.
func TestTextFold(t *testing.T) {
	long := newSample(0, "10.0.0.1:41000", "10.0.0.2:80")
	long.handshake()
	for i := range int64(20_000) {
		r := long.row(10+i, analyzer.Server, tcp.ACK, 1+1460*uint32(i), 1, 1460, "")
		if i%1000 < 4 {
			r.Marks = []string{"out of order"}
		}
	}
	for _, test := range []struct {
		width int
		want  string
	}{
		{80, "⋮ 19998 segments: ◄ 29 MB  "},
		{80, "└ out of order ×78\n"},
		{64, "⋮ 19998 segments "},
		{64, "└ ◄ 29 MB, out of order ×78\n"},
	} {
		out := textOf(t, TextOptions{Width: test.width}, long.Conversation)
		if !strings.Contains(out, test.want) {
			t.Errorf("width %d: no %q in\n%s", test.width, test.want, out)
		}
	}
}

// Without being asked, ladders are printed only of a few conversations.
func TestTextLadders(t *testing.T) {
	many := make([]*analyzer.Conversation, FewConversations+1)
	for i := range many {
		many[i] = simultaneousClose()
		many[i].ID = i
	}
	count := func(o TextOptions, cs []*analyzer.Conversation) int {
		return strings.Count(textOf(t, o, cs...), "── conversation ")
	}
	if n := count(TextOptions{}, many); n != 0 {
		t.Errorf("%d ladders of %d conversations, want none", n, len(many))
	}
	if n := count(TextOptions{}, many[1:]); n != FewConversations {
		t.Errorf("%d ladders of %d conversations, want all", n, FewConversations)
	}
	if n := count(TextOptions{Ladders: map[int]bool{3: true, 8: true}}, many); n != 2 {
		t.Errorf("%d ladders, want the 2 asked for", n)
	}
	for _, id := range []int{3, 99} {
		out := textOf(t, TextOptions{Ladders: map[int]bool{id: true}}, many...)
		if table := strings.Contains(out, "── conversations"); table != (id == 99) {
			t.Errorf("conversation %d was asked for; the table of all is there: %v", id, table)
		}
	}
}

// The table keeps the most troubled conversations whatever their order.
func TestTextTop(t *testing.T) {
	var cs []*analyzer.Conversation
	for i := range 5000 {
		c := newSample(i, "10.0.0.1:41000", "10.0.0.2:80").Conversation
		if i%1000 == 7 {
			c.Findings = []analyzer.Finding{{ID: "abort", Severity: analyzer.Error, Frames: []int{1}}}
		}
		cs = append(cs, c)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(cs), func(i, j int) { cs[i], cs[j] = cs[j], cs[i] })
	out := textOf(t, TextOptions{Top: 6}, cs...)
	if got, want := strings.Join(listedIDs(out), " "), "7 1007 2007 3007 4007 0"; got != want {
		t.Errorf("table lists %s, want %s", got, want)
	}
	if !strings.Contains(out, "4994 more; --top 5000 lists all") {
		t.Errorf("the report does not say how many it left out:\n%s", out)
	}
}

// Where not all are listed, common trouble does not hide what is as bad and rarer.
func TestTextTopRare(t *testing.T) {
	var cs []*analyzer.Conversation
	for i := range 2000 {
		c := newSample(i, "10.0.0.1:41000", "10.0.0.2:80").Conversation
		id := "syn-unanswered"
		switch {
		case i%900 == 800:
			id = "refused"
		case i == 1234:
			id = "half-open"
		}
		c.Findings = []analyzer.Finding{{ID: id, Severity: analyzer.Warning, Frames: []int{1}}}
		cs = append(cs, c)
	}
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(cs), func(i, j int) { cs[i], cs[j] = cs[j], cs[i] })
	for top, want := range map[int]string{5: "1234 800 1700 0 1", 2: "1234 800", -1: "0 1 2 3 4"} {
		got := listedIDs(textOf(t, TextOptions{Top: top}, cs...))
		if got = got[:min(5, len(got))]; strings.Join(got, " ") != want {
			t.Errorf("of %d the table lists %s, want %s", top, strings.Join(got, " "), want)
		}
	}
}

// listedIDs returns the ids in the table of a report.
func listedIDs(report string) (ids []string) {
	for line := range strings.Lines(report) {
		if f := strings.Fields(line); len(f) > 2 && f[2] == ">" && f[0] != "id" {
			ids = append(ids, f[0])
		}
	}
	return ids
}

// TestSpan looks at durations where they are rounded up and where their units change.
func TestSpan(t *testing.T) {
	for _, test := range []struct {
		ns   int64
		want string
	}{
		{0, ""},
		{999_400, "999 µs"},
		{999_600, "1 ms"},
		{999_600_000, "1.00 s"},
		{3_599_000_000_000, "3599.00 s"},
		{3_600_000_000_000, "1 h 0 min"},
		{7_199_000_000_000, "2 h 0 min"},
		{172_800_000_000_000, "2.0 days"},
		{-5_000_000, "-5 ms"},
		{math.MinInt64, "-106752.0 days"}, // between the first time there is and 1970
	} {
		if got := span(test.ns); got != test.want {
			t.Errorf("span(%d) = %q, want %q", test.ns, got, test.want)
		}
	}
}

// TestLength looks at the durations that are given in seconds, and in words once they
// are long.
func TestLength(t *testing.T) {
	for _, test := range []struct {
		ns   int64
		want string
	}{
		{195_308_000, "0.195308 s"},
		{1_467_991_562_564_000, "1467991.562564 s (17.0 days)"},
	} {
		if got := length(test.ns); got != test.want {
			t.Errorf("length(%d) = %q, want %q", test.ns, got, test.want)
		}
	}
}
