package report

import (
	"io"
	"maps"
	"net/netip"
	"slices"

	"tcpreplay-fsm/analyzer"
)

// NewJSON returns a Writer of one JSON document (docs/json.md) with the
// conversations in the order of their ids. Since they end in another order they
// are kept in encoded form until End: 16 MiB in memory, the rest in a temporary
// file.
func NewJSON(w io.Writer) Writer { return &jsonWriter{w: w} }

type jsonWriter struct {
	w     io.Writer
	o     object
	spool spool
}

func (j *jsonWriter) Conversation(c *analyzer.Conversation) error {
	j.o = object{b: j.o.b[:0]}
	appendConversation(&j.o, c)
	return j.spool.add(c.ID, j.o.b)
}

func (j *jsonWriter) End(c *Capture, across []analyzer.Finding) error {
	defer j.spool.close()
	o := object{b: append(j.o.b[:0], '{')}
	o.string("schema", Schema)
	o.b = append(o.b, ",\n"...)
	o.comma = false
	appendCapture(&o, c)
	o.b = append(o.b, ",\n\"conversations\":["...)
	if _, err := j.w.Write(o.b); err != nil {
		return err
	}
	sep := "\n"
	err := j.spool.each(func(b []byte) error {
		o.b = append(append(o.b[:0], sep...), b...)
		sep = ",\n"
		_, err := j.w.Write(o.b)
		return err
	})
	if err != nil {
		return err
	}
	o = object{b: append(o.b[:0], "],\n"...)}
	appendFindings(&o, across)
	o.b = append(o.b, "}\n"...)
	_, err = j.w.Write(o.b)
	return err
}

// NewNDJSON returns a Writer of one JSON object a line: the conversations as
// they end, then {"capture":…,"findings":…}. Each line is one Write and nothing
// is held back; wrap w in a bufio.Writer unless someone is waiting for lines.
func NewNDJSON(w io.Writer) Writer { return &ndjsonWriter{w: w} }

type ndjsonWriter struct {
	w io.Writer
	o object
}

func (n *ndjsonWriter) Conversation(c *analyzer.Conversation) error {
	n.o = object{b: n.o.b[:0]}
	appendConversation(&n.o, c)
	n.o.b = append(n.o.b, '\n')
	_, err := n.w.Write(n.o.b)
	return err
}

func (n *ndjsonWriter) End(c *Capture, across []analyzer.Finding) error {
	o := object{b: append(n.o.b[:0], '{')}
	appendCapture(&o, c)
	appendFindings(&o, across)
	o.b = append(o.b, "}\n"...)
	_, err := n.w.Write(o.b)
	return err
}

func appendCapture(o *object, c *Capture) {
	o.open("capture", '{')
	o.open("inputs", '[')
	for i := range c.Inputs {
		in := &c.Inputs[i]
		o.element('{')
		o.string("name", in.Name)
		o.string("format", in.Format)
		o.strings("link_types", in.LinkTypes)
		o.int("frames", int64(in.Frames))
		o.string("error", in.Err)
		o.close('}')
	}
	o.close(']')
	o.int("frames", int64(c.Frames))
	o.int("segments", int64(c.Segments))
	o.open("skipped", '{')
	for _, s := range c.Skipped {
		o.int(s.Reason, int64(s.N))
	}
	o.close('}')
	if c.Frames > 0 {
		o.time("first", c.First)
		o.time("last", c.Last)
	} else {
		o.null("first")
		o.null("last")
	}
	if len(c.Names) > 0 {
		o.open("names", '{')
		for _, addr := range slices.SortedFunc(maps.Keys(c.Names), netip.Addr.Compare) {
			o.string(addr.String(), c.Names[addr])
		}
		o.close('}')
	}
	o.int("evicted", int64(c.Evicted))
	o.strings("notices", c.Notices)
	o.close('}')
}

func appendConversation(o *object, c *analyzer.Conversation) {
	o.element('{')
	o.int("id", int64(c.ID))
	for side := analyzer.Client; side <= analyzer.Server; side++ {
		a := c.Endpoints[side].Addr
		o.open(side.String(), '{')
		o.key("addr")
		o.b = append(o.b, '"')
		o.b = a.Addr().AppendTo(o.b)
		o.b = append(o.b, '"')
		o.int("port", int64(a.Port()))
		o.close('}')
	}
	o.bool("initiator_known", c.InitiatorKnown)
	if c.Scope != "" {
		o.string("scope", c.Scope)
	}
	if c.Protocol.Protocol != "" {
		o.string("protocol", c.Protocol.Protocol)
		o.string("protocol_detail", c.Protocol.Detail)
	}
	if c.HTTPRequests > 0 {
		o.string("http_version", c.HTTPVersion)
		o.int("http_requests", int64(c.HTTPRequests))
	}
	o.int("first_frame", int64(c.FirstFrame))
	o.int("last_frame", int64(c.LastFrame))
	o.time("first", c.First)
	o.time("last", c.Last)
	o.seconds("duration", c.Last-c.First)
	o.int("segments", int64(c.Segments))
	o.string("opened", string(c.Opened))
	o.string("closed", string(c.Closed))
	o.string("closed_by", c.ClosedBy)
	o.string("verdict", c.Verdict)
	o.strings("facts", c.Facts)
	o.open("endpoints", '{')
	for side := analyzer.Client; side <= analyzer.Server; side++ {
		o.open(side.String(), '{')
		appendSide(o, c, side)
		o.close('}')
	}
	o.close('}')
	appendAgreed(o, &c.Agreed)
	appendResets(o, c)
	appendFindings(o, c.Findings)
	if c.Rows != nil {
		appendLadder(o, c)
	}
	if c.Series != nil {
		appendSeries(o, c)
	}
	o.close('}')
}

func appendSide(o *object, c *analyzer.Conversation, side analyzer.Side) {
	e := &c.Endpoints[side]
	o.string("state", e.State.String())
	o.key("bytes")
	o.unsigned(e.Bytes)
	o.int("segments", int64(e.Segments))
	o.int("retransmissions", int64(e.Retransmissions))
	o.int("resets", int64(e.Resets))
	if e.ISNKnown {
		o.int("isn", int64(e.ISN))
		appendOffered(o, e)
	}
	appendMeasures(o, c, side)
	o.open("timeline", '[')
	for i := range e.Timeline {
		t := &e.Timeline[i]
		o.element('{')
		o.string("state", t.State.String())
		o.int("frame", int64(t.Frame))
		o.time("time", t.Time)
		o.string("cause", t.Cause)
		o.string("evidence", t.Evidence.String())
		o.string("ref", t.Ref)
		o.close('}')
	}
	o.close(']')
}

func appendFindings(o *object, fs []analyzer.Finding) {
	o.open("findings", '[')
	for i := range fs {
		f := &fs[i]
		o.element('{')
		o.string("id", f.ID)
		o.string("severity", f.Severity.String())
		o.string("side", f.Side.String())
		o.ints("frames", f.Frames)
		o.string("confidence", f.Confidence.String())
		o.string("summary", f.Summary)
		o.string("detail", f.Detail)
		if f.Conversations != nil {
			o.ints("conversations", f.Conversations)
		}
		o.close('}')
	}
	o.close(']')
}
