package live

import (
	"net/netip"
	"strconv"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// Kind says what an Event tells.
type Kind string

const (
	StateChanged   Kind = "state"     // an endpoint entered a state
	StateCorrected Kind = "corrected" // an endpoint is in another state than was presumed
	Found          Kind = "finding"
	Withdrawn      Kind = "withdrawn" // a finding that did not last
	Notice         Kind = "notice"    // about the capture itself
)

// Event is one thing that became known.
type Event struct {
	Kind Kind
	Time int64 // of what it tells, Unix nanoseconds

	Conversation   int
	Client, Server netip.AddrPort
	Side           analyzer.Side

	// Of changes of state.
	From, To tcp.State
	FromNone bool // there was no state before
	Frame    int
	Cause    string
	Evidence analyzer.Evidence

	Finding analyzer.Finding // of findings
	Text    string           // of notices
}

const clock = "15:04:05.000000"

// AppendText appends the event as a line for people, without its end.
func (e *Event) AppendText(b []byte) []byte {
	b = time.Unix(0, e.Time).AppendFormat(b, clock)
	b = append(b, ' ')
	if e.Kind == Notice {
		return append(append(b, "-- "...), e.Text...)
	}
	b = append(b, '#')
	b = strconv.AppendInt(b, int64(e.Conversation), 10)
	b = append(b, ' ')
	b = e.Client.AppendTo(b)
	b = append(b, " > "...)
	b = e.Server.AppendTo(b)
	b = append(b, ' ')
	return e.appendWhat(b)
}

// appendBrief is AppendText for a narrow screen: without the addresses.
func (e *Event) appendBrief(b []byte) []byte {
	b = time.Unix(0, e.Time).AppendFormat(b, "15:04:05.000 ")
	if e.Kind == Notice {
		return append(append(b, "-- "...), e.Text...)
	}
	b = append(b, '#')
	b = strconv.AppendInt(b, int64(e.Conversation), 10)
	return e.appendWhat(append(b, ' '))
}

// appendWhat appends what happened, without when and to whom.
func (e *Event) appendWhat(b []byte) []byte {
	switch e.Kind {
	case StateChanged, StateCorrected:
		b = append(b, e.Side.String()...)
		b = append(b, ' ')
		if !e.FromNone {
			b = append(b, e.From.String()...)
			b = append(b, " -> "...)
		}
		b = append(b, e.To.String()...)
		if e.Kind == StateCorrected {
			b = append(b, ", corrected"...)
		}
		if e.Cause != "" {
			b = append(b, " ("...)
			b = append(b, e.Cause...)
			b = append(b, ')')
		}
	case Found, Withdrawn:
		b = append(b, e.Finding.Severity.String()...)
		b = append(b, ' ')
		b = append(b, e.Finding.ID...)
		if e.Kind == Withdrawn {
			return append(b, " withdrawn"...)
		}
		b = append(b, ": "...)
		b = append(b, e.Finding.Summary...)
	}
	return b
}

// AppendJSON appends the event as one line of JSON, without its end.
func (e *Event) AppendJSON(b []byte) []byte {
	b = append(b, `{"event":"`...)
	b = append(b, e.Kind...)
	b = append(b, `","time":"`...)
	b = time.Unix(0, e.Time).UTC().AppendFormat(b, "2006-01-02T15:04:05.000000000Z")
	b = append(b, '"')
	text := func(name, value string) {
		b = append(b, `,"`...)
		b = append(b, name...)
		b = append(b, `":`...)
		b = appendQuoted(b, value)
	}
	if e.Kind == Notice {
		text("text", e.Text)
		return append(b, '}')
	}
	b = append(b, `,"conversation":`...)
	b = strconv.AppendInt(b, int64(e.Conversation), 10)
	for side, a := range [2]netip.AddrPort{e.Client, e.Server} {
		b = append(b, `,"`...)
		b = append(b, analyzer.Side(side).String()...)
		b = append(b, `":{"addr":"`...)
		b = a.Addr().AppendTo(b)
		b = append(b, `","port":`...)
		b = strconv.AppendUint(b, uint64(a.Port()), 10)
		b = append(b, '}')
	}
	switch e.Kind {
	case StateChanged, StateCorrected:
		text("side", e.Side.String())
		if !e.FromNone {
			text("from", e.From.String())
		}
		text("to", e.To.String())
		b = append(b, `,"frame":`...)
		b = strconv.AppendInt(b, int64(e.Frame), 10)
		text("cause", e.Cause)
		text("evidence", e.Evidence.String())
	default:
		f := &e.Finding
		text("id", f.ID)
		text("severity", f.Severity.String())
		text("side", f.Side.String())
		text("confidence", f.Confidence.String())
		b = append(b, `,"frames":[`...)
		for i, n := range f.Frames {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(n), 10)
		}
		b = append(b, ']')
		text("summary", f.Summary)
	}
	return append(b, '}')
}

// appendQuoted appends a JSON string. What reaches it is our own text and names
// of interfaces.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ' || r == 0x7f:
			b = append(b, `\u00`...)
			b = append(b, "0123456789abcdef"[r>>4], "0123456789abcdef"[r&15])
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}
