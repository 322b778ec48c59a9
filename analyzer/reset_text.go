package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

// tellReset explains one RST: who, why, what both applications saw, and what
// would settle a tie.
func (ev *evidence) tellReset(q *resetReading) (summary, detail string) {
	r, me, peer := q.r, q.r.side, q.r.side.Other()
	form := "active RST: SEQ is its SND.NXT, it answers nothing"
	if r.reply {
		form = "reply RST"
		if r.trigger.frame != 0 {
			form = fmt.Sprintf("reply RST: it answers frame %d (%s)", r.trigger.frame, describe(&r.trigger))
		}
	}
	switch q.cause {
	case causeUnreadData:
		summary = fmt.Sprintf("abortive close by the %s: probably unread data", me)
		detail = fmt.Sprintf("The %s closed its socket while data lay unread in its receive buffer; the kernel then sends RST instead of FIN. The last data towards it had drawn no reply.", me)
	case causeAbort:
		summary = fmt.Sprintf("abortive close by the %s", me)
		detail = fmt.Sprintf("The %s aborted the connection: SO_LINGER with a time of 0 (Go: SetLinger(0)), a listener closed with connections not yet accepted, or a socket destroyed by the administrator (ss -K).", me)
	case causeDataAfterFIN:
		summary = fmt.Sprintf("the %s had closed; the %s's data was answered by RST", me, peer)
		detail = fmt.Sprintf("The %s called close(), which sent its FIN, and then data came that nobody could read. This is normal TCP; if the %s still had to hear the end of the data, it should shut down its sending direction only (shutdown(SHUT_WR), CloseWrite) and read to the end.", me, me)
	case causeNoSocket:
		summary = fmt.Sprintf("the %s no longer knows this connection", me)
		detail = fmt.Sprintf("The %s's host answered as if there had never been a connection, though neither FIN nor RST of its own was seen: it rebooted, the process's network namespace or NAT mapping is gone, or traffic was moved to another host.", me)
	case causeKeepalive:
		summary = fmt.Sprintf("keep-alive of the %s gave up", me)
		detail = fmt.Sprintf("The %s's probes were not answered as it saw it, and it reset the connection.", me)
	case causeForged:
		summary = fmt.Sprintf("a RST in the %s's name, but the %s talks on", me, me)
		detail = "Somebody else sent it: a middlebox, an intrusion prevention system, or an attacker. Compare TTL and IP ID with the real side's packets."
	default:
		summary = fmt.Sprintf("RST by the %s", me)
	}
	detail += " (" + form + "; kernel's reason: " + reasons[q.cause] + ".)"
	if q.tie {
		other := "SO_LINGER 0"
		if q.cause == causeAbort {
			other = "unread data"
		}
		detail += fmt.Sprintf(" The packets look just the same for %s: the tracepoint tcp:tcp_send_reset on the %s's host, or strace of its close(), would tell.", other, me)
	}
	switch {
	case q.fate == resetExact:
		detail += fmt.Sprintf(" The %s's application sees \"connection reset by peer\" (ECONNRESET) on its next read, and \"broken pipe\" (EPIPE) when it writes after that.", peer)
	case q.fate == resetNoTarget:
		detail += fmt.Sprintf(" The %s was already closed: its application notices nothing.", peer)
	}
	return summary, detail
}

// describe says what a segment is, shortly.
func describe(r *recent) string {
	switch {
	case r.len > 0 && r.flags.Has(tcp.FIN):
		return fmt.Sprintf("%d bytes and FIN", r.len)
	case r.len > 0:
		return fmt.Sprintf("%d byte%s", r.len, plural(int(r.len)))
	}
	return r.flags.String()
}
