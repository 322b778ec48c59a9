package report

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
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
}

const (
	detailBytes = 4 << 20
	rowsPerLine = 256 // conversations in one line of the index
	rareFirst   = 20  // so many conversations of each kind go before any repetition
)

// NewHTML returns a Writer of one self-contained page. Rows of conversations
// are written as they arrive; details wait, compressed, until End. The page
// makes no request and runs no script but its own.
//
// Data is JSON, gzipped and in base64, in script elements of a type no browser
// runs; the page's script unpacks it and puts it in place as text only.
func NewHTML(w io.Writer, o HTMLOptions) Writer {
	if o.DetailBytes == 0 {
		o.DetailBytes = detailBytes
	}
	h := &htmlWriter{out: bufio.NewWriterSize(w, 1<<16), o: o, seen: map[string]int{}, rules: map[string]bool{}}
	h.packer, _ = gzip.NewWriterLevel(nil, 6) // of klauspost: from 7 on three times the time for 3 % of the size
	return h
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

	// Details, the least interesting on top, and conversations that may come among them.
	kept       details
	keptBytes  int
	candidates []candidate
	ordinal    int
	packer     *gzip.Writer
	seen       map[string]int // how many conversations showed each kind
	rules      map[string]bool
}

// detail is one conversation's compressed ladder and findings.
type detail struct {
	id, interest, ordinal int
	data                  []byte // base64
}

// candidate is a conversation whose details are not packed yet.
type candidate struct {
	*analyzer.Conversation
	load              func() // its ladder; nil if that is there, or not wanted
	interest, ordinal int
}

// mostCandidates is how many conversations wait to be packed. Of those that come later
// many are more interesting, so that most of what is packed at once is soon dropped.
const mostCandidates = 2048

type details []detail

func (d details) Len() int      { return len(d) }
func (d details) Swap(i, j int) { d[i], d[j] = d[j], d[i] }
func (d details) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(d[i].interest, d[j].interest), cmp.Compare(d[j].ordinal, d[i].ordinal)) < 0
}
func (d *details) Push(x any) { *d = append(*d, x.(detail)) }
func (d *details) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
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
	return h.keep(c)
}

func (h *htmlWriter) flushLine() error {
	if h.inLine == 0 {
		return nil
	}
	h.inLine = 0
	_, err := h.index.Write(append(h.line, ']', '\n'))
	return err
}

// keep makes c a candidate for the details, if it is interesting enough. One that still
// has LoadRows after this must not be given back (Conversation.Release).
func (h *htmlWriter) keep(c *analyzer.Conversation) error {
	h.ordinal++
	d := candidate{c, c.LoadRows, h.interest(c), h.ordinal}
	if d.load == nil {
		return h.pack(d)
	}
	if h.refuses(d) {
		c.LoadRows = nil
		return nil
	}
	if h.candidates = append(h.candidates, d); len(h.candidates) < mostCandidates {
		return nil
	}
	return h.choose()
}

// choose packs the details of the candidates, the most interesting first.
func (h *htmlWriter) choose() error {
	slices.SortFunc(h.candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.interest, a.interest), cmp.Compare(a.ordinal, b.ordinal))
	})
	for _, d := range h.candidates {
		if err := h.pack(d); err != nil {
			return err
		}
	}
	clear(h.candidates)
	h.candidates = h.candidates[:0]
	return nil
}

// refuses reports whether the details that are kept are all more interesting than d.
func (h *htmlWriter) refuses(d candidate) bool {
	full := h.keptBytes >= h.o.DetailBytes*15/16
	return h.o.DetailBytes < 0 || full && len(h.kept) > 0 && d.interest <= h.kept[0].interest
}

// pack packs the details of d and drops the least interesting ones over the budget,
// perhaps its own.
func (h *htmlWriter) pack(d candidate) error {
	if h.refuses(d) {
		return nil
	}
	if d.load != nil {
		d.load()
	}
	var packed bytes.Buffer
	h.packer.Reset(&packed)
	h.packer.Write(appendDetail(nil, d.Conversation, h.base))
	if d.load != nil {
		d.Rows = nil
	}
	if err := h.packer.Close(); err != nil {
		return err
	}
	data := base64.StdEncoding.AppendEncode(nil, packed.Bytes())
	heap.Push(&h.kept, detail{d.ID, d.interest, d.ordinal, data})
	h.keptBytes += len(data)
	for h.keptBytes > h.o.DetailBytes {
		h.keptBytes -= len(heap.Pop(&h.kept).(detail).data)
	}
	return nil
}

// interest ranks conversations for the detail budget: the first few of every
// finding and of every way to end, then by severity, then by richness.
func (h *htmlWriter) interest(c *analyzer.Conversation) int {
	kinds := []string{"closed " + string(c.Closed)}
	for i := range c.Findings {
		kinds = append(kinds, c.Findings[i].ID)
	}
	score := min(c.Segments, 99)
	if c.Rows != nil { // somebody asked for this ladder
		score += 1_000_000
	}
	for _, k := range kinds {
		if h.seen[k]++; h.seen[k] <= rareFirst {
			score += 10_000
		}
	}
	if worst, any := c.Worst(); any {
		score += 1000 * (int(worst) + 1)
	}
	return score
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

	if err := h.choose(); err != nil {
		return err
	}
	slices.SortFunc(h.kept, func(a, b detail) int { return cmp.Compare(a.id, b.id) })
	for _, d := range h.kept {
		fmt.Fprintf(h.out, `<script type="application/gzip" id="d%d">%s</script>`+"\n", d.id, d.data)
	}
	meta, err := json.Marshal(h.meta(c, across)) // escapes <, > and & for HTML
	if err != nil {
		return err
	}
	fmt.Fprintf(h.out, `<script type="application/json" id="meta">%s</script>`+"\n", meta)
	if err := page.ExecuteTemplate(h.out, "tail", pageParts); err != nil {
		return err
	}
	return h.out.Flush()
}

func (h *htmlWriter) meta(c *Capture, across []analyzer.Finding) *pageMeta {
	m := &pageMeta{
		Title: shown(h.o.Title), Base: strconv.FormatInt(h.base, 10), First: c.First - h.base, Last: c.Last - h.base,
		Frames: c.Frames, Segments: c.Segments, Evicted: c.Evicted, Budget: h.o.DetailBytes, Total: h.total, Detailed: len(h.kept),
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
