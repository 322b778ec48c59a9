package report

import (
	"fmt"
	"strings"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// notes says in plain words what happened in a step whose line has room for an arrow
// of so many columns.
func notes(s *step, arrow int) []string {
	if s.kind == folded {
		words := s.marked()
		if _, all := foldText(s, arrow); !all {
			words = append([]string{s.bytes()}, words...)
		}
		if len(words) > 0 {
			return []string{strings.Join(words, ", ")}
		}
	}
	if s.kind != oneSegment {
		return nil
	}
	r := s.row()
	var out []string
	note := r.Note
	if len(r.Marks) > 0 {
		note = strings.TrimSuffix(strings.Join(r.Marks, ", ")+": "+note, ": ")
	}
	if note != "" {
		out = append(out, note)
	}
	for side, entered := range s.enter {
		if p := passage(entered, r.Frame); p != "" {
			out = append(out, analyzer.Side(side).String()+": "+p)
		}
	}
	if r.Comment != "" {
		out = append(out, "comment: "+r.Comment)
	}
	return out
}

// foldText is what stands in place of the arrow of a folded run, and whether it is all
// that there is to say: how much data it carried is left to a note where there is no
// room.
func foldText(s *step, arrow int) (text string, all bool) {
	text = "⋮ " + s.text()
	bytes := s.bytes()
	if bytes == "" {
		return text, true
	}
	if full := text + ": " + bytes; columns(full) <= arrow {
		return full, true
	}
	return text, false
}

// passage tells what the two columns of states cannot: that a side passed
// through several states at once, or that an earlier frame was the cause.
func passage(entered []analyzer.Transition, frame int) string {
	if len(entered) == 0 || len(entered) == 1 && entered[0].Frame == frame {
		return ""
	}
	var b strings.Builder
	for i := range entered {
		if i > 0 {
			b.WriteString(", then ")
		}
		b.WriteString(entered[i].State.String())
		if f := entered[i].Frame; f != frame {
			fmt.Fprintf(&b, " by frame %d", f)
		}
	}
	return b.String()
}

// stateMeans explains each state to someone who has not read RFC 9293.
var stateMeans = map[tcp.State]string{
	tcp.Listen:      "a server waits for connections",
	tcp.SynSent:     "asked for a connection (SYN), no answer yet",
	tcp.SynRcvd:     "answered a SYN with its own, waits for the ACK of it",
	tcp.Established: "open: data may flow both ways",
	tcp.FinWait1:    "has closed (sent FIN), waits for the ACK of it",
	tcp.FinWait2:    "its FIN is acknowledged; the other side may still send",
	tcp.CloseWait:   "the other side has closed; its own application has not yet",
	tcp.Closing:     "both closed at once (FINs crossed); waits for the ACK of its own",
	tcp.LastAck:     "closed second (sent FIN), waits for the ACK of it",
	tcp.TimeWait:    "closed; waits (60 s on Linux) in case its last ACK was lost",
	tcp.Closed:      "the connection does not exist (any more)",
}

// markMeans explains each mark.
var markMeans = [...]string{
	analyzer.Sent:     "its own segment shows it",
	analyzer.Acked:    "a later segment of its own proves that this one had arrived",
	analyzer.Presumed: "presumed: this passed towards it, nothing proves that it arrived",
	analyzer.Timer:    "by time alone",
	analyzer.Adopted:  "it was so when the capture began",
}

// legend explains the marks and states that occur in the ladders above.
func (t *textWriter) legend() {
	entered := map[tcp.State]bool{}
	known := map[analyzer.Evidence]bool{}
	for _, c := range t.shown {
		for side := range c.Endpoints {
			for _, tr := range c.Endpoints[side].Timeline {
				entered[tr.State], known[tr.Evidence] = true, true
			}
		}
	}
	t.heading("how to read the ladders")
	t.paragraph("  ", "A line is a segment and the states of both sides after it. Where a state is entered, "+
		"a mark says how that is known:")
	for e, text := range markMeans {
		if known[analyzer.Evidence(e)] {
			t.paragraph("  "+pad(marks[e], stateWidth), text)
		}
	}
	for _, s := range tcp.States() {
		if entered[s] {
			t.paragraph("  "+pad(s.String(), stateWidth), stateMeans[s])
		}
	}
}
