package report

import (
	"encoding/json"
	"strings"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/jsonenc"
)

// What the page gets of a conversation is arrays, not objects: a capture of
// 50 000 conversations is read at once, and names would be most of it. The
// order here is the order in html/data.js.

// jsonArray builds one JSON array.
type jsonArray struct{ object }

func newArray(b []byte) jsonArray { return jsonArray{object{b: append(b, '[')}} }

func (a *jsonArray) open()  { a.element('[') }
func (a *jsonArray) close() { a.object.close(']') }

func (a *jsonArray) ints(values ...int64) {
	for _, v := range values {
		a.next()
		a.number(v)
	}
}

func (a *jsonArray) strings(values ...string) {
	for _, v := range values {
		a.next()
		a.b = jsonenc.AppendString(a.b, shown(v))
	}
}

// shown is s with what would mislead a reader's eye escaped, as direction marks
// and control characters; only its line ends stay.
func shown(s string) string {
	if isPrintable(s) {
		return s
	}
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// appendRow appends what every conversation gets: the line of the table, both
// timelines, and its findings without their long text.
func appendRow(b []byte, c *analyzer.Conversation, base int64) []byte {
	a := newArray(b)
	client, server := &c.Endpoints[0], &c.Endpoints[1]
	a.ints(int64(c.ID))
	a.strings(client.Addr.Addr().String())
	a.ints(int64(client.Addr.Port()))
	a.strings(server.Addr.Addr().String())
	a.ints(int64(server.Addr.Port()), bit(c.InitiatorKnown))
	a.strings(c.Scope)
	a.ints(int64(c.FirstFrame), int64(c.LastFrame), c.First-base, c.Last-base, int64(c.Segments))
	a.strings(string(c.Opened), string(c.Closed), c.ClosedBy, c.Verdict)
	a.open()
	a.strings(c.Facts...)
	a.close()
	for i := range c.Endpoints {
		e := &c.Endpoints[i]
		a.open()
		a.ints(int64(e.State), int64(e.Bytes), int64(e.Segments), int64(e.Retransmissions), int64(e.Resets))
		a.open()
		for _, t := range e.Timeline {
			a.ints(int64(t.State), int64(t.Event), int64(t.Frame), t.Time-base, int64(t.Evidence))
		}
		a.close()
		a.close()
	}
	a.open()
	for i := range c.Findings {
		a.next()
		a.b = appendFinding(a.b, &c.Findings[i], false)
	}
	a.close()
	a.strings(protocolOf(c))
	return append(a.b, ']')
}

// framesInRow bounds the frames of a finding in a row; the detail has them all.
const framesInRow = 8

func appendFinding(b []byte, f *analyzer.Finding, long bool) []byte {
	a := newArray(b)
	a.strings(f.ID)
	a.ints(int64(f.Severity), int64(f.Side), int64(f.Confidence))
	a.strings(f.Summary)
	a.open()
	for i, frame := range f.Frames {
		if long || i < framesInRow {
			a.ints(int64(frame))
		}
	}
	a.close()
	if long {
		a.strings(f.Detail)
		a.open()
		for _, id := range f.Conversations {
			a.ints(int64(id))
		}
		a.close()
	}
	return append(a.b, ']')
}

// appendDetail appends what an opened conversation shows besides its row: the
// ladder, the long text of findings, causes, measures and options.
func appendDetail(b []byte, c *analyzer.Conversation, base int64) []byte {
	a := newArray(b)
	a.ints(int64(c.RowsOmitted), int64(c.RowsGapAt))
	a.open()
	for i := range c.Findings {
		a.next()
		a.b = appendFinding(a.b, &c.Findings[i], true)
	}
	a.close()
	for i := range c.Endpoints {
		appendEndpoint(&a, &c.Endpoints[i])
	}
	a.open()
	seqs := analyzer.NewRelative(c)
	for i := range c.Rows {
		appendLadderRow(&a, &c.Rows[i], base, seqs)
	}
	a.close()
	a.open()
	for i := range c.Resets {
		appendReset(&a, &c.Resets[i])
	}
	a.close()
	a.ints(int64(c.ResetsOmitted))
	return append(a.b, ']')
}

func appendReset(a *jsonArray, r *analyzer.Reset) {
	a.open()
	a.ints(int64(r.Frame), int64(r.Side), bit(r.Reply), int64(r.Trigger), int64(r.Confidence))
	a.strings(r.Cause, r.Summary, string(r.Fate), r.Why, r.Saw[0], r.Saw[1])
	a.open()
	a.strings(r.Reasons...)
	a.close()
	a.open()
	a.strings(r.Injected...)
	a.close()
	a.close()
}

func appendEndpoint(a *jsonArray, e *analyzer.Endpoint) {
	a.open()
	a.open()
	for _, t := range e.Timeline {
		a.strings(t.Cause, t.Ref)
	}
	a.close()
	a.ints(int64(e.ISN), bit(e.ISNKnown))
	o := &e.Offered
	a.open()
	a.ints(int64(o.Set), int64(o.MSS), int64(o.WindowScale))
	a.close()
	m, err := json.Marshal(e.Measures)
	if err != nil { // a NaN: better no measure than no page
		m = []byte("{}")
	}
	a.next()
	a.b = append(a.b, m...)
	a.close()
}

func appendLadderRow(a *jsonArray, r *analyzer.Row, base int64, seqs *analyzer.Relative) {
	seq, ack := seqs.Of(r)
	a.open()
	a.ints(int64(r.Frame), r.Time-base, int64(r.From), int64(r.Flags), seq, ack, int64(r.Len), int64(r.Window),
		int64(r.States[0]), int64(r.States[1]), int64(r.Evidence[0]), int64(r.Evidence[1]),
		bit(r.Changed[0])|bit(r.Changed[1])<<1|bit(r.Known[0])<<2|bit(r.Known[1])<<3|bit(r.ICMP)<<4,
		int64(r.InFlight[0]), int64(r.InFlight[1]), r.RTT)
	a.open()
	for _, block := range r.SACK {
		left := ack + int64(block.Left.Sub(r.Ack))
		a.ints(left, left+int64(block.Right.Sub(block.Left)))
	}
	a.close()
	a.open()
	a.strings(r.Marks...)
	a.close()
	a.strings(r.Note, r.Comment)
	a.close()
}
