package analyzer

import (
	"fmt"
	"strings"

	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

// tellReset explains one RST: who, why, what both applications saw, and what
// would settle a tie.
func (ev *evidence) tellReset(q *resetReading) (summary, detail string) {
	r, me := q.r, q.r.side
	w := ev.wordsFor(q)
	form := "active RST: SEQ is its SND.NXT, it answers nothing"
	switch {
	case !r.reply && q.cause == causeDataAfterFIN:
		form = "its window is 0 though the " + me.String() + "'s was open: the answer of another stack than Linux, such as Windows, to that data"
	case !r.reply && r.frame == ev.c.firstFrame:
		form = "active RST by its form; what it may answer was not captured"
	case r.reply:
		form = "reply RST"
		if r.trigger.frame != 0 {
			form = fmt.Sprintf("reply RST: it answers frame %d (%s)", r.trigger.frame, describe(&r.trigger))
		}
	}
	when := ""
	if q.cause == causeDataAfterFIN {
		when = ev.tellTooLate(r)
	}
	tie, saw := "", ev.resetSeenBy(q)
	if q.tie {
		other := "SO_LINGER 0"
		if q.cause == causeAbort {
			other = "unread data"
		}
		tie = fmt.Sprintf(" The packets look just the same for %s: the tracepoint tcp:tcp_send_reset on the %s's host, or strace of its close(), would tell.", other, me)
	}
	if saw != "" {
		saw = " " + saw
	}
	return w.summary, w.detail + when + " (" + form + "; " + ev.kernelReason(q) + ".)" + tie + saw
}

// resetSummary is the summary of tellReset.
func (ev *evidence) resetSummary(q *resetReading) string {
	return ev.wordsFor(q).summary
}

// kernelReason names the kernel's reasons in a clause.
func (ev *evidence) kernelReason(q *resetReading) string {
	switch names := ev.reasonsOf(q); len(names) {
	case 0:
		switch {
		case q.cause == causeForged && q.sure == Possible:
			return "no reason of this host's kernel, if somebody else sent it"
		case q.cause == causeForged:
			return "no reason of this host's kernel: somebody else sent it"
		case q.cause == causeGaveUp:
			return "Linux sends none here"
		}
		return "the kernel's reason cannot be told"
	default:
		return "kernel's reason: " + strings.Join(names, " or ")
	}
}

// describe says what a segment is, shortly.
func describe(r *recent) string {
	switch {
	case r.len > 0 && r.flags.Has(tcp.FIN):
		return words.Count(r.len, "byte") + " and FIN"
	case r.len > 0:
		return words.Count(r.len, "byte")
	}
	return r.flags.String()
}
