package report

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/klauspost/compress/gzip"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// HTMLOptions tunes the HTML report. The zero HTMLOptions is ready to use.
type HTMLOptions struct {
	// Title heads the page; "" means the name of the first input.
	Title string

	// DetailBytes bounds the part of the page that holds ladders and series, in
	// bytes as written; 0 means 4 MiB, less than 0 keeps none. The most
	// interesting conversations get it; all others still get their row, their
	// timeline and their findings, and the page says so.
	DetailBytes int

	// Rows is how many rows a ladder has at most (analyzer.Options), which tells what
	// a conversation may take before it is packed.
	Rows int

	// Workers is how many details are packed at a time; 0 means one. The page is
	// the same for any number.
	Workers int
}

const (
	detailBytes = 4 << 20
	rowsPerLine = 256 // conversations in one line of the index
)

// NewHTML returns a Writer of one self-contained page. Rows of conversations
// are written as they arrive; details wait until End. The page
// makes no request and runs no script but its own.
//
// Data is JSON, gzipped and in base64, in script elements of a type no browser
// runs; the page's script unpacks it and puts it in place as text only.
func NewHTML(w io.Writer, o HTMLOptions) Writer {
	if o.DetailBytes == 0 {
		o.DetailBytes = detailBytes
	}
	return &htmlWriter{out: bufio.NewWriterSize(w, 1<<16), o: o, details: newDetails(o), rules: map[string]bool{}}
}

type htmlWriter struct {
	out *bufio.Writer
	o   HTMLOptions

	// The index: one compressed stream of lines, each a JSON array of rows.
	begun  bool
	base   int64 // times in the page count from here
	b64    io.WriteCloser
	index  *gzip.Writer
	line   []byte
	inLine int
	total  int

	details details
	rules   map[string]bool
}

func (h *htmlWriter) begin(base int64) error {
	h.begun, h.base = true, base
	if err := page.ExecuteTemplate(h.out, "head", pageParts); err != nil {
		return err
	}
	h.out.WriteString(`<script type="application/gzip" id="index">`)
	h.b64 = base64.NewEncoder(base64.StdEncoding, h.out)
	h.index, _ = gzip.NewWriterLevel(h.b64, gzip.DefaultCompression)
	return nil
}

func (h *htmlWriter) Conversation(c *analyzer.Conversation) error {
	if !h.begun {
		if err := h.begin(c.First); err != nil {
			return err
		}
	}
	h.total++
	if h.inLine == 0 {
		h.line = append(h.line[:0], '[')
	} else {
		h.line = append(h.line, ',')
	}
	h.line = appendRow(h.line, c, h.base)
	if h.inLine++; h.inLine == rowsPerLine {
		if err := h.flushLine(); err != nil {
			return err
		}
	}
	for i := range c.Findings {
		h.rules[c.Findings[i].ID] = true
	}
	h.details.add(c, h.base)
	return nil
}

func (h *htmlWriter) flushLine() error {
	if h.inLine == 0 {
		return nil
	}
	h.inLine = 0
	_, err := h.index.Write(append(h.line, ']', '\n'))
	return err
}

// pageMeta is what the page knows besides conversations. Its slices are never
// nil, which spares the script questions.
type pageMeta struct {
	Title    string              `json:"title"`
	Base     string              `json:"base"` // Unix nanoseconds, more than a JavaScript number holds
	First    int64               `json:"first"`
	Last     int64               `json:"last"`
	Frames   int                 `json:"frames"`
	Segments int                 `json:"segments"`
	Inputs   []Input             `json:"inputs"`
	Skipped  []Count             `json:"skipped"`
	Names    map[string]string   `json:"names"` // by address; printable
	Selected bool                `json:"selected"`
	Unshown  int                 `json:"unshown"`
	Evicted  int                 `json:"evicted"`
	Budget   int                 `json:"budget"` // bytes for details; less than 0 for none
	Notices  []string            `json:"notices"`
	Total    int                 `json:"total"`
	Detailed int                 `json:"detailed"`
	Across   []json.RawMessage   `json:"across"`
	Rules    map[string]pageRule `json:"rules"`
	States   []string            `json:"states"`
	Events   []string            `json:"events"`
	Arrows   [][4]any            `json:"arrows"` // from, event, to, reference
}

type pageRule struct {
	Title, About, Seen, Means, Apps, Check, Sources string
	Severity                                        int
}

func (h *htmlWriter) End(c *Capture, across []analyzer.Finding) error {
	if !h.begun {
		if err := h.begin(c.First); err != nil {
			return err
		}
	}
	if err := h.flushLine(); err != nil {
		return err
	}
	if err := cmp.Or(h.index.Close(), h.b64.Close()); err != nil {
		return err
	}
	h.out.WriteString("</script>\n")

	details := h.details.choose(h.base)
	for _, d := range details {
		fmt.Fprintf(h.out, `<script type="application/gzip" id="d%d">%s</script>`+"\n", d.id, d.data)
	}
	meta, err := json.Marshal(h.meta(c, across, len(details))) // escapes <, > and & for HTML
	if err != nil {
		return err
	}
	fmt.Fprintf(h.out, `<script type="application/json" id="meta">%s</script>`+"\n", meta)
	if err := page.ExecuteTemplate(h.out, "tail", pageParts); err != nil {
		return err
	}
	return h.out.Flush()
}

func (h *htmlWriter) meta(c *Capture, across []analyzer.Finding, detailed int) *pageMeta {
	m := &pageMeta{
		Title: shown(h.o.Title), Base: strconv.FormatInt(h.base, 10), First: c.First - h.base, Last: c.Last - h.base,
		Frames: c.Frames, Segments: c.Segments, Selected: c.Selected, Unshown: c.Unshown, Evicted: c.Evicted, Budget: h.o.DetailBytes, Total: h.total, Detailed: detailed,
		Inputs: make([]Input, len(c.Inputs)), Skipped: append([]Count{}, c.Skipped...),
		Notices: make([]string, len(c.Notices)), Across: []json.RawMessage{}, Rules: map[string]pageRule{},
	}
	for i, in := range c.Inputs {
		in.Name, in.Format, in.Err = shown(in.Name), shown(in.Format), shown(in.Err)
		m.Inputs[i] = in
	}
	for i, notice := range c.Notices {
		m.Notices[i] = shown(notice)
	}
	m.Names = make(map[string]string, len(c.Names))
	for addr, name := range c.Names {
		m.Names[addr.String()] = printable(name)
	}
	for i := range across {
		h.rules[across[i].ID] = true
		m.Across = append(m.Across, appendFinding(nil, &across[i], true))
	}
	for _, r := range analyzer.Rules() {
		if h.rules[r.ID] {
			m.Rules[r.ID] = pageRule{r.Title, r.About, r.Seen, r.Means, r.Apps, r.Check, r.Sources, int(r.Severity)}
		}
	}
	for _, s := range tcp.States() {
		m.States = append(m.States, s.String())
	}
	m.Events = []string{tcp.NoEvent.String()}
	for _, e := range tcp.Events() {
		m.Events = append(m.Events, e.String())
	}
	for _, a := range tcp.Arrows() {
		m.Arrows = append(m.Arrows, [4]any{a.From, a.On, a.To, a.Ref})
	}
	return m
}
