package analyzer

import (
	"fmt"
	"strings"

	"tcpreplay-fsm/tcp"
)

// verdict says in one sentence who ended the conversation, how and why; if it is
// still open, for how long it has been quiet.
func (ev *evidence) verdict() string {
	c := ev.c
	switch ev.v.Closed {
	case ClosedRefused:
		if m := ev.icmpRefusal(); m != nil {
			return fmt.Sprintf("Refused: ICMP %s from %s.", m.kind, m.from)
		}
		return "Refused: the server answered the SYN with RST."
	case ClosedTimeout:
		if ev.v.Opened == OpenedTimeout {
			if ev.unsignedResets(Server) != nil {
				return "Nothing answered the SYN but RST without the TCP signature that the client wants."
			}
			return "Nobody answered the SYN."
		}
		x, _ := ev.silent()
		return fmt.Sprintf("The %s fell silent: what the %s sent again and again drew no answer.", x, x.Other())
	case ClosedSimultaneous:
		when := "at the same moment"
		if ev.crossedLate() {
			when = "before either knew that the other had"
		}
		return "Both ends closed " + when + ": their FINs crossed" + ev.unfinished() + "."
	case ClosedThreeSegment, ClosedFourSegment:
		x := ev.firstFIN()
		return "The " + x.String() + " closed first" + ev.closeCall(x) + ", the " + x.Other().String() + " " + ev.followed(x) + ev.unfinished() + "."
	case ClosedReset:
		for i := range ev.resets {
			if q := &ev.resets[i]; q.r == ev.firstReset() {
				s := ev.resetSummary(q)
				if ev.abortCrossesFIN(q.r) {
					return fmt.Sprintf("%s; it crossed the %s's FIN.", strings.ToUpper(s[:1])+s[1:], q.r.side.Other())
				}
				if c.finBefore(q.r.side.Other(), q.r.frame) {
					return fmt.Sprintf("The %s closed with a FIN; then %s.", q.r.side.Other(), s)
				}
				if (q.cause == causeAbort || q.cause == causeUnreadData) && ev.abortsAfterFIN(q.r) {
					return fmt.Sprintf("The %s closed its direction with a FIN; then %s.", q.r.side, s)
				}
				return sentence(s)
			}
		}
	case ClosedHalf:
		x := ev.firstFIN()
		return fmt.Sprintf("The %s closed its direction; the %s has not closed%s%s.", x, x.Other(), ev.quiet(), ev.shut())
	}
	switch ev.v.Opened {
	case OpenedIncomplete:
		return "The handshake was never completed."
	case OpenedAborted:
		return "The client answered the SYN,ACK with RST: it no longer wanted the connection."
	}
	if len(ev.t[0].timeline)+len(ev.t[1].timeline) == 0 {
		return "Segments that belong to no connection."
	}
	return "Still open at the end of the capture" + ev.quiet() + ev.shut() + "."
}

// sentence makes one of words that begin with a letter of ASCII.
func sentence(words string) string { return strings.ToUpper(words[:1]) + words[1:] + "." }

// unfinished says what cut a close with two FINs short; nothing if nothing did.
func (ev *evidence) unfinished() string {
	if r := ev.firstReset(); r != nil {
		for i := range ev.resets {
			switch q := &ev.resets[i]; {
			case q.r != r:
			case q.cause == causeGaveUp:
				return "; " + ev.resetSummary(q)
			case q.cause == causeDataAfterFIN:
				return fmt.Sprintf("; a RST by the %s refused data of the %s", r.side, r.side.Other())
			}
		}
		return "; a RST by the " + r.side.String() + " followed"
	}
	if x, ok := ev.silent(); ok {
		return fmt.Sprintf("; the %s fell silent: what the %s sent again and again drew no answer", x, x.Other())
	}
	return ""
}

// quiet says for how long nothing was heard.
func (ev *evidence) quiet() string {
	if d := ev.end - ev.c.lastTime; d >= int64(1e9) {
		return ", quiet for " + seconds(d)
	}
	return ""
}

// shut names a side that keeps its receive window closed (RFC 9293 section 3.8.6.1).
func (ev *evidence) shut() string {
	for x := Client; x <= Server; x++ {
		if e := &ev.c.end[x]; e.is(hasWindow) && e.window == 0 && !ev.closes(x) {
			return fmt.Sprintf("; the %s's window is closed: its application does not read", x)
		}
	}
	return ""
}

