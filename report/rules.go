package report

import (
	"cmp"
	"io"

	"tcpreplay-fsm/analyzer"
)

// Explain writes the page of one kind of finding for people.
func Explain(w io.Writer, r *analyzer.Rule, o TextOptions) error {
	t := newTextWriter(w, o)
	t.printf("%s  %s, about %s\n", t.Bold(r.ID), t.Severity(r.Severity)(r.Severity.String()), r.About)
	t.paragraph("", r.Title+".")
	for _, part := range [...]struct{ title, text string }{
		{"What is seen", r.Seen},
		{"What it means", r.Means},
		{"What the applications saw", r.Apps},
		{"What to check", r.Check},
		{"Sources", r.Sources},
	} {
		if part.text != "" {
			t.printf("\n%s\n", t.Title(part.title))
			t.paragraph("  ", part.text)
		}
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

// ListRules writes a line for every kind of finding, by chapter.
func ListRules(w io.Writer, rules []analyzer.Rule, o TextOptions) error {
	t := newTextWriter(w, o)
	width, chapter := 0, ""
	for i := range rules {
		width = max(width, columns(rules[i].ID))
	}
	for i := range rules {
		r := &rules[i]
		if r.About != chapter {
			chapter = r.About
			t.printf("%s\n", t.Title(cmp.Or(chapter, "other")))
		}
		id, severity := pad(r.ID, width), pad(r.Severity.String(), len("warning"))
		lead := 2 + width + 2 + len("warning") + 2
		for j, line := range wrap(r.Title, max(20, min(t.o.Width, readable)-lead)) {
			if j == 0 {
				t.printf("  %s  %s  %s\n", t.Bold(id), t.Severity(r.Severity)(severity), line)
			} else {
				t.printf("%s%s\n", pad("", lead), line)
			}
		}
	}
	_, err := w.Write(t.out.Bytes())
	return err
}
