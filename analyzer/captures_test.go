package analyzer_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/feed"
	"tcpreplay-fsm/internal/golden"
	"tcpreplay-fsm/tcp"
)

const pcaps = "../testdata/pcaps"

// read analyses captures as the command does. A name "-" reads stdin.
func read(t *testing.T, names []string, stdin io.Reader) []*analyzer.Conversation {
	t.Helper()
	return readWith(t, names, stdin, analyzer.Options{Rows: 100})
}

func readWith(t *testing.T, names []string, stdin io.Reader, o analyzer.Options) []*analyzer.Conversation {
	t.Helper()
	var all []*analyzer.Conversation
	o.Done = func(c *analyzer.Conversation) { all = append(all, c) }
	if _, err := feed.Captures(names, stdin, o); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCaptures prints what is inferred from each capture of testdata/pcaps to
// testdata/captures.golden: how each conversation went, and both timelines as
// state, frame and the first letter of the evidence (sent, acked, presumed, timer,
// Adopted).
func TestCaptures(t *testing.T) {
	var b strings.Builder
	for _, name := range classic(t) {
		fmt.Fprintf(&b, "%s\n", filepath.Base(name))
		for i, c := range read(t, []string{name}, nil) {
			if i == 8 {
				b.WriteString("  and more\n")
				break
			}
			fmt.Fprintf(&b, "  %d: %s, %s by %s\n", c.ID, c.Opened, c.Closed, c.ClosedBy)
			for x, e := range c.Endpoints {
				fmt.Fprintf(&b, "    %s %s\n", analyzer.Side(x), short(e.Timeline))
			}
			for _, f := range c.Findings {
				fmt.Fprintf(&b, "    %s %s %v\n", f.ID, f.Side, f.Frames)
			}
		}
	}
	golden.Compare(t, "testdata/captures.golden", b.String())
}

func short(timeline []analyzer.Transition) string {
	var out []string
	for _, tr := range timeline {
		letter := tr.Evidence.String()[:1]
		if tr.Evidence == analyzer.Adopted {
			letter = "A"
		}
		out = append(out, fmt.Sprintf("%s/%d%s", tr.State, tr.Frame, letter))
	}
	if out == nil {
		return "-"
	}
	return strings.Join(out, " ")
}

// classic returns the captures of testdata/pcaps that are plain pcap files.
func classic(t *testing.T) (names []string) {
	all, err := filepath.Glob(pcaps + "/*.pcap")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		if pcapOrder(head(t, name)) != nil {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		t.Fatal("no captures")
	}
	return names
}

func head(t *testing.T, name string) []byte {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pcapOrder returns the byte order of a classic pcap file, or nil.
func pcapOrder(b []byte) binary.ByteOrder {
	for _, o := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if m := o.Uint32(b); m == 0xa1b2c3d4 || m == 0xa1b23c4d {
			return o
		}
	}
	return nil
}

// A capture is the same as one file, as several that were rotated, and through a
// pipe.
func TestOneFileRotatedOrPiped(t *testing.T) {
	equal := cmp.Options{cmpopts.EquateComparable(tcp.Addr{}), cmpopts.EquateComparable(analyzer.Endpoint{}.Addr), cmpopts.IgnoreUnexported(analyzer.Conversation{})}
	for _, name := range classic(t) {
		if filepath.Base(name) == "damaged_record.pcap" {
			continue // where it is damaged, a part of it ends
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			whole := head(t, name)
			want := read(t, []string{name}, nil)
			if d := cmp.Diff(want, read(t, []string{"-"}, slow{bytes.NewReader(whole)}), equal...); d != "" {
				t.Errorf("through a pipe it differs:\n%s", d)
			}
			if d := cmp.Diff(want, read(t, rotate(t, whole), nil), equal...); d != "" {
				t.Errorf("in three files it differs:\n%s", d)
			}
		})
	}
}

// slow is a pipe that delivers little at a time.
type slow struct{ r io.Reader }

func (s slow) Read(b []byte) (int, error) { return s.r.Read(b[:min(len(b), 7)]) }

// rotate writes the frames of a pcap file to three files.
func rotate(t *testing.T, whole []byte) (names []string) {
	const header, record = 24, 16
	order := pcapOrder(whole)
	var ends []int
	for at := header; at+record <= len(whole); {
		at += record + int(order.Uint32(whole[at+8:]))
		ends = append(ends, at)
	}
	from := header
	for i := 1; i <= 3; i++ {
		to := header
		if n := len(ends) * i / 3; n > 0 {
			to = ends[n-1]
		}
		name := filepath.Join(t.TempDir(), fmt.Sprintf("part%d.pcap", i))
		if err := os.WriteFile(name, append(whole[:header:header], whole[from:to]...), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
		from = to
	}
	return names
}
