package reassembly

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"tcpreplay-fsm/tcp"
)

// run feeds a stream a line an event and shows what it hands out, gaps in
// angle brackets. Lines are
//
//	SEQ TEXT [FLAGS] [len=N]    a segment; TEXT "-" is empty
//	ack N                       an acknowledgment
//	close
func run(t *testing.T, s *Stream, events string) string {
	t.Helper()
	var out strings.Builder
	s.Emit = func(c Chunk) {
		if c.Missing > 0 {
			fmt.Fprintf(&out, "<%d %v>", c.Missing, c.Reason)
		} else {
			out.Write(c.Bytes)
		}
	}
	for i, line := range strings.Split(strings.TrimSpace(events), "\n") {
		f := strings.Fields(line)
		switch f[0] {
		case "ack":
			s.Acked(seq(t, f[1]))
			continue
		case "close":
			s.Close()
			continue
		}
		seg := tcp.Segment{Seq: seq(t, f[0]), Flags: tcp.ACK, Frame: i + 1, Time: int64(i)}
		if f[1] != "-" {
			seg.Payload = []byte(f[1])
		}
		seg.Len = uint32(len(seg.Payload))
		for _, w := range f[2:] {
			switch {
			case w == "SYN":
				seg.Flags |= tcp.SYN
			case w == "FIN":
				seg.Flags |= tcp.FIN
			case w == "RST":
				seg.Flags |= tcp.RST
			case strings.HasPrefix(w, "len="):
				seg.Len = uint32(seq(t, w[4:]))
			case strings.HasPrefix(w, "urg="):
				seg.Flags |= tcp.URG
				seg.Urgent = uint16(seq(t, w[4:]))
			default:
				t.Fatalf("unknown word %q", w)
			}
		}
		s.Insert(&seg)
	}
	return out.String()
}

func seq(t *testing.T, s string) tcp.Seq {
	t.Helper()
	n, err := strconv.ParseUint(s, 0, 32)
	if err != nil {
		t.Fatal(err)
	}
	return tcp.Seq(n)
}

