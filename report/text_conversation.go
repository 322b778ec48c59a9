package report

import (
	"fmt"
	"strconv"
	"strings"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/words"
)

// conversation prints one conversation packet by packet, then how it ended and
// what was found.
func (t *textWriter) conversation(c *analyzer.Conversation) {
	t.heading("conversation " + strconv.Itoa(c.ID))
	var who [2]string
	widest := 0
	for side := range c.Endpoints {
		who[side] = c.Endpoints[side].Addr.String()
		widest = max(widest, columns(who[side]))
	}
	for side := range c.Endpoints {
		e := &c.Endpoints[side]
		sent := fmt.Sprintf("sent %s, %s", words.Count(e.Segments, "segment"), words.Count(e.Bytes, "byte"))
		if e.Retransmissions > 0 {
			sent += ", " + words.Count(e.Retransmissions, "retransmission")
		}
		label := "  " + analyzer.Side(side).String() + "  "
		if columns(label)+widest+2+columns(sent) > t.o.Width {
			t.printf("%s%s\n", label, t.Bold(who[side]))
			t.printf("%s%s\n", strings.Repeat(" ", columns(label)), sent)
		} else {
			t.printf("%s%s  %s\n", label, t.Bold(pad(who[side], widest)), sent)
		}
		if name, ok := t.names[e.Addr.Addr()]; ok {
			t.paragraph("          named ", name)
		}
	}
	if c.First != t.first || c.Last != t.last { // else the summary tells it
		t.paragraph("  time    ", fmt.Sprintf("%s, %s long", clock(c.First), length(c.Last-c.First)))
	}
	if c.Scope != "" {
		t.paragraph("  within  ", c.Scope)
	}
	if p := protocolOf(c); p != "" {
		t.paragraph("  protocol  ", p)
	}
	how := fmt.Sprintf("opened: %s · closed: %s", c.Opened, howClosed(c))
	if len(c.Facts) > 0 {
		how += " · facts: " + strings.Join(c.Facts, ", ")
	}
	t.paragraph("  ", how)
	if !c.InitiatorKnown {
		t.paragraph("  ", "Its opening was not captured: which side is the client is a guess.")
	}
	t.printf("\n")
	t.ladder(c)
	t.measures(c)
	if c.Verdict != "" {
		t.printf("\n")
		t.painted("  verdict: ", c.Verdict, t.Bold)
	}
	t.resets(c)
	for i := range c.Findings {
		t.finding(&c.Findings[i])
	}
}

// finding prints one finding with its detail.
func (t *textWriter) finding(f *analyzer.Finding) {
	t.printf("\n  %s %s  %s\n", t.Severity(f.Severity)(f.Severity.String()), t.Bold(printable(f.ID)),
		t.Faint(fmt.Sprintf("%s, %s", f.Side, f.Confidence)))
	t.paragraph("    ", f.Summary)
	if f.Detail != "" {
		t.paragraph("    ", f.Detail)
	}
	if len(f.Frames) > 0 {
		t.paragraph("    frames: ", numbers(f.Frames, 20))
	}
	if len(f.Conversations) > 0 {
		t.paragraph("    conversations: ", numbers(f.Conversations, 20))
	}
}

// numbers lists the first most of ns.
func numbers(ns []int, most int) string {
	var b strings.Builder
	for i, n := range ns {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(ns)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}
