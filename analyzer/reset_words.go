package analyzer

import (
	"fmt"

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

// wordsFor chooses the words for one RST.
func (ev *evidence) wordsFor(q *resetReading) resetWords {
	w := resetText[q.cause]
	switch q.cause {
	case causeUnreadData:
		ev.wordUnreadData(q, &w)
	case causeAbort:
		ev.wordAbort(q, &w)
	case causeDataAfterFIN:
		ev.wordDataAfterFIN(q.r, &w)
	case causeNoSocket:
		if ev.gaveUpBefore(q.r) {
			w.summary = "the S no longer knows this connection: it had probably given up what it sent again and again"
			w.detail = "What the S sent again and again drew no answer, and then the P spoke. Linux gives up without a packet, after tcp_retries2 time-outs or TCP_USER_TIMEOUT: read and write of the S had failed with ETIMEDOUT (Go: \"connection timed out\"). Had its process ended before, the packets would look the same."
		}
	case causeClosedSegment:
		if ev.goesWithItsFIN(q) {
			w.summary = "the S's socket went with the ACK of its FIN, probably TCP_LINGER2 below 0"
			w.detail = "A closed socket with TCP_LINGER2 below 0 does not wait for the other FIN: it is gone as soon as its own is acknowledged, and the host says so with a RST."
		}
	case causeForged:
		ev.wordForged(q.r, &w)
	}
	side := q.r.side
	return resetWords{fillSides(w.summary, side), fillSides(w.detail, side), fillSides(w.own, side)}
}

func (ev *evidence) wordUnreadData(q *resetReading, w *resetWords) {
	side := q.r.side
	switch {
	case ev.abortsAfterFIN(q.r):
		w.detail = "The S had closed its direction, and then its socket while data lay unread in its receive buffer; the kernel then sends a RST behind the FIN. The last data towards it had drawn no reply. Its own close() returned without an error."
	case side == Server && ev.c.asksOn():
		w.detail = "The S closed its socket, or its process ended, while an HTTP request of the P was still coming, probably with some of it unread; the kernel then sends RST instead of FIN, and the P may lose an answer that it has not read yet (RFC 9112 section 9.6). A server that refuses a request early (413, 401) must read it to the end, or close its sending direction first."
	case side == Server && ev.c.end[Server].bytes() == 0:
		w.detail = "The S closed its socket, or its process ended, or its listener closed before accept() returned the connection, while data lay unread in its receive buffer; the kernel then sends RST instead of FIN. The last data towards it had drawn no reply. A close() returns without an error."
	}
	if q.tie {
		w.own = "The S's close() returned without an error, or its process ended. Had it been ss -K instead, its next call fails with ECONNABORTED, after connect() with AF_UNSPEC with ECONNRESET."
	}
}

func (ev *evidence) wordAbort(q *resetReading, w *resetWords) {
	side := q.r.side
	switch {
	case ev.abortsAfterFIN(q.r):
		w.detail = "The S had closed its direction, and then aborted what was left of the connection: SO_LINGER with a time of 0 (Go: SetLinger(0)), TCP_LINGER2 below 0, or a socket destroyed by the administrator (ss -K)."
	case side == Server && ev.c.end[Server].bytes() == 0:
		w.detail = "The S aborted the connection: SO_LINGER with a time of 0 (Go: SetLinger(0)), a listener closed with connections not yet accepted, or a socket destroyed by the administrator (ss -K)."
	case ev.checksHealth(side):
		w.detail = "The S connected and aborted, and nothing was sent: SO_LINGER with a time of 0, as load balancers do when they check a server's health."
	}
}

func (ev *evidence) wordForged(r *resetSeen, w *resetWords) {
	switch late, ok := ev.heldBack(r); {
	case r.other && r.signed:
		w.summary = "a RST in the S's name with a TCP signature, which the S's other segments lack"
	case r.other:
		w.summary = "a RST in the S's name without the TCP signature of the S's other segments"
	case ok:
		w.summary = "a RST in the S's name, but a FIN of the S follows"
		w.detail = fmt.Sprintf("Somebody else may have sent it: a middlebox, an intrusion prevention system, or an attacker; compare TTL and IP ID with the real side's packets. Or the FIN was sent before, and held back on the way for more than %s.", seconds(late))
	case ev.talksOn(r):
	case ev.acceptedAfter(r):
		w.summary = "a RST that refuses the connection in the S's name, but the S accepted it"
	case ev.denied(r):
		w.summary = "a RST in the S's name with numbers other than the S had come to"
	default:
		w.summary = fmt.Sprintf("a RST in the S's name with a TTL of %d, where its other segments have %d", r.ttl, r.usual)
	}
}

// checksHealth reports whether side opened a connection and aborted it, with nothing sent by
// either end.
func (ev *evidence) checksHealth(side Side) bool {
	return side == Client && ev.c.end[Client].is(hasSYN) && ev.c.end[Client].bytes()+ev.c.end[Server].bytes() == 0 && !ev.c.filtered()
}

// abortsAfterFIN reports whether the sender of r, which aborts, had shut down its direction before
// (Linux, __tcp_close(): a close() in FIN_WAIT_2 as in ESTABLISHED, a listener's connections
// have sent no FIN).
func (ev *evidence) abortsAfterFIN(r *resetSeen) bool { return ev.c.finBefore(r.side, r.frame) }

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