func TestStream(t *testing.T) {
	for _, tt := range []struct {
		name, events, want string
	}{
		{"in order", "100 - SYN\n101 abc\n104 def\n107 - FIN", "abcdef"},
		{"out of order", "100 - SYN\n104 def\n101 abc", "abcdef"},
		{"waits for a hole", "100 - SYN\n104 def", ""},
		{"acknowledged hole", "100 - SYN\n101 ab\n104 def\nack 107", "ab<1 acknowledged but not captured>def"},
		{"acknowledged part of a hole", "100 - SYN\n108 xyz\nack 104\n104 defg", "<3 acknowledged but not captured>defgxyz"},
		{"acknowledged before it is known to be a hole", "100 - SYN\n101 ab\nack 110\n110 xyz", "ab<7 acknowledged but not captured>xyz"},
		{"the acknowledgment came first in the capture", "100 - SYN\nack 104\n101 abc", "abc"},
		{"hole at the end of the capture", "100 - SYN\n101 ab\n104 def\nclose", "ab<1 missing at the end>def"},
		{"acknowledged tail", "100 - SYN\n101 ab\nack 110\nclose", "ab<7 acknowledged but not captured>"},
		{"acknowledged tail of one byte may be the FIN", "100 - SYN\n101 ab\nack 104\nclose", "ab"},
		{"hole before the FIN", "100 - SYN\n101 ab\n106 - FIN\nack 107", "ab<3 acknowledged but not captured>"},
		{"hole before the FIN, not acknowledged", "100 - SYN\n101 ab\n106 - FIN\nclose", "ab<3 missing at the end>"},

		{"retransmission", "100 - SYN\n101 abc\n101 abc\n104 d", "abcd"},
		{"retransmission with more", "100 - SYN\n101 abc\n101 abcdef", "abcdef"},
		{"retransmission of waiting data", "100 - SYN\n104 def\n104 def\n101 abc", "abcdef"},
		{"one segment over many", "100 - SYN\n103 c\n105 e\n107 g\n101 abcdefgh", "abcdefgh"},
		{"late data does not fill a gap that was handed out", "100 - SYN\n104 def\nack 107\n101 abc\n107 g", "<3 acknowledged but not captured>defg"},

		{"sequence wrap", "0xfffffffc - SYN\n0xfffffffd abc\n3 ghi\n0 def", "abcdefghi"},
		{"data in the SYN", "100 abc SYN\n104 def", "abcdef"},
		{"data in the SYN, sent again after it", "100 abc SYN\n101 abc\n104 def", "abcdef"},
		{"SYN sent again", "100 - SYN\n100 - SYN\n101 abc\n100 - SYN\n104 d", "abcd"},
		{"SYN with another sequence number before any data", "100 - SYN\n500 - SYN\n501 abc", "abc"},
		{"SYN of another incarnation", "100 - SYN\n101 abc\n900000 xyz SYN\n104 d", "abcd"},
		{"data in the FIN", "100 - SYN\n101 abc FIN\n105 x", "abc"},
		{"FIN before the data", "100 - SYN\n104 - FIN\n101 abc", "abc"},
		{"data behind the FIN", "100 - SYN\n101 abc FIN\nack 105\n104 xyz", "abc"},
		{"data behind the FIN before it", "100 - SYN\n105 xyz\n101 abc FIN\nclose", "abc"},
		{"data in the place of a FIN: it was none", "100 - SYN\n101 abc FIN\nack 104\n104 def", "abcdef"},
		{"data in the place of a FIN before it", "100 - SYN\n104 def\n101 abc FIN", "abcdef"},
		{"more is acknowledged than the FIN: it was none", "100 - SYN\n101 abc FIN\n106 fgh\nack 109", "abc<2 acknowledged but not captured>fgh"},
		{"a RST's text is not data", "100 - SYN\n101 abc\n104 reason RST\n104 def", "abcdef"},

		{"keep-alive of one byte", "100 - SYN\n101 abc\nack 104\n103 \x00\n104 def", "abcdef"},
		{"keep-alive whose place was not captured", "100 - SYN\n101 abc\nack 109\n108 \x00\n109 xyz", "abc<5 acknowledged but not captured>xyz"},
		{"zero-window probe with the next byte", "100 - SYN\n101 abc\nack 104\n104 d\n104 def", "abcdef"},

		{"start in the middle", "5000 abc\n5003 def", "abcdef"},
		{"start with an empty segment", "5000 -\n5001 abc", "abc"},
		{"start with a keep-alive", "5000 \x00\n5001 abc", "abc"},
		{"start with a FIN", "5000 - FIN\nack 5001\n5000 abc", ""},
		{"start with what was acknowledged", "ack 5003\n5000 abc\n5003 def", "def"},
		{"start with what was partly acknowledged", "ack 5002\n5000 abc\n5003 def", "cdef"},

		{"cut by the snap length", "100 - SYN\n101 ab len=5\n106 fg len=2", "ab<3 cut off by the snap length>fg"},
		{"cut while it waits", "100 - SYN\n104 de len=4\n101 abc", "abcde<2 cut off by the snap length>"},
		{"cut, then whole", "100 - SYN\n104 d len=3\n104 def\n101 abc", "abcdef"},
		{"whole, then cut", "100 - SYN\n104 def\n104 d len=3\n101 abc", "abcdef"},
		{"nothing but headers", "100 - SYN\n101 - len=5\n106 - len=2 FIN", "<5 cut off by the snap length><2 cut off by the snap length>"},

		{"too far ahead", "100 - SYN\n0x50000000 stray\n101 abc\nclose", "abc"},
		{"too far behind", "100 - SYN\n0x80000000 stray\n101 abc\nclose", "abc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, new(Stream), tt.events); got != tt.want {
				t.Errorf("%s\ngot  %q\nwant %q", tt.events, got, tt.want)
			}
		})
	}
}

// What each policy makes of the four ways in which a new segment can overlap one
// that waits: the table of Novak and Sturges, "Target-Based TCP Stream
// Reassembly", for the policies that are still met.
func TestPolicies(t *testing.T) {
	for _, tt := range []struct {
		name, old, new             string
		first, last, bsd, linuxOne string
	}{
		{"same place", "104 oooo", "104 nnnn", "oooo", "nnnn", "oooo", "oooo"},
		{"begins before, ends within", "104 oooo", "103 nnn", "noooo", "nnnoo", "nnnoo", "nnnoo"},
		{"begins before, ends with it", "104 oo", "103 nnn", "noo", "nnn", "nnn", "nnn"},
		{"covers", "104 oo", "103 nnnn", "noon", "nnnn", "nnnn", "nnnn"},
		{"begins with it, ends within", "104 oooo", "104 nn", "oooo", "nnoo", "oooo", "oooo"},
		{"begins with it, ends behind", "104 oo", "104 nnnn", "oonn", "nnnn", "oonn", "nnnn"},
		{"within", "104 oooo", "105 nn", "oooo", "onno", "oooo", "oooo"},
		{"begins within, ends with it", "104 oooo", "106 nn", "oooo", "oonn", "oooo", "oooo"},
		{"begins within, ends behind", "104 oooo", "106 nnnn", "oooonn", "oonnnn", "oooonn", "oooonn"},
	} {
		for policy, want := range map[Policy]string{First: tt.first, Last: tt.last, BSD: tt.bsd, Windows: tt.bsd, Linux: tt.linuxOne} {
			fill := "abc"
			if strings.HasPrefix(tt.new, "103") {
				fill = "ab"
			}
			s := Stream{Policy: policy}
			got := run(t, &s, "100 - SYN\n"+tt.old+"\n"+tt.new+"\n101 "+fill)
			if got != fill+want {
				t.Errorf("%s, %v: %q, want %q", tt.name, policy, got, fill+want)
			}
			if len(s.Conflicts()) != 1 {
				t.Errorf("%s, %v: %d conflicts, want 1", tt.name, policy, len(s.Conflicts()))
			}
		}
	}
}

