package live

import (
	"net/netip"
	"strconv"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/jsonenc"
	"tcpreplay-fsm/tcp"
)

// eventKind says what an event tells.
type eventKind string

const (
	stateChanged     eventKind = "state"     // an endpoint entered a state
	stateCorrected   eventKind = "corrected" // an endpoint is in another state than was presumed
	findingTold      eventKind = "finding"
	findingWithdrawn eventKind = "withdrawn" // a finding that did not last
	noticeGiven      eventKind = "notice"    // about the capture itself
)

// event is one thing that became known.
type event struct {
	kind eventKind
	time int64 // of what it tells, Unix nanoseconds

	conversation   int
	client, server netip.AddrPort
	side           analyzer.Side

	// Of changes of state.
	from, to tcp.State
	fromNone bool // there was no state before
	frame    int
	cause    string
	evidence analyzer.Evidence

	finding analyzer.Finding // of findings
	text    string           // of notices
}

// appendText appends the event as a line for people, without its end.
func (e *event) appendText(b []byte) []byte { return e.appendLine(b, "15:04:05.000000", true) }

// appendBrief is appendText for a narrow screen: without the addresses.
func (e *event) appendBrief(b []byte) []byte { return e.appendLine(b, "15:04:05.000", false) }

func (e *event) appendLine(b []byte, clock string, addresses bool) []byte {
	b = time.Unix(0, e.time).AppendFormat(b, clock)
	if e.kind == noticeGiven {
		return append(append(b, " -- "...), e.text...)
	}
	b = append(b, " #"...)
	b = strconv.AppendInt(b, int64(e.conversation), 10)
	b = append(b, ' ')
	if addresses {
		b = e.client.AppendTo(b)
		b = append(b, " > "...)
		b = e.server.AppendTo(b)
		b = append(b, ' ')
	}
	return e.appendWhat(b)
}

// appendWhat appends what happened, without when and to whom.
func (e *event) appendWhat(b []byte) []byte {
	switch e.kind {
	case stateChanged, stateCorrected:
		b = append(b, e.side.String()...)
		b = append(b, ' ')
		if !e.fromNone {
			b = append(b, e.from.String()...)
			b = append(b, " -> "...)
		}
		b = append(b, e.to.String()...)
		if e.kind == stateCorrected {
			b = append(b, ", corrected"...)
		}
		if e.cause != "" {
			b = append(b, " ("...)
			b = append(b, e.cause...)
			b = append(b, ')')
		}
	case findingTold, findingWithdrawn:
		b = append(b, e.finding.Severity.String()...)
		b = append(b, ' ')
		b = append(b, e.finding.ID...)
		if e.kind == findingWithdrawn {
			return append(b, " withdrawn"...)
		}
		b = append(b, ": "...)
		b = append(b, e.finding.Summary...)
	}
	return b
}

// appendJSON appends the event as one line of JSON, without its end.
func (e *event) appendJSON(b []byte) []byte {
	b = append(b, `{"event":"`...)
	b = append(b, e.kind...)
	b = append(b, `","time":`...)
	b = jsonenc.AppendTime(b, e.time)
	text := func(name, value string) {
		b = append(b, `,"`...)
		b = append(b, name...)
		b = append(b, `":`...)
		b = jsonenc.AppendString(b, value)
	}
	if e.kind == noticeGiven {
		text("text", e.text)
		return append(b, '}')
	}
	b = append(b, `,"conversation":`...)
	b = strconv.AppendInt(b, int64(e.conversation), 10)
	for side, a := range [2]netip.AddrPort{e.client, e.server} {
		b = append(b, `,"`...)
		b = append(b, analyzer.Side(side).String()...)
		b = append(b, `":{"addr":"`...)
		b = a.Addr().AppendTo(b)
		b = append(b, `","port":`...)
		b = strconv.AppendUint(b, uint64(a.Port()), 10)
		b = append(b, '}')
	}
	switch e.kind {
	case stateChanged, stateCorrected:
		text("side", e.side.String())
		if !e.fromNone {
			text("from", e.from.String())
		}
		text("to", e.to.String())
		b = append(b, `,"frame":`...)
		b = strconv.AppendInt(b, int64(e.frame), 10)
		text("cause", e.cause)
		text("evidence", e.evidence.String())
	default:
		f := &e.finding
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
