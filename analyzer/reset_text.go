package analyzer

import (
	"fmt"
	"strings"
	"time"

	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

// resetWords are what there is to say of a cause, and what the sender's own
// application saw: S stands for the RST's sender, P for its peer. Who sends a RST and
// still holds its socket has an error on that, unless close() sent it (Linux,
// tcp_disconnect(), tcp_abort(), tcp_reset() in tcp_rcv_state_process()).
type resetWords struct{ summary, detail, own string }

var resetText = [...]resetWords{
	causeUnknown: {"RST by the S", "Why it was sent cannot be told from these packets.", ""},
	causeRefused: {"the S refused the connection", "Nothing listens on that port, or a firewall rejects it.",
		"No application of the S took part."},
	causeUnreadData: {"abortive close by the S: probably unread data",
		"The S closed its socket, or its process ended, while data lay unread in its receive buffer; the kernel then sends RST instead of FIN. The last data towards it had drawn no reply. A close() returns without an error.",
		"The S's close() returned without an error, or its process ended."},
	causeAbort: {"abortive close by the S",
		"The S aborted the connection: SO_LINGER with a time of 0 (Go: SetLinger(0)), or a socket destroyed by the administrator (ss -K).",
		"The S's close() returned without an error. After ss -K its next call fails with ECONNABORTED, after connect() with AF_UNSPEC with ECONNRESET."},
	causeDataAfterFIN: {"the S had closed; the P's data was answered by RST",
		"The S called close() or shutdown(SHUT_RDWR), which sent its FIN, and then data came that nobody could read. This is normal TCP; if the S still had to hear the end of the data, it should shut down its sending direction only (shutdown(SHUT_WR), CloseWrite) and read to the end.",
		"The S had closed and notices nothing; had it called shutdown(SHUT_RDWR), its next call fails with ECONNRESET."},
	causeNoSocket: {"the S no longer knows this connection",
		"The S's host answered as if there had never been a connection, though neither FIN nor RST of its own was seen: it rebooted, it gave up, its network namespace or a NAT mapping is gone, or traffic was moved to another host. Or it had closed, and its FIN was lost before it passed here.",
		"No application of the S has this connection any more."},
	causeKeepalive: {"keep-alive of the S gave up",
		"The S's probes were not answered as it saw it, and it reset the connection. Its own application sees ETIMEDOUT (Go: \"connection timed out\").",
		"The S sees ETIMEDOUT (Go: \"connection timed out\") on its next call."},
	causeBadACK: {"the S answered a wrong acknowledgement with RST",
		"It acknowledged something that the S never sent (RFC 9293 sections 3.10.7.3 and 3.10.7.4); the S itself goes on.",
		"The S goes on opening the connection and notices nothing."},
	causeOpenGone: {"the S answered a SYN,ACK with RST",
		"It had given up connecting, or never asked: its socket is gone.",
		"The S's connect() had ended before, or there never was one. Had shutdown() ended it, the next call fails with ECONNRESET."},
	causeNotAccepted: {"the S did not take the connection it had begun to open",
		"The listener went away, or its accept queue is full and net.ipv4.tcp_abort_on_overflow is set.",
		"The S's accept() does not return the connection."},
	causeNoConnection: {"the S knows no such connection",
		"Its host answered a segment that belongs to no connection that it has (RFC 9293 section 3.10.7.1).",
		""},
	causeLateSegment: {"the S answered a late segment with RST", "Its end of the connection was over already.",
		"The S notices nothing: its connection was over."},
	causeForged: {"a RST in the S's name, but the S talks on",
		"Somebody else sent it: a middlebox, an intrusion prevention system, or an attacker. Compare TTL and IP ID with the real side's packets.",
		"The S notices nothing until the P answers its next segment."},
	causeGaveUp: {"the S gave up: what it sent again and again drew no answer",
		"The path went dark or the P is gone. BSD, macOS and Windows send a RST when they give up.",
		"The S sees ETIMEDOUT (Go: \"connection timed out\") on its next call."},
	causeClosedSegment: {"the S's socket was gone when the last segments came",
		"It had closed: TCP_LINGER2 below 0, an orphan in FIN_WAIT_2 whose time (tcp_fin_timeout, 60 s) was over, or the last ACK was lost and the other FIN came again.",
		"The S had closed and notices nothing."},
}

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

// checksHealth reports whether side opened a connection and aborted it, with nothing sent by
// either end.
func (ev *evidence) checksHealth(side Side) bool {
	return side == Client && ev.c.end[Client].is(hasSYN) && ev.c.end[Client].bytes()+ev.c.end[Server].bytes() == 0 && !ev.c.filtered()
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

// wordsFor chooses the words for one RST.
func (ev *evidence) wordsFor(q *resetReading) resetWords {
	w, r := resetText[q.cause], q.r
	_, _, late := ev.lateAnswer(r)
	_, told := ev.toldBefore(r)
	switch {
	case q.cause == causeNoSocket && ev.gaveUpBefore(r):
		w.summary = "the S no longer knows this connection: it had probably given up what it sent again and again"
		w.detail = "What the S sent again and again drew no answer, and then the P spoke. Linux gives up without a packet, after tcp_retries2 time-outs or TCP_USER_TIMEOUT: read and write of the S had failed with ETIMEDOUT (Go: \"connection timed out\"). Had its process ended before, the packets would look the same."
	case q.cause == causeUnreadData && r.side == Server && ev.c.asksOn():
		w.detail = "The S closed its socket, or its process ended, while an HTTP request of the P was still coming, probably with some of it unread; the kernel then sends RST instead of FIN, and the P may lose an answer that it has not read yet (RFC 9112 section 9.6). A server that refuses a request early (413, 401) must read it to the end, or close its sending direction first."
	case q.cause == causeUnreadData && r.side == Server && ev.c.end[Server].bytes() == 0:
		w.detail = "The S closed its socket, or its process ended, or its listener closed before accept() returned the connection, while data lay unread in its receive buffer; the kernel then sends RST instead of FIN. The last data towards it had drawn no reply. A close() returns without an error."
	case q.cause == causeAbort && r.side == Server && ev.c.end[Server].bytes() == 0:
		w.detail = "The S aborted the connection: SO_LINGER with a time of 0 (Go: SetLinger(0)), a listener closed with connections not yet accepted, or a socket destroyed by the administrator (ss -K)."
	case q.cause == causeAbort && ev.checksHealth(r.side):
		w.detail = "The S connected and aborted, and nothing was sent: SO_LINGER with a time of 0, as load balancers do when they check a server's health."
	case q.cause != causeDataAfterFIN:
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
	if q.cause == causeUnreadData && q.tie {
		w.own = "The S's close() returned without an error, or its process ended. Had it been ss -K instead, its next call fails with ECONNABORTED, after connect() with AF_UNSPEC with ECONNRESET."
	}
	if ev.goesWithItsFIN(q) {
		w.summary = "the S's socket went with the ACK of its FIN, probably TCP_LINGER2 below 0"
		w.detail = "A closed socket with TCP_LINGER2 below 0 does not wait for the other FIN: it is gone as soon as its own is acknowledged, and the host says so with a RST."
	}
	if ev.abortsAfterFIN(q) {
		w.detail = "The S had closed its direction, and then aborted what was left of the connection: SO_LINGER with a time of 0 (Go: SetLinger(0)), TCP_LINGER2 below 0, or a socket destroyed by the administrator (ss -K)."
		if q.cause == causeUnreadData {
			w.detail = "The S had closed its direction, and then its socket while data lay unread in its receive buffer; the kernel then sends a RST behind the FIN. The last data towards it had drawn no reply. Its own close() returned without an error."
		}
	}
	w = resetWords{fillSides(w.summary, r.side), fillSides(w.detail, r.side), fillSides(w.own, r.side)}
	switch {
	case q.cause != causeForged || ev.talksOn(r):
	case ev.acceptedAfter(r):
		w.summary = fmt.Sprintf("a RST that refuses the connection in the %s's name, but the %s accepted it", r.side, r.side)
	case ev.denied(r):
		w.summary = fmt.Sprintf("a RST in the %s's name with numbers other than the %s had come to", r.side, r.side)
	default:
		w.summary = fmt.Sprintf("a RST in the %s's name with a TTL of %d, where its other segments have %d", r.side, r.ttl, r.usual)
	}
	return w
}

// abortsAfterFIN reports whether the sender of a RST aborts what it had shut down before
// (Linux, __tcp_close(): a close() in FIN_WAIT_2 as in ESTABLISHED, a listener's connections
// have sent no FIN).
func (ev *evidence) abortsAfterFIN(q *resetReading) bool {
	return (q.cause == causeAbort || q.cause == causeUnreadData) && ev.c.finBefore(q.r.side, q.r.frame)
}

// goesWithItsFIN reports whether a RST answers the first ACK of its sender's FIN, in
// FIN_WAIT_1 (Linux, tcp_rcv_state_process(): a dead socket with linger2 below 0 ends there,
// reason TCP_ABORT_ON_DATA).
func (ev *evidence) goesWithItsFIN(q *resetReading) bool {
	if q.cause != causeClosedSegment || !ev.was(q.r.side, tcp.FinWait1) || ev.was(q.r.side, tcp.Closing) {
		return false
	}
	ack := ev.c.log.firstACK(q.r.side.Other(), ev.c.end[q.r.side].top)
	return ack != nil && ack.frame == q.r.trigger.frame
}

// resetSeenBy says what the application of the RST's receiver saw: on Linux the
// error depends on the state that the RST ended (tcp_reset), and is told once. What had
// come before can still be read, before it or after (tcp_recvmsg_locked).
func (ev *evidence) resetSeenBy(q *resetReading) string {
	return fillSides(ev.sawReset(q), q.r.side)
}

func (ev *evidence) sawReset(q *resetReading) string {
	switch q.fate {
	case resetNoTarget:
		return "The P had no connection left that this RST could end: its application notices nothing of it."
	case resetExact:
	default:
		return ""
	}
	switch state, _ := ev.endedIn(q.r); state {
	case tcp.SynSent:
		return "The P's connect() fails with ECONNREFUSED (Go: \"connection refused\")."
	case tcp.SynRcvd:
		return ev.sawResetOpening(q.r.side.Other())
	case tcp.CloseWait:
		return "The P had been told end of file, and still reads that behind what came before; when it writes it sees \"broken pipe\" (EPIPE)."
	case tcp.FinWait1, tcp.FinWait2:
		return "If the P had called close(), its application notices nothing; if only shutdown(), it sees \"connection reset by peer\" (ECONNRESET) when it writes, or has read what came before."
	case tcp.Closing, tcp.LastAck, tcp.TimeWait:
		return "The P had closed and its application notices nothing of the RST; after shutdown() it can read what came before, and end of file."
	}
	return "The P's application sees \"connection reset by peer\" (ECONNRESET) when it writes next, or has read what came before; after that \"broken pipe\" (EPIPE) when it writes, and end of file when it reads."
}

// sawResetOpening says what the application of peer saw of a RST that found it in SYN_RCVD: a
// request goes without a word (Linux, tcp_check_req()), but a socket that connects, or that
// a listener made of a Fast Open, has a program that is told (tcp_reset(); RFC 7413
// section 4.2.2).
func (ev *evidence) sawResetOpening(peer Side) string {
	switch {
	case ev.was(peer, tcp.SynSent):
		return "The P's connect() fails with ECONNRESET (Go: \"connection reset by peer\")."
	case ev.fastOpened():
		return "With Fast Open the P's accept() returns the connection before the handshake is over: its next read or write then fails with \"connection reset by peer\" (ECONNRESET)."
	}
	return "The P's application notices nothing: accept() does not return the connection."
}

// fastOpened reports whether the server took the data of the SYN: its application has it.
func (ev *evidence) fastOpened() bool { return ev.c.facts&factSYNDataAcked != 0 }

// kernelReason names the kernel's reasons in a clause.
func (ev *evidence) kernelReason(q *resetReading) string {
	switch names := ev.reasonsOf(q); len(names) {
	case 0:
		switch {
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
