package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/palette"
	"tcpreplay-fsm/internal/words"
)

// TextOptions tunes the text report. The zero value is 80 columns without
// colour.
type TextOptions struct {
	Width int  // columns to fill, from 64 to 1000; 0 means 80
	Color bool // ANSI colours
	Top   int  // rows of the table of conversations; 0 means 50, negative means all

	// Ladders holds the ids of the conversations to print packet by packet. Nil
	// means all if the capture has at most FewConversations, each ladder then
	// cut to 80 lines; else none. The analyzer must have been told to keep rows.
	Ladders map[int]bool
}

// FewConversations is how many conversations a text report prints packet by
// packet without being asked.
const FewConversations = 8

// NewText returns a Writer for people. It writes at End, and keeps until then
// the rows of the table and the conversations whose ladders it prints.
func NewText(w io.Writer, o TextOptions) Writer { return newTextWriter(w, o) }

func newTextWriter(w io.Writer, o TextOptions) *textWriter {
	return &textWriter{w: w, o: TextOptions{
		Width:   min(max(64, cmp.Or(o.Width, 80)), 1000),
		Color:   o.Color,
		Top:     cmp.Or(o.Top, 50),
		Ladders: o.Ladders,
	}, Palette: palette.New(o.Color), kinds: map[string]*kind{}}
}

type textWriter struct {
	palette.Palette
	w   io.Writer
	o   TextOptions
	out bytes.Buffer

	count int // conversations
	table table
	kinds map[string]*kind         // findings, by id
	shown []*analyzer.Conversation // to print packet by packet
	names map[netip.Addr]string    // of Capture
	first int64                    // of Capture, as last
	last  int64
}

// kind counts the findings of one rule.
type kind struct {
	id       string
	severity analyzer.Severity
	n        int
}

func (t *textWriter) Conversation(c *analyzer.Conversation) error {
	t.count++
	t.table.add(c, t.o.Top)
	t.tally(c.Findings)
	switch {
	case t.o.Ladders[c.ID], t.o.Ladders == nil && t.count <= FewConversations:
		t.shown = append(t.shown, c)
	case t.o.Ladders == nil:
		t.shown = nil
	}
	return nil
}

func (t *textWriter) tally(fs []analyzer.Finding) {
	for i := range fs {
		k := t.kinds[fs[i].ID]
		if k == nil {
			k = &kind{id: fs[i].ID}
			t.kinds[k.id] = k
		}
		k.n++
		k.severity = max(k.severity, fs[i].Severity)
	}
}

func (t *textWriter) End(c *Capture, across []analyzer.Finding) error {
	t.tally(across)
	t.names, t.first, t.last = c.Names, c.First, c.Last
	t.summary(c)
	// Who asked for a conversation does not want to search for it behind all others.
	asked := len(t.o.Ladders) > 0 && len(t.shown) > 0
	if !asked {
		t.printFindings(c.Unshown)
	}
	if !asked && (t.count > 1 || len(t.shown) < t.count) {
		t.printTable()
	}
	if !asked && len(across) > 0 {
		t.heading("over several conversations")
		for i := range across {
			t.finding(&across[i])
		}
	}
	slices.SortFunc(t.shown, func(a, b *analyzer.Conversation) int { return cmp.Compare(a.ID, b.ID) })
	for _, c := range t.shown {
		t.conversation(c)
	}
	if len(t.shown) > 0 {
		t.legend()
	}
	_, err := t.w.Write(t.out.Bytes())
	return err
}

// printf writes to the report; the format holds the line's end.
func (t *textWriter) printf(format string, args ...any) { fmt.Fprintf(&t.out, format, args...) }

// heading begins a section.
func (t *textWriter) heading(s string) {
	rule := strings.Repeat("─", max(0, t.o.Width-columns(s)-4))
	t.printf("\n%s %s %s\n", t.Faint("──"), t.Title(s), t.Faint(rule))
}

// leastBeside is in how many columns the title of a finding can stand beside it.
const leastBeside = 40

// readable is the longest line of prose; wider ones are hard to follow.
const readable = 100

// paragraph writes s wrapped, after a first line's label and under it.
func (t *textWriter) paragraph(label, s string) {
	t.painted(label, s, func(s string) string { return s })
}

