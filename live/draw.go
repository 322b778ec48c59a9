package live

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

// tableRows is how many conversations fit, eventRows how many events.
func (m *model) tableRows() int { return max(1, m.height-5-m.eventRows()) }

func (m *model) eventRows() int { return max(0, min(m.height/3, m.height-10)) }

// View implements tea.Model.
func (m *model) View() tea.View {
	v := tea.NewView(m.draw())
	v.AltScreen = true
	v.WindowTitle = "tcpreplay-fsm"
	return v
}

// draw makes exactly as many lines as the screen has, none wider than it.
func (m *model) draw() string {
	var lines []string
	p := m.picture
	if p == nil {
		p = &picture{}
	}
	lines = append(lines, m.top(p), m.states(p))
	switch {
	case m.help:
		lines = append(lines, helpText...)
	case m.query.open >= 0:
		lines = append(lines, m.ladder(p)...)
	default:
		lines = append(lines, m.table(p)...)
	}
	body := max(0, m.height-1)
	for len(lines) < body {
		lines = append(lines, "")
	}
	lines = append(lines[:body], m.bottom(p))
	for i, l := range lines {
		lines[i] = fit(l, m.width)
	}
	return strings.Join(lines, "\n")
}

func (m *model) top(p *picture) string {
	s := m.palette.Title("tcpreplay-fsm") + " " + p.about + "  " + p.up.Truncate(time.Second).String() + "  " +
		fmt.Sprintf("%.0f frames/s  %s", p.rate.framesPerSec, bits(p.rate.bitsPerSecond)) + "  "
	drops := fmt.Sprintf("%d dropped", p.dropped)
	if p.dropped > 0 {
		drops = m.palette.Severity(analyzer.Error)(drops)
	}
	s += drops
	if p.down {
		s += "  " + m.palette.Severity(analyzer.Error)("interface down")
	}
	if m.query.paused {
		s += "  " + m.palette.Severity(analyzer.Warning)("paused")
	}
	return s
}

func (m *model) states(p *picture) string {
	parts := []string{fmt.Sprintf("%s of %d", words.Count(p.active, "conversation"), p.total)}
	for _, s := range tcp.States() {
		if n := p.states[s]; n > 0 {
			parts = append(parts, m.palette.State(s)(s.String())+fmt.Sprintf(" %d", n))
		}
	}
	return strings.Join(parts, "  ")
}

func (m *model) table(p *picture) []string {
	const number, state = 6, 11
	room := m.width - number - 2*state - 5
	addr := max(12, min(45, (room-14)/2))
	found := max(0, room-2*addr)
	line := func(id, client, cs, ss, server, f string) string {
		return pad(id, number) + " " + pad(client, addr) + " " + pad(cs, state) + " " + pad(ss, state) + " " + pad(server, addr) + " " + fit(f, found)
	}
	last := "findings"
	if m.width >= wide {
		last = "protocol, findings"
	}
	out := []string{m.palette.Reverse(pad(line("number", "client", "", "", "server", last), m.width))}
	for i := range p.rows {
		r := &p.rows[i]
		l := line(fmt.Sprint(r.id), shorten(r.client.String(), addr), m.state(&r.ends[0]), m.state(&r.ends[1]),
			shorten(r.server.String(), addr), m.found(r))
		if i == m.cursor {
			l = m.palette.Reverse(pad(ansi.Strip(l), m.width))
		}
		out = append(out, l)
	}
	for len(out) < m.tableRows()+1 {
		out = append(out, "")
	}
	out = append(out[:m.tableRows()+1], m.palette.Faint(strings.Repeat("─", max(0, m.width))))
	events := m.events[max(0, len(m.events)-m.eventRows()):]
	for _, e := range events {
		l := fit(e.text, m.width)
		if e.finding {
			l = m.palette.Severity(e.severity)(l)
		}
		out = append(out, l)
	}
	return out
}

// state is an endpoint's state; one that is only presumed has a question mark.
func (m *model) state(e *end) string {
	if !e.known {
		return "-"
	}
	s := m.palette.State(e.state)(e.state.String())
	if !e.sure && len(e.state.String()) < 11 {
		s += m.palette.Faint("?")
	}
	return s
}

func (m *model) found(r *row) string {
	var words []string
	if m.width >= wide && r.protocol != "" {
		words = append(words, m.palette.Faint(r.protocol))
	}
	for i := range r.findings {
		if f := &r.findings[i]; f.told {
			words = append(words, m.palette.Severity(f.severity)(f.id))
		}
	}
	return strings.Join(words, " ")
}

func (m *model) ladder(p *picture) []string {
	if p.ladderN != m.query.open || p.ladder == "" {
		return []string{"", "…"}
	}
	lines := strings.Split(strings.Trim(p.ladder, "\n"), "\n")
	m.scroll = max(0, min(m.scroll, len(lines)-(m.height-3)))
	return lines[m.scroll:]
}

func (m *model) bottom(p *picture) string {
	switch {
	case m.leaving:
		return m.palette.Reverse(pad("the capture ends", m.width))
	case m.typing:
		return "filter: " + m.typed + "█  (address, port, state or finding; enter applies, esc leaves)"
	case m.query.open >= 0:
		return m.palette.Faint("esc back  ↑↓ scroll  r report  q quit")
	}
	s := fmt.Sprintf("%d of %d by %s", min(p.from+m.cursor+1, p.matches), p.matches, m.query.sort)
	if m.query.filter != "" {
		s += fmt.Sprintf(", filter %q", m.query.filter)
	}
	return m.palette.Faint(s + "  enter open  s sort  / filter  r report  ? help  q quit")
}

var helpText = []string{
	"",
	"  ↑ ↓ PgUp PgDn Home   move",
	"  enter                the conversation packet by packet; esc comes back",
	"  s                    sort by trouble, last segment, bytes, number",
	"  /                    show what contains a text: an address, :port, state or finding",
	"  esc                  show all again",
	"  p or space           pause the screen; the capture goes on",
	"  r                    write a report of what is known so far",
	"  q or ctrl-c          end the capture and write the report",
	"",
	"  STATE?  is presumed: the segment passed, but nothing proves yet that it arrived.",
	"  -       no segment tells yet whether that side has a socket.",
}

// bits is a rate for people.
func bits(v float64) string {
	for _, unit := range []string{"bit/s", "kbit/s", "Mbit/s"} {
		if v < 999.5 { // else it would be rounded to 1e+03
			return fmt.Sprintf("%.3g %s", v, unit)
		}
		v /= 1000
	}
	return fmt.Sprintf("%.3g Gbit/s", v)
}

// pad fills or cuts styled text to n columns, fit only cuts it.
func pad(s string, n int) string {
	s = fit(s, n)
	return s + strings.Repeat(" ", max(0, n-ansi.StringWidth(s)))
}

func fit(s string, n int) string {
	if ansi.StringWidth(s) <= n {
		return s
	}
	return ansi.Truncate(s, n, "…")
}

// shorten cuts an address in its middle, where it tells least.
func shorten(s string, n int) string {
	if len(s) <= n || n < 8 {
		return s
	}
	tail := (n - 1) / 2
	return s[:n-1-tail] + "…" + s[len(s)-tail:]
}
