// Package palette has the colours that states and severities have in the text report and on
// the screen. Nothing is told by colour alone.
package palette

import (
	"github.com/fatih/color"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// A Brush paints text for a terminal.
type Brush func(string) string

// Palette is a set of brushes; New makes one. Without colour every Brush but Reverse returns
// its text as it is.
type Palette struct {
	Title, Faint, Bold              Brush
	Reverse                         Brush // shows where the cursor is, also without colour
	Reset                           Brush // of a RST
	Opening, Open, Closing, Waiting Brush // of the handshake, ESTABLISHED, closing and TIME_WAIT
	severe, warning, notice         Brush
}

// New returns a Palette with colours or without.
func New(colors bool) Palette {
	plain := func(s string) string { return s }
	brush := func(attributes ...color.Attribute) Brush {
		c := color.New(attributes...)
		c.EnableColor() // the caller has decided; fatih/color's own guess is of the process's stdout
		return func(s string) string { return c.Sprint(s) }
	}
	paint := func(attributes ...color.Attribute) Brush {
		if !colors {
			return plain
		}
		return brush(attributes...)
	}
	return Palette{
		Title:   paint(color.Bold, color.FgCyan),
		Faint:   paint(color.Faint),
		Bold:    paint(color.Bold),
		Reverse: brush(color.ReverseVideo),
		Reset:   paint(color.FgRed, color.Bold),
		Opening: paint(color.FgCyan, color.Bold),
		Open:    paint(color.FgGreen, color.Bold),
		Closing: paint(color.FgYellow, color.Bold),
		Waiting: paint(color.FgMagenta, color.Bold),
		severe:  paint(color.FgRed, color.Bold),
		warning: paint(color.FgYellow, color.Bold),
		notice:  paint(color.FgCyan),
	}
}

// State is the brush of a state.
func (p *Palette) State(s tcp.State) Brush {
	switch s {
	case tcp.SynSent, tcp.SynRcvd:
		return p.Opening
	case tcp.Established:
		return p.Open
	case tcp.TimeWait:
		return p.Waiting
	case tcp.Closed, tcp.Listen:
		return p.Bold
	}
	return p.Closing
}

// Severity is the brush of a finding's severity.
func (p *Palette) Severity(s analyzer.Severity) Brush {
	switch s {
	case analyzer.Error:
		return p.severe
	case analyzer.Warning:
		return p.warning
	case analyzer.Notice:
		return p.notice
	}
	return p.Faint
}