// painted is a paragraph of another colour.
func (t *textWriter) painted(label, s string, paint palette.Brush) {
	for i, line := range wrap(s, min(t.o.Width, readable)-columns(label)) {
		if i > 0 {
			label = strings.Repeat(" ", columns(label))
		}
		if line == "" {
			t.printf("\n")
		} else {
			t.printf("%s%s\n", label, paint(line))
		}
	}
}

// summary says what was read, and what of it was left out.
func (t *textWriter) summary(c *Capture) {
	for i := range c.Inputs {
		in := &c.Inputs[i]
		if in.Format == "" && in.Err != "" {
			t.paragraph("", fmt.Sprintf("%s: not read: %s", in.Name, in.Err))
			continue
		}
		what := in.Format
		if len(in.LinkTypes) > 0 {
			what += ", " + strings.Join(in.LinkTypes, " + ")
		}
		t.paragraph("", fmt.Sprintf("%s: %s, %s", in.Name, what, words.Count(in.Frames, "frame")))
		if in.Err != "" {
			t.paragraph("  damaged: ", in.Err)
		}
	}
	t.printf("\n")
	if c.Frames > 0 {
		t.paragraph("time           ", fmt.Sprintf("%s, %s long", clock(c.First), length(c.Last-c.First)))
	}
	t.printf("%s\n", "TCP            "+words.Count(c.Segments, "segment")+" in "+words.Count(t.count, "conversation"))
	if skipped := c.Frames - c.Segments; skipped > 0 {
		var reasons []string
		for _, s := range c.Skipped {
			reasons = append(reasons, fmt.Sprintf("%d %s", s.N, s.Reason))
		}
		t.paragraph("skipped        ", words.Count(skipped, "frame")+": "+strings.Join(reasons, ", "))
	}
	if c.Evicted > 0 {
		t.paragraph("bound reached  ", words.Count(c.Evicted, "conversation")+" handed on early to bound memory")
	}
	for _, n := range c.Notices {
		t.paragraph("notice         ", n)
	}
}

// printFindings lists the kinds of findings, the most severe first. What they mean is
// told beside them or, where the lines are short, below those that call for it; not
// where every conversation is printed with its findings anyway. So many more were not
// asked for: their absence says nothing.
func (t *textWriter) printFindings(unshown int) {
	kinds := make([]*kind, 0, len(t.kinds))
	for _, k := range t.kinds {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b *kind) int {
		return cmp.Or(-cmp.Compare(a.severity, b.severity), -cmp.Compare(a.n, b.n), cmp.Compare(a.id, b.id))
	})
	label := "findings       "
	if len(kinds) == 0 {
		t.printf("%snone\n", label)
		label = strings.Repeat(" ", len(label))
	}
	titles, widest := map[string]string{}, 0
	for _, k := range kinds {
		widest = max(widest, columns(k.id))
	}
	if len(t.shown) < t.count {
		for _, r := range analyzer.Rules() {
			titles[r.ID] = r.Title
		}
	}
	lead := len(label) + len("warning 12345  ")
	beside := lead + widest + 2
	for _, k := range kinds {
		t.printf("%s%s %5d  ", label, t.Severity(k.severity)(pad(k.severity.String(), 7)), k.n)
		label = strings.Repeat(" ", len(label))
		id, title := printable(k.id), titles[k.id]
		switch {
		case title == "":
			t.printf("%s\n", id)
		case t.o.Width-beside >= leastBeside:
			for i, line := range wrap(title, t.o.Width-beside) {
				if i > 0 {
					t.printf("%s", strings.Repeat(" ", lead))
					id = ""
				}
				t.printf("%s  %s\n", pad(id, widest), t.Faint(line))
			}
		default:
			t.printf("%s\n", id)
			if k.severity >= analyzer.Warning {
				t.painted(strings.Repeat(" ", lead+2), title, t.Faint)
			}
		}
	}
	if unshown > 0 {
		t.printf("%s%s\n", label, t.Faint(fmt.Sprintf("%d not asked for", unshown)))
	}
}

// clock is a time of day with its date, UTC.
func clock(ns int64) string { return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05.000000 UTC") }

// seconds is a duration in seconds to the microsecond.
func seconds(ns int64) string { return fmt.Sprintf("%.6f", float64(ns)/1e9) }

// length is a duration in seconds, and what that is where seconds are hard to picture.
func length(ns int64) string {
	s := seconds(ns) + " s"
	if ns >= int64(time.Hour) {
		s += " (" + span(ns) + ")"
	}
	return s
}
