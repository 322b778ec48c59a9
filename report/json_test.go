package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/golden"
	"tcpreplay-fsm/tcp"
)

func TestJSONGolden(t *testing.T) {
	var b, n bytes.Buffer
	writeAll(t, NewJSON(&b), resetV6(), simultaneousClose())
	writeAll(t, NewNDJSON(&n), resetV6(), simultaneousClose())
	golden.Compare(t, "testdata/report.json.golden", b.String())
	golden.Compare(t, "testdata/report.ndjson.golden", n.String())
}

// The document is what encoding/json reads, with conversations by id.
func TestJSONShape(t *testing.T) {
	var b bytes.Buffer
	writeAll(t, NewJSON(&b), resetV6(), simultaneousClose())
	var doc struct {
		Schema  string
		Capture struct {
			Inputs  []struct{ Name, Error string }
			Skipped map[string]int
			First   string
		}
		Conversations []struct {
			ID        int
			Client    struct{ Addr string }
			Endpoints map[string]struct {
				State    string
				Timeline []struct{ State, Evidence, Ref string }
			}
			Findings []struct{ ID, Severity string }
			Ladder   []struct{ Note, Comment string }
		}
		Findings []struct{ Conversations []int }
	}
	d := json.NewDecoder(&b)
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("after the document: %v, want io.EOF", err)
	}
	if doc.Schema != Schema || doc.Capture.Skipped["ARP"] != 3 || doc.Capture.First != "2026-01-02T03:04:05.000000000Z" {
		t.Errorf("schema %q, capture %+v", doc.Schema, doc.Capture)
	}
	if len(doc.Conversations) != 2 || doc.Conversations[0].ID != 0 || doc.Conversations[1].ID != 1 {
		t.Fatalf("conversations are not in the order of their ids: %+v", doc.Conversations)
	}
	if got := doc.Conversations[1].Ladder[0].Comment; got != "evil \x1b[31m comment \u202e reversed \ufffd\nsecond line" {
		t.Errorf("comment %q", got)
	}
	var states []string
	for _, tr := range doc.Conversations[0].Endpoints["client"].Timeline {
		states = append(states, tr.State+" "+tr.Evidence)
	}
	if got, want := strings.Join(states, ", "), "SYN_SENT sent, ESTABLISHED acked, FIN_WAIT_1 sent, CLOSING acked, TIME_WAIT presumed, CLOSED timer"; got != want {
		t.Errorf("client's timeline %s, want %s", got, want)
	}
	if len(doc.Findings) != 1 || len(doc.Findings[0].Conversations) != 2 {
		t.Errorf("findings over conversations: %+v", doc.Findings)
	}
}

// An empty report is whole, too: no null where an array stands.
func TestJSONEmpty(t *testing.T) {
	for name, newWriter := range map[string]func(io.Writer) Writer{"json": NewJSON, "ndjson": NewNDJSON} {
		var b bytes.Buffer
		if err := newWriter(&b).End(&Capture{}, nil); err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatalf("%s: %v in %s", name, err, b.Bytes())
		}
		if capture := doc["capture"].(map[string]any); capture["first"] != nil || capture["inputs"] == nil || doc["findings"] == nil {
			t.Errorf("%s: %s", name, b.Bytes())
		}
	}
}

// What a spool gives back does not depend on whether it went through a file.
func TestSpool(t *testing.T) {
	for _, limit := range []int{1, 100, 1 << 20} {
		s := spool{limit: limit}
		for i := range 1024 {
			id := i ^ 0x155 // another order
			if err := s.add(id, fmt.Appendf(nil, "%d%s", id, strings.Repeat(".", id%50))); err != nil {
				t.Fatal(err)
			}
		}
		next := 0
		err := s.each(func(b []byte) error {
			want := fmt.Sprintf("%d%s", next, strings.Repeat(".", next%50))
			if string(b) != want {
				t.Fatalf("limit %d: %q, want %q", limit, b, want)
			}
			next++
			return nil
		})
		if err != nil || next != 1024 {
			t.Errorf("limit %d: %d conversations and %v, want 1024", limit, next, err)
		}
		s.close()
	}
}

func BenchmarkJSON(b *testing.B) {
	c := simultaneousClose()
	c.Rows = nil
	w := NewJSON(io.Discard)
	b.ReportAllocs()
	for i := range b.N {
		c.ID = i
		if err := w.Conversation(c); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.End(sampleCapture(), nil); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "conversations/s")
}

// An MSS of a loopback interface is a large number, not a negative one.
func TestLargeMSS(t *testing.T) {
	c := &analyzer.Conversation{}
	c.Endpoints[analyzer.Client].ISNKnown = true
	c.Endpoints[analyzer.Client].Offered = tcp.Options{Set: tcp.OptMSS, MSS: 65495}
	var b bytes.Buffer
	if err := NewNDJSON(&b).Conversation(c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"mss":65495`) {
		t.Errorf("no mss 65495 in %s", &b)
	}
}
