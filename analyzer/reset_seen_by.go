package analyzer

import "tcpreplay-fsm/tcp"

// resetSeenBy says what the application of the RST's receiver saw: on Linux the
// error depends on the state that the RST ended (tcp_reset), and is told once. What had
// come before can still be read, before it or after (tcp_recvmsg_locked).
func (ev *evidence) resetSeenBy(q *resetReading) string {
	return fillSides(ev.sawReset(q), q.r.side)
}

func (ev *evidence) sawReset(q *resetReading) string {
	switch q.fate {
	case resetNoTarget:
		if st := ev.t[q.r.side.Other()].stateAt(q.r.frame - 1); st.Evidence == Presumed {
			return "The P had probably no connection left that this RST could end: then its application notices nothing of it."
		}
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
