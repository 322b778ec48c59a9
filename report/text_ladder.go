package report

import (
	"fmt"
	"strconv"
	"strings"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/palette"
	"tcpreplay-fsm/tcp"
)

// A ladder is drawn as the figures of RFC 9293 are: the client on the left, the
// server on the right, the segment as an arrow between them, and the state of
// both after it.
//
//	frame      time  client                                          server
//	    1  0.000000  SYN_SENT •    ── SYN seq 0 ───────────────────► LISTEN

// fewLines bounds a ladder that was not asked for by its id.
const fewLines = 80

// notesBeside is how many columns must be left for notes to stand beside a line,
// not under it.
const notesBeside = 44

// stateWidth is the longest state, a space and its mark.
const stateWidth = len("ESTABLISHED") + 2

// shaft is the least of an arrow beside its text: "── " and " ─►".
const shaft = 6

// ladderShape is where the columns of one ladder lie.
type ladderShape struct {
	frame, time int // widths
	arrow       int
	noteAt      int // column at which notes begin
	beside      bool
}

// ladder prints the rows of c.
func (t *textWriter) ladder(c *analyzer.Conversation) {
	steps := foldLadder(c)
	if !t.o.Ladders[c.ID] {
		steps = boundLadder(steps, fewLines)
	}
	if len(steps) == 0 {
		t.printf("  (its segments were not kept)\n")
		return
	}
	shape := t.shape(c, steps)
	head := padLeft("frame", shape.frame) + "  " + padLeft("time", shape.time) + "  " +
		pad("client", stateWidth) + " " + strings.Repeat(" ", shape.arrow) + " server"
	t.printf("%s\n", t.Faint(head))
	now := statesBefore(c)
	for i := range steps {
		s := &steps[i]
		now = now.after(s)
		line := t.stepLine(c, s, shape, now)
		t.printStep(line, notes(s, shape.arrow), shape)
	}
}

func (t *textWriter) shape(c *analyzer.Conversation, steps []step) ladderShape {
	sh := ladderShape{frame: len("frame"), time: len("0.000000")}
	longest := 0
	for i := range steps {
		s := &steps[i]
		sh.frame = max(sh.frame, len(strconv.Itoa(s.frame())))
		if s.kind != leftOut {
			sh.time = max(sh.time, len(seconds(s.time()-c.First)))
		}
		if s.kind == oneSegment {
			longest = max(longest, columns(segmentText(s, 0)))
		}
	}
	fixed := sh.frame + 2 + sh.time + 2 + stateWidth + 1 + 1 + stateWidth
	sh.arrow = max(16, min(t.o.Width-fixed, max(35, longest+shaft)))
	sh.noteAt = fixed + sh.arrow + 2
	sh.beside = t.o.Width-sh.noteAt >= notesBeside
	if !sh.beside {
		sh.noteAt = sh.frame + 2 + sh.time + 2
	}
	return sh
}

// printStep prints a line and its notes, beside it or under it.
func (t *textWriter) printStep(line paintedLine, notes []string, sh ladderShape) {
	var texts []string
	for _, n := range notes {
		for i, l := range wrap(n, t.o.Width-sh.noteAt-2) {
			lead := "  "
			if i == 0 {
				lead = "└ "
			}
			texts = append(texts, lead+l)
		}
	}
	indent := strings.Repeat(" ", sh.noteAt)
	if sh.beside && len(texts) > 0 {
		gap := strings.Repeat(" ", max(0, sh.noteAt-line.columns))
		t.printf("%s%s%s\n", line.text, gap, "  "+strings.TrimPrefix(texts[0], "└ "))
		texts = texts[1:]
	} else {
		t.printf("%s\n", line.text)
	}
	for _, text := range texts {
		t.printf("%s%s\n", indent, text)
	}
}

// paintedLine is a line with its colours, and the columns that it takes.
type paintedLine struct {
	text    string
	columns int
}

