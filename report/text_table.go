package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tcpreplay-fsm/analyzer"
)

// table keeps the conversations that the text report lists: the most troubled first,
// and where it cannot list all, of those alike the ones with the rarer trouble, so that
// a thousand unanswered SYNs do not hide the one that was refused.
type table struct {
	groups map[trouble]*group
}

// trouble is what a conversation is ranked by: the worst severity of its findings, plus
// one, and the first finding of that; the zero value is none.
type trouble struct {
	severity int
	finding  string
}

// group is the conversations with the same trouble: how many there are, and those with
// the lowest ids.
type group struct {
	trouble
	count int
	rows  []tableRow
	last  int // the id of the row that was kept last, while some are dropped
	full  bool
}

// tableRow is one conversation, its cells still bare.
type tableRow struct {
	*group
	id int

	client, server string
	segments       int
	first          int64
	duration       int64
	opened, closed string
	states         string
	findings       []listed
}

// listed is one kind of finding of a conversation.
type listed struct {
	id       string
	severity analyzer.Severity
}

// add takes a conversation in; of each group at most top rows survive, all if top is negative.
func (t *table) add(c *analyzer.Conversation, top int) {
	g := t.group(c)
	g.count++
	if g.full && c.ID > g.last {
		return
	}
	r := tableRow{
		group:    g,
		id:       c.ID,
		client:   c.Endpoints[analyzer.Client].Addr.String(),
		server:   c.Endpoints[analyzer.Server].Addr.String(),
		segments: c.Segments,
		first:    c.First,
		duration: c.Last - c.First,
		opened:   string(c.Opened),
		closed:   howClosed(c),
		states:   c.Endpoints[analyzer.Client].State.String() + " / " + c.Endpoints[analyzer.Server].State.String(),
	}
	for i := range c.Findings {
		f := listed{c.Findings[i].ID, c.Findings[i].Severity}
		if !slices.ContainsFunc(r.findings, func(g listed) bool { return g.id == f.id }) {
			r.findings = append(r.findings, f)
		}
	}
	g.rows = append(g.rows, r)
	if top >= 0 && len(g.rows) > 2*top+100 { // seldom, so that sorting costs little
		g.keep(top)
	}
}

// group is where c belongs.
func (t *table) group(c *analyzer.Conversation) *group {
	var its trouble
	if worst, any := c.Worst(); any {
		first := slices.IndexFunc(c.Findings, func(f analyzer.Finding) bool { return f.Severity == worst })
		its = trouble{1 + int(worst), c.Findings[first].ID}
	}
	g := t.groups[its]
	if g == nil {
		if t.groups == nil {
			t.groups = map[trouble]*group{}
		}
		g = &group{trouble: its}
		t.groups[its] = g
	}
	return g
}

// keep sorts the rows and drops those after the first top.
func (g *group) keep(top int) {
	slices.SortFunc(g.rows, func(a, b tableRow) int { return cmp.Compare(a.id, b.id) })
	if top >= 0 && len(g.rows) > top {
		clear(g.rows[top:])
		g.rows = g.rows[:top]
	}
	if top > 0 && len(g.rows) == top {
		g.last, g.full = g.rows[top-1].id, true
	}
}

// list returns the rows to print of count conversations, at most top, all if top is negative.
func (t *table) list(top, count int) (rows []tableRow) {
	for _, g := range t.groups {
		g.keep(top)
		rows = append(rows, g.rows...)
	}
	all := top < 0 || count <= top
	slices.SortFunc(rows, func(a, b tableRow) int {
		worse, rarer := cmp.Compare(b.severity, a.severity), 0
		if !all {
			rarer = cmp.Or(cmp.Compare(a.count, b.count), cmp.Compare(a.finding, b.finding))
		}
		return cmp.Or(worse, rarer, cmp.Compare(a.id, b.id))
	})
	if all {
		return rows
	}
	return rows[:min(top, len(rows))]
}

// howClosed is such as "simultaneous, by both".
func howClosed(c *analyzer.Conversation) string {
	if c.ClosedBy == "none" || c.ClosedBy == "" {
		return string(c.Closed)
	}
	return string(c.Closed) + ", by " + c.ClosedBy
}

