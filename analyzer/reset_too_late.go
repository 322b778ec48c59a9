package analyzer

import (
	"fmt"
	"time"

	"tcpreplay-fsm/tcp"
)

// wordDataAfterFIN chooses the words for a RST that refuses data.
func (ev *evidence) wordDataAfterFIN(r *resetSeen, w *resetWords) {
	_, _, late := ev.lateAnswer(r)
	_, told := ev.toldBefore(r)
	switch {
	case ev.c.finFrame(r.side) == 0:
		w.summary = "the S had probably closed before all it sent was acknowledged; the P's data was answered by RST"
		w.detail = "The S had data under way, or was held up by a closed window, and its host refused data: it had called close(), and its FIN still waited behind what it had to send. Had its host lost the connection, the packet would look the same."
	case ev.crossesFIN(r):
		w.summary = "the P's data crossed the S's FIN and was answered by RST"
		w.detail = "The S called close() before it had that data, and the P sent it before it had the S's FIN, which it does not acknowledge. Nobody read that data or will answer it; the P's application reads end of file."
	case told:
		w.detail = "The S called close(), which sent its FIN, and the P used the connection all the same: nobody read that data or will answer it."
	case late:
		w.detail = "The S called close(), which sent its FIN, before the P answered its last data; nobody could read that answer."
	}
}

// idleAtClose is for how long nothing must have passed before a close() for an idle timeout
// to be its likely reason.
const idleAtClose = int64(time.Second)

// crossesFIN reports whether what r answers was sent before its sender had the FIN of r's:
// every segment acknowledges all that had arrived (RFC 9293 section 3.10.7.4).
func (ev *evidence) crossesFIN(r *resetSeen) bool {
	fin := ev.c.fin(r.side)
	return fin != nil && r.trigger.frame != 0 && r.trigger.flags.Has(tcp.ACK) && r.trigger.ack.Less(fin.end)
}

// patience is how long a client waits at least that gives up waiting: what it sends just
// before its FIN, such as a TLS close_notify, waits for nothing.
const patience = int64(200 * time.Millisecond)

// lateAnswer tells how long after its last payload the client, which sent r, sent its FIN, if
// nothing had answered that, and how long after the FIN the answer began.
func (ev *evidence) lateAnswer(r *resetSeen) (wait, late int64, ok bool) {
	e, p, fin := &ev.c.end[r.side], &ev.c.end[r.side.Other()], ev.c.fin(r.side)
	if r.side == Server || fin == nil || !e.is(hasData) || fin.time-e.payloadTime < patience {
		return 0, 0, false
	}
	answer := ev.c.log.first(r.side.Other(), func(en *entry) bool { return en.is(entryData) && en.frame > fin.frame })
	if answer == nil || answer.ack.Less(fin.end) || answer.seq != p.origin().Add(1+uint32(e.answered)) {
		return 0, 0, false
	}
	return fin.time - e.payloadTime, answer.time - fin.time, true
}

// toldBefore tells for how long the client had acknowledged the FIN of the server, which sent
// r, when it sent what that answers.
func (ev *evidence) toldBefore(r *resetSeen) (time int64, ok bool) {
	fin := ev.c.fin(r.side)
	if r.side == Client || fin == nil || r.trigger.frame == 0 {
		return 0, false
	}
	ack := ev.c.log.firstACK(Client, fin.end)
	if ack == nil || ack.frame >= r.trigger.frame {
		return 0, false
	}
	return r.trigger.time - ack.time, true
}

// tellTooLate says how data came to a socket that was closed.
func (ev *evidence) tellTooLate(r *resetSeen) (out string) {
	me, peer := r.side, r.side.Other()
	if wait, late, ok := ev.lateAnswer(r); ok {
		return fmt.Sprintf(" It closed %s after that data, and the answer came %s later: perhaps a time-out of the %s that is too short, or a %s that is too slow.",
			seconds(wait), seconds(late), me, peer)
	}
	since, told := ev.toldBefore(r)
	if told {
		out = fmt.Sprintf(" The %s had acknowledged the FIN %s before: its application did not look for end of file first.", peer, seconds(since))
	}
	if r.idle >= idleAtClose && (told || ev.crossesFIN(r)) {
		out += fmt.Sprintf(" Nothing had passed for %s before the FIN: probably an idle timeout of the %s. Let that of the %s be shorter, and let it send again what may be repeated.",
			seconds(r.idle), me, peer)
	}
	return out
}