func (t *textWriter) stepLine(c *analyzer.Conversation, s *step, sh ladderShape, now states) paintedLine {
	if s.kind == leftOut {
		text := strings.Repeat(" ", sh.frame+2+sh.time+2) + "⋮ " + s.text()
		if !t.o.Ladders[c.ID] {
			text += fmt.Sprintf("; --conversation %d shows more", c.ID)
		}
		return paintedLine{t.Faint(text), columns(text)}
	}
	frame := ""
	if f := s.frame(); f > 0 {
		frame = strconv.Itoa(f)
	}
	lead := padLeft(frame, sh.frame) + "  " + padLeft(seconds(s.time()-c.First), sh.time) + "  "
	left, right := now[0].String(), now[1].String()
	return paintedLine{
		t.Faint(lead) + t.stateBrush(now[0])(left) + strings.Repeat(" ", stateWidth-columns(left)) +
			" " + t.arrow(c, s, sh) + " " + t.stateBrush(now[1])(right),
		columns(lead) + stateWidth + 1 + sh.arrow + 1 + columns(right),
	}
}

// stateBrush paints a state that this step changed; one that stays is faint.
func (t *textWriter) stateBrush(s sideState) palette.Brush {
	if s.changed {
		return t.State(s.state)
	}
	return t.Faint
}

// arrow draws a segment from its sender to its receiver, its text near the
// sender.
func (t *textWriter) arrow(c *analyzer.Conversation, s *step, sh ladderShape) string {
	switch s.kind {
	case elsewhere:
		return t.Faint(center("("+s.text()+")", sh.arrow))
	case folded:
		text, _ := foldText(s, sh.arrow)
		return t.Faint(pad(clip(text, sh.arrow), sh.arrow))
	}
	r := s.row()
	text := segmentText(s, 0)
	for terse := 1; terse <= mostTerse && columns(text)+shaft > sh.arrow; terse++ {
		text = segmentText(s, terse)
	}
	text = clip(text, sh.arrow-5)
	fill := strings.Repeat("─", max(0, sh.arrow-5-columns(text)))
	paint := palette.Brush(func(s string) string { return s })
	switch {
	case r.Flags.Has(tcp.RST) || r.ICMP:
		paint = t.Reset
	case r.Flags.Has(tcp.FIN):
		paint = t.Closing
	case r.Flags.Has(tcp.SYN):
		paint = t.Opening
	}
	toServer := r.From == analyzer.Client
	if r.ICMP { // From is who the error went to
		toServer = !toServer
	}
	if toServer {
		return t.Faint("──") + " " + paint(text) + " " + t.Faint(fill+"►")
	}
	return t.Faint("◄"+fill) + " " + paint(text) + " " + t.Faint("──")
}

// segmentText describes a segment with sequence numbers relative to the initial
// ones. Terse 1 leaves the ACK flag out where the ACK number tells it, but for
// SYN,ACK and RST,ACK, which mean something else than SYN and RST; terse 2 has
// "seq 1+536" for "seq 1 len 536", and terse 3 no "seq".
func segmentText(s *step, terse int) string {
	r := s.row()
	if r.ICMP {
		return "ICMP error"
	}
	flags := r.Flags
	if terse > 0 && flags&^tcp.ACK != 0 && !flags.Any(tcp.SYN|tcp.RST) {
		flags &^= tcp.ACK
	}
	var b strings.Builder
	b.WriteString(flags.String())
	if terse < mostTerse {
		b.WriteString(" seq")
	}
	fmt.Fprintf(&b, " %d", s.seq)
	if terse >= 2 && r.Len > 0 {
		fmt.Fprintf(&b, "+%d", r.Len)
	}
	if r.Flags.Has(tcp.ACK) {
		fmt.Fprintf(&b, " ack %d", s.ack)
	}
	if terse < 2 && r.Len > 0 {
		fmt.Fprintf(&b, " len %d", r.Len)
	}
	return b.String()
}

const mostTerse = 3

// clip cuts s to n columns, with an ellipsis where something is missing.
func clip(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	return string([]rune(s)[:max(0, n-1)]) + "…"
}

func center(s string, n int) string {
	s = clip(s, n)
	return pad(strings.Repeat(" ", (n-columns(s))/2)+s, n)
}
