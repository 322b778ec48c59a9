package analyzer

// resetCause is why a RST was sent, as far as the wire tells.
type resetCause uint8

const (
	causeUnknown       resetCause = iota
	causeRefused                  // no listener
	causeUnreadData               // close() with unread data
	causeAbort                    // SO_LINGER 0, a destroyed socket
	causeDataAfterFIN             // data for a socket that was closed
	causeNoSocket                 // data or a probe for a socket that is gone
	causeKeepalive                // keep-alive gave up
	causeBadACK                   // answers an acknowledgement of something never sent
	causeOpenGone                 // answers a SYN,ACK for a socket that is gone
	causeNotAccepted              // answers the ACK of a handshake that was not accepted
	causeLateSegment              // answers a late segment, after its sender's own end
	causeForged                   // its sender goes on as if it had not sent it
	causeClosedSegment            // answers a FIN or an ACK for a socket that is gone
	causeNoConnection             // answers a segment that belongs to no connection
	causeGaveUp                   // what it sent again and again was not answered
)

// causeNames are the ids of the causes in reports.
var causeNames = [...]string{
	causeUnknown:       "unknown",
	causeRefused:       "refused",
	causeUnreadData:    "unread-data",
	causeAbort:         "abort",
	causeDataAfterFIN:  "data-after-close",
	causeNoSocket:      "no-socket",
	causeKeepalive:     "keepalive-timeout",
	causeBadACK:        "bad-ack",
	causeOpenGone:      "open-given-up",
	causeNotAccepted:   "not-accepted",
	causeLateSegment:   "late-segment",
	causeForged:        "injected",
	causeClosedSegment: "segment-after-close",
	causeNoConnection:  "no-connection",
	causeGaveUp:        "retransmission-timeout",
}

// reasons are the names of the kernel's enum sk_rst_reason that fit, the
// vocabulary of the tracepoint tcp:tcp_send_reset. A host without the socket says
// TCP_FLAGS where something still listens on the port, NO_SOCKET where not.
var reasons = [...][]string{
	causeRefused:       {"NO_SOCKET"},
	causeUnreadData:    {"TCP_ABORT_ON_CLOSE"},
	causeAbort:         {"TCP_STATE"},
	causeDataAfterFIN:  {"TCP_ABORT_ON_DATA", "TCP_TIMEWAIT_SOCKET"},
	causeNoSocket:      {"NO_SOCKET", "TCP_FLAGS"},
	causeKeepalive:     {"TCP_KEEPALIVE_TIMEOUT"},
	causeBadACK:        {"TCP_INVALID_ACK_SEQUENCE", "TCP_ACK_UNSENT_DATA"},
	causeOpenGone:      {"NO_SOCKET", "TCP_FLAGS"},
	causeNotAccepted:   {"NO_SOCKET", "TCP_FLAGS", "INVALID_SYN"},
	causeLateSegment:   {"NO_SOCKET", "TCP_FLAGS"},
	causeClosedSegment: {"NO_SOCKET", "TCP_FLAGS", "TCP_ABORT_ON_DATA"},
	causeNoConnection:  {"NO_SOCKET", "TCP_FLAGS"},
}

// reasonsOf names what fits q, the likeliest first; nil for a RST that its host
// did not send. TCP_LINGER2 below 0 aborts a socket after its FIN
// (TCP_ABORT_ON_LINGER).
func (ev *evidence) reasonsOf(q *resetReading) []string {
	if int(q.cause) >= len(reasons) || reasons[q.cause] == nil {
		return nil
	}
	out := append([]string(nil), reasons[q.cause]...)
	if q.tie && q.cause == causeUnreadData {
		out = append(out, reasons[causeAbort]...)
	}
	if q.tie && q.cause == causeAbort {
		out = append(out, reasons[causeUnreadData]...)
	}
	if q.cause == causeDataAfterFIN && !q.r.reply {
		return nil // Linux does not answer so
	}
	if q.cause == causeDataAfterFIN && ev.c.finFrame(q.r.side) == 0 {
		return append(out[:1], reasons[causeNoSocket]...) // the FIN was never sent: no TIME_WAIT
	}
	if ev.goesWithItsFIN(q) {
		return []string{"TCP_ABORT_ON_DATA", "NO_SOCKET", "TCP_FLAGS"}
	}
	if q.cause == causeNoSocket {
		out = append(out, "TCP_ABORT_ON_DATA") // it had closed: its FIN was lost before it passed here
	}
	if q.cause == causeLateSegment && q.r.trigger.len > 0 && ev.c.finBefore(q.r.side, q.r.frame) {
		out = append(out, "TCP_ABORT_ON_DATA") // data that its host took up together with what the RST before answers
	}
	if q.cause == causeAbort && ev.c.finBefore(q.r.side, q.r.frame) {
		out = append(out, "TCP_ABORT_ON_LINGER")
	}
	return out
}
