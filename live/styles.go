package live

import (
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// styles are the colours of the screen. Nothing is told by colour alone.
type styles struct {
	title, faint, header, cursor               lipgloss.Style
	opening, open, closing, waiting, bad, warn lipgloss.Style
	note, none                                 lipgloss.Style
}

func newStyles(color bool) styles {
	plain := lipgloss.NewStyle()
	s := styles{title: plain.Bold(true), faint: plain.Faint(true), header: plain.Reverse(true), cursor: plain.Reverse(true),
		opening: plain, open: plain, closing: plain, waiting: plain, bad: plain.Bold(true), warn: plain, note: plain, none: plain}
	if color {
		foreground := func(c string) lipgloss.Style { return plain.Foreground(lipgloss.Color(c)) }
		s.title = s.title.Foreground(lipgloss.Color("6"))
		s.opening, s.open, s.closing, s.waiting = foreground("6"), foreground("2"), foreground("3"), foreground("5")
		s.bad, s.warn, s.note = foreground("1").Bold(true), foreground("3").Bold(true), foreground("6")
	}
	return s
}

// state is the style of a state, severity of a finding's severity + 1.
func (s *styles) state(v tcp.State) lipgloss.Style {
	switch v {
	case tcp.SynSent, tcp.SynRcvd:
		return s.opening
	case tcp.Established:
		return s.open
	case tcp.TimeWait:
		return s.waiting
	case tcp.Closed, tcp.Listen:
		return s.none
	}
	return s.closing
}

func (s *styles) severity(v int) lipgloss.Style {
	switch v - 1 {
	case int(analyzer.Error):
		return s.bad
	case int(analyzer.Warning):
		return s.warn
	case int(analyzer.Notice):
		return s.note
	}
	return s.none
}

// truncate cuts styled text to n columns, plain takes its styles off.
func truncate(s string, n int) string { return ansi.Truncate(s, n, "…") }

func plain(s string) string { return ansi.Strip(s) }