// The server's answer is forged, and the true one comes after: both in order, so
// that the receiver took the first, and only a comparison shows it.
func TestConflictWithWhatWasHandedOut(t *testing.T) {
	var s Stream
	got := run(t, &s, "100 - SYN\n101 HTTP/1.1\n109 _302_Found\n109 _200_OK\n116 ...\n")
	if want := "HTTP/1.1_302_Found"; got != want {
		t.Errorf("stream %q, want %q", got, want)
	}
	if len(s.Conflicts()) != 2 {
		t.Fatalf("%d conflicts, want 2", len(s.Conflicts()))
	}
	c := s.Conflicts()[0]
	if c.Offset != 9 || c.Len != 6 || string(c.Kept) != "302_Fo" || string(c.Dropped) != "200_OK" || c.KeptFrame != 3 || c.DroppedFrame != 4 {
		t.Errorf("conflict %+v", c)
	}
}

func TestConflictsAreBounded(t *testing.T) {
	s := Stream{History: 1 << 20}
	long := strings.Repeat("a", 1000)
	events := "100 - SYN\n101 " + long + "\n"
	for range 2 * MaxConflicts {
		events += "101 " + strings.Repeat("b", 1000) + "\n"
	}
	run(t, &s, events)
	if got := len(s.Conflicts()); got != MaxConflicts {
		t.Errorf("%d conflicts kept, want %d", got, MaxConflicts)
	}
	if got := s.Stats().Conflicts; got != 2*MaxConflicts {
		t.Errorf("%d conflicts counted, want %d", got, 2*MaxConflicts)
	}
	if c := s.Conflicts()[0]; c.Len != 1000 || len(c.Kept) != MaxConflictBytes || len(c.Dropped) != MaxConflictBytes {
		t.Errorf("conflict of %d bytes keeps %d and %d, want 1000, %d", c.Len, len(c.Kept), len(c.Dropped), MaxConflictBytes)
	}
}

func TestUrgent(t *testing.T) {
	var s Stream
	got := run(t, &s, "100 - SYN\n101 abc urg=2\n101 abc urg=2\n104 def urg=3")
	if got != "abcdef" {
		t.Errorf("stream %q: urgent bytes must stay in it", got)
	}
	if got := fmt.Sprint(s.Urgent()); got != "[1 5]" {
		t.Errorf("urgent bytes at %v, want [1 5]", got)
	}
}

func TestBufferBound(t *testing.T) {
	s := Stream{MaxBuffered: 10 * (overheadBytes + 100)}
	missing := uint64(0)
	s.Emit = func(c Chunk) {
		if c.Reason == MemoryBound {
			missing += uint64(c.Missing)
		}
	}
	s.Insert(&tcp.Segment{Seq: 0, Flags: tcp.SYN})
	// Every second segment is missing and never acknowledged.
	payload := make([]byte, 100)
	for i := range tcp.Seq(1000) {
		s.Insert(&tcp.Segment{Seq: 101 + 200*i, Len: 100, Payload: payload})
		if s.buffered > s.MaxBuffered {
			t.Fatalf("%d bytes are held, more than %d", s.buffered, s.MaxBuffered)
		}
	}
	if want := uint64(990 * 100); missing != want {
		t.Errorf("%d bytes given up, want %d", missing, want)
	}
}

func TestNothingWaits(t *testing.T) {
	s := Stream{MaxBuffered: -1}
	got := run(t, &s, "100 - SYN\n104 def\n101 abc\n107 g")
	if want := "<3 given up to bound memory>defg"; got != want {
		t.Errorf("stream %q, want %q", got, want)
	}
}