// followed says how the second FIN came.
func (ev *evidence) followed(first Side) string {
	if ev.v.Closed == ClosedThreeSegment && !ev.c.filtered() {
		return "at once, with its acknowledgement"
	}
	a, b := ev.entered(first, tcp.FinWait1), ev.entered(first.Other(), tcp.LastAck)
	if a == nil || b == nil || a.Frame == b.Frame { // one FIN was not captured
		return "later"
	}
	return seconds(b.Time-a.Time) + " later"
}

// closeCall tells close() from shutdown() of the side that closed first, where
// IP IDs tell (Linux, IPv4): without a socket, what stands for it in FIN_WAIT_2 and
// TIME_WAIT answers with ID 0, a socket that is still held with its next ID. It is told
// only if that side's other packets count up, and by its first answer to the other FIN:
// TIME_WAIT alone gives all later ones, whoever called what. A socket that had not seen
// the ACK of its FIN by then is there in either case (tcp_rcv_state_process(), tcp_fin()).
func (ev *evidence) closeCall(x Side) string {
	e, p := &ev.c.end[x], &ev.c.end[x.Other()]
	if ev.v.Closed != ClosedFourSegment || e.recent[0].frame == 0 || ev.c.copies > 0 {
		return ""
	}
	last, prev := e.recent[0], e.recent[1]
	if last.flags.Any(tcp.SYN|tcp.RST|tcp.FIN) || last.len > 0 || last.ack != p.top || prev.frame == 0 || prev.ipid == 0 || prev.ack == p.top {
		return ""
	}
	if e.recent[2].frame == 0 || uint16(prev.ipid-e.recent[2].ipid) > 64 {
		return ""
	}
	next := last.ipid - prev.ipid
	switch {
	case last.ipid == 0 && ev.tookDataBehindFIN(x):
		return " with shutdown(), then close()"
	case last.ipid == 0:
		return " with close()" // perhaps behind shutdown()
	case 0 < next && next <= 64 && ev.c.observed(obsFINRetransmit, x) == nil:
		return " with shutdown()"
	}
	return ""
}

// annotate puts a note in plain words on the rows where something happened.
func (ev *evidence) annotate(rows []Row) {
	notes := make(map[int][]string)
	for _, received := range []bool{false, true} { // first what its sender did, then what that did to the other end
		for x := range ev.t {
			for _, t := range ev.t[x].timeline {
				if n := changeNote(Side(x), t); n != "" && received == (t.Evidence != Sent) {
					notes[t.Frame] = append(notes[t.Frame], n)
				}
			}
		}
	}
	for i := range ev.resets {
		q := &ev.resets[i]
		s := ev.resetSummary(q)
		switch q.fate {
		case resetInWindow:
			s += "; inside the window but not exact: its receiver only answers with a challenge ACK"
		case resetOutside:
			s += "; outside the window: ignored"
		case resetUnsigned:
			s += "; it " + q.r.signatureWords() + ": dropped"
		case resetSurvived:
			s += "; its receiver talks on: lost or ignored"
		}
		notes[q.r.frame] = append([]string{s}, notes[q.r.frame]...)
	}
	for i := range rows {
		rows[i].Note = strings.Join(notes[rows[i].Frame], "; ")
		delete(notes, rows[i].Frame)
	}
}

// changeNote puts a change of state into words.
func changeNote(side Side, t Transition) string {
	switch {
	case t.Event == tcp.SentSYN:
		return fmt.Sprintf("the %s opens", side)
	case t.Event == tcp.SentFIN && t.State == tcp.FinWait1:
		return fmt.Sprintf("the %s closes its direction", side)
	case t.Event == tcp.SentFIN:
		return fmt.Sprintf("the %s closes too", side)
	case t.Event == tcp.RecvFIN && t.State == tcp.Closing:
		return fmt.Sprintf("it crosses the %s's FIN, which it does not acknowledge", side)
	case t.Event == tcp.RecvFIN && t.State == tcp.TimeWait:
		return fmt.Sprintf("the %s waits 2 MSL for stray segments", side)
	case t.Event == tcp.RecvAckOfFIN && t.State == tcp.Closed:
		return fmt.Sprintf("the %s is done", side)
	case t.Event == tcp.RecvAckOfFIN && t.State == tcp.FinWait2:
		return fmt.Sprintf("the %s's FIN is acknowledged", side)
	case t.Event == tcp.RecvAckOfSYN && t.State == tcp.Established:
		return "the handshake is complete"
	case t.Event == tcp.RecvSYN && side == Client:
		return "the SYNs cross: simultaneous open"
	case t.Event == tcp.NoEvent && t.Evidence != Adopted:
		return t.Cause
	}
	return ""
}