func (t *textWriter) printTable() {
	rows := t.table.list(t.o.Top, t.count)
	title := "conversations"
	if len(rows) < t.count {
		title = fmt.Sprintf("conversations (%d of %d)", len(rows), t.count)
	}
	if len(rows) > 1 && rows[0].severity > 0 {
		title += ", the most troubled first"
		if len(rows) < t.count {
			title += ", then the rarest"
		}
	}
	t.heading(title)
	cells := [][]string{{"id", "client", "server", "segments", "start", "seconds", "opened", "closed", "client / server state"}}
	for i := range rows {
		r := &rows[i]
		cells = append(cells, []string{strconv.Itoa(r.id), r.client, r.server, strconv.Itoa(r.segments),
			seconds(r.first - t.first), seconds(r.duration), r.opened, r.closed, r.states})
	}
	widths := make([]int, len(cells[0]))
	total := 0
	for col := range widths {
		for _, row := range cells {
			widths[col] = max(widths[col], columns(row[col]))
		}
		total += widths[col] + 2
	}
	const findingsRoom = 24
	if total+findingsRoom <= t.o.Width {
		t.wideTable(rows, cells, widths, total)
	} else {
		t.narrowTable(rows, widths[0])
	}
	if left := t.count - len(rows); left > 0 {
		t.printf("%s\n", t.Faint(fmt.Sprintf("  … %d more; --top %d lists all", left, t.count)))
	}
	if len(t.shown) == 0 {
		t.painted("  ", fmt.Sprintf("--conversation %d shows one packet by packet, --explain ID explains a finding", rows[0].id), t.Faint)
	}
}

// wideTable is a line a conversation.
func (t *textWriter) wideTable(rows []tableRow, cells [][]string, widths []int, total int) {
	for i, row := range cells {
		var b strings.Builder
		for col, cell := range row {
			if col == 0 || 3 <= col && col <= 5 {
				b.WriteString(padLeft(cell, widths[col]))
			} else {
				b.WriteString(pad(cell, widths[col]))
			}
			b.WriteString("  ")
		}
		if i == 0 {
			t.printf("%s\n", t.Faint(b.String()+"findings"))
			continue
		}
		for j, f := range t.listFindings(rows[i-1].findings, t.o.Width-total) {
			if j == 0 {
				t.printf("%s\n", strings.TrimRight(b.String()+f, " "))
			} else {
				t.printf("%s%s\n", strings.Repeat(" ", total), f)
			}
		}
	}
}

// narrowTable is two lines a conversation or more, as addresses and findings
// need.
func (t *textWriter) narrowTable(rows []tableRow, idWidth int) {
	indent := strings.Repeat(" ", idWidth+2)
	t.printf("%s\n", t.Faint(t.ends(padLeft("id", idWidth)+"  client > server", "segments, start, seconds")))
	t.printf("%s\n", t.Faint(t.ends(indent+"opened → closed", "client / server state")))
	for i := range rows {
		r := &rows[i]
		size := fmt.Sprintf("%d, %s, %s", r.segments, seconds(r.first-t.first), seconds(r.duration))
		who := padLeft(strconv.Itoa(r.id), idWidth) + "  " + r.client
		if columns(who)+3+columns(r.server) > t.o.Width {
			t.printf("%s\n", who)
			who = indent
		} else {
			who += " "
		}
		t.printf("%s\n", t.ends(who+"> "+r.server, size))
		t.printf("%s\n", t.ends(indent+r.opened+" → "+r.closed, r.states))
		for _, f := range t.listFindings(r.findings, t.o.Width-len(indent)) {
			if f != "" {
				t.printf("%s%s\n", indent, f)
			}
		}
	}
}

// ends puts left and right at the two ends of a line, or of two lines where one
// has no room for both.
func (t *textWriter) ends(left, right string) string {
	width := min(t.o.Width, readable)
	if room := width - columns(left) - columns(right); room >= 2 {
		return left + strings.Repeat(" ", room) + right
	}
	return left + "\n" + padLeft(right, width)
}

// listFindings names findings in lines of at most width columns: at least one
// line, which may be empty.
func (t *textWriter) listFindings(fs []listed, width int) []string {
	lines, used := []string{""}, 0
	for i, f := range fs {
		name := printable(f.id)
		comma := i < len(fs)-1
		n := columns(name)
		if comma {
			n++
		}
		if used > 0 && used+1+n > width {
			lines, used = append(lines, ""), 0
		}
		last := &lines[len(lines)-1]
		if used > 0 {
			*last, used = *last+" ", used+1
		}
		*last += t.Severity(f.severity)(name)
		if comma {
			*last += ","
		}
		used += n
	}
	return lines
}
