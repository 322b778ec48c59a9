package report

import (
	"github.com/fatih/color"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// palette paints text for a terminal. Without colour every brush returns its
// text as it is; nothing is told by colour alone.
type palette struct {
	title, faint, bold                        brush
	opening, open, closing, waiting, reset    brush
	severityError, severityWarning, severityN brush
}

type brush func(string) string

func newPalette(on bool) palette {
	paint := func(attributes ...color.Attribute) brush {
		if !on {
			return func(s string) string { return s }
		}
		c := color.New(attributes...)
		c.EnableColor() // the caller has decided; fatih/color's own guess is of the process's stdout
		return func(s string) string { return c.Sprint(s) }
	}
	return palette{
		title:           paint(color.Bold, color.FgCyan),
		faint:           paint(color.Faint),
		bold:            paint(color.Bold),
		opening:         paint(color.FgCyan, color.Bold),
		open:            paint(color.FgGreen, color.Bold),
		closing:         paint(color.FgYellow, color.Bold),
		waiting:         paint(color.FgMagenta, color.Bold),
		reset:           paint(color.FgRed, color.Bold),
		severityError:   paint(color.FgRed, color.Bold),
		severityWarning: paint(color.FgYellow, color.Bold),
		severityN:       paint(color.FgCyan),
	}
}

// state is the brush of a state that was just entered.
func (p *palette) state(s tcp.State) brush {
	switch s {
	case tcp.SynSent, tcp.SynRcvd:
		return p.opening
	case tcp.Established:
		return p.open
	case tcp.TimeWait:
		return p.waiting
	case tcp.Closed, tcp.Listen:
		return p.bold
	}
	return p.closing
}

func (p *palette) severity(s analyzer.Severity) brush {
	switch s {
	case analyzer.Error:
		return p.severityError
	case analyzer.Warning:
		return p.severityWarning
	case analyzer.Notice:
		return p.severityN
	}
	return p.faint
}