func TestBudget(t *testing.T) {
	b := Budget{Max: 100_000}
	var gaveUp []int
	streams := make([]*Stream, 200)
	for i := range streams {
		s := &Stream{Budget: &b}
		s.Emit = func(c Chunk) {
			if c.Reason == MemoryBound {
				gaveUp = append(gaveUp, i)
			}
		}
		streams[i] = s
		s.Insert(&tcp.Segment{Seq: 0, Flags: tcp.SYN})
	}
	payload := make([]byte, 1000)
	for i, s := range streams {
		s.Insert(&tcp.Segment{Seq: 2001, Len: 1000, Payload: payload})
		if b.Used() > b.Max {
			t.Fatalf("stream %d: %d bytes in use, more than %d", i, b.Used(), b.Max)
		}
	}
	if len(gaveUp) < 100 || b.GivenUp() != len(gaveUp) {
		t.Fatalf("%d gaps, %d given up; want the same, at least 100", len(gaveUp), b.GivenUp())
	}
	for i, got := range gaveUp {
		if got != i {
			t.Fatalf("stream %d gave up in place %d: want the longest waiting first", got, i)
		}
	}
	for _, s := range streams {
		s.Close()
	}
	if b.Used() != 0 || b.longest != nil || b.newest != nil {
		t.Errorf("%d bytes in use after all streams were closed", b.Used())
	}
}

// History may not starve what waits behind holes, and what it cannot keep is
// counted.
func TestBudgetOfHistory(t *testing.T) {
	b := Budget{Max: 64 << 10}
	payload := make([]byte, 1000)
	unchecked := uint64(0)
	for range 20 {
		s := &Stream{Budget: &b}
		s.Insert(&tcp.Segment{Seq: 0, Flags: tcp.SYN})
		for i := range tcp.Seq(10) {
			s.Insert(&tcp.Segment{Seq: 1 + 1000*i, Len: 1000, Payload: payload})
		}
		s.Insert(&tcp.Segment{Seq: 1, Len: 1000, Payload: payload})
		unchecked += s.Stats().Unchecked
	}
	if b.Used() > b.Max/2 {
		t.Errorf("history uses %d bytes, more than half of %d", b.Used(), b.Max)
	}
	if unchecked == 0 {
		t.Error("no byte is reported as unchecked")
	}
}

// A stream that leaves the line from the middle must not break it.
func TestBudgetLineClosesUp(t *testing.T) {
	b := Budget{Max: 10_000}
	payload := make([]byte, 1000)
	var streams [3]Stream
	for i := range streams {
		streams[i].Budget = &b
		streams[i].Insert(&tcp.Segment{Seq: 0, Flags: tcp.SYN})
		streams[i].Insert(&tcp.Segment{Seq: 2001, Len: 1000, Payload: payload})
	}
	streams[1].Close()
	b.Max = 1
	streams[0].Insert(&tcp.Segment{Seq: 5001, Len: 1000, Payload: payload})
	if b.Used() > 1 || b.GivenUp() != 2 || len(streams[2].pending) != 0 {
		t.Errorf("%d bytes in use, %d given up; want both waiting streams to have given up", b.Used(), b.GivenUp())
	}
}

func TestStray(t *testing.T) {
	for _, far := range []string{"0x50000000", "0x80000000", "0xa0000000"} {
		var s Stream
		if got := run(t, &s, "100 - SYN\n"+far+" stray\n101 abc"); got != "abc" || s.Stats().Stray != 1 || s.Stats().Duplicate != 0 {
			t.Errorf("a segment at %s: stream %q, %+v; want one stray segment", far, got, s.Stats())
		}
	}
}

// Each side's acknowledgments settle the other's holes; a RST's do not, it may
// be forged.
func TestDuplex(t *testing.T) {
	var d Duplex
	var got [2]string
	for i := range d {
		d[i].Emit = func(c Chunk) {
			if c.Missing > 0 {
				got[i] += fmt.Sprintf("<%d>", c.Missing)
			}
			got[i] += string(c.Bytes)
		}
	}
	say := func(from Side, seq, ack tcp.Seq, flags tcp.Flags, text string) {
		d.Insert(from, &tcp.Segment{Seq: seq, Ack: ack, Flags: flags, Len: uint32(len(text)), Payload: []byte(text)})
	}
	say(Client, 100, 0, tcp.SYN, "")
	say(Server, 500, 101, tcp.SYN|tcp.ACK, "")
	say(Client, 104, 501, tcp.ACK, "def")
	say(Server, 501, 107, tcp.RST|tcp.ACK, "")
	if got[Client] != "" {
		t.Errorf("a RST settled a hole: %q", got[Client])
	}
	say(Server, 503, 107, tcp.ACK, "xyz")
	d.Close()
	if got[Client] != "<3>def" || got[Server] != "<2>xyz" {
		t.Errorf("client %q, server %q; want <3>def and <2>xyz", got[Client], got[Server])
	}
}

func TestParsePolicy(t *testing.T) {
	for _, name := range policyNames {
		p, err := ParsePolicy(name)
		if err != nil || p.String() != name {
			t.Errorf("ParsePolicy(%q) = %v, %v", name, p, err)
		}
	}
	if _, err := ParsePolicy("solaris"); err == nil || !strings.Contains(err.Error(), "linux") {
		t.Errorf("ParsePolicy of an unknown name: %v, want an error that lists the names", err)
	}
}
