package analyzer

var ruleRSTOnCloseUnreadData = Rule{
	ID: "rst-on-close-unread-data", Title: "An application closed a connection without reading all it had received",
	Severity: Warning, About: "resets", Reset: true,

	Seen: "Instead of a FIN this end sends RST,ACK with its next sequence number, its window still open, and timestamps if the connection uses " +
		"them. Data had arrived shortly before to which it had not replied; or its window had gone to 0 and stayed there.",
	Means: "The application called close() (or exited, or was killed) while bytes lay unread in its receive buffer. TCP then must not pretend " +
		"that all was well: Linux and macOS send RST instead of FIN, whatever of the answer was still unsent is thrown away, and the peer's " +
		"TCP may throw away what it had received and its application not read yet (RFC 9293 section 3.10.7.4; Linux lets it be read). SO_LINGER with time 0 sends just the same packet (see abort); only a window of 0 makes " +
		"unread data nearly certain, and nothing received at all rules it out.",
	Apps: "The peer: the next write, or the read after all that came before, fails with ECONNRESET (Go: \"read: connection reset by peer\"); " +
		"writes after that fail with EPIPE (Go: \"write: broken pipe\"), reads return 0 (Go: io.EOF). The end that closed sees no error at all: its close() returned 0. That is why the fault is usually looked for " +
		"on the wrong side.",
	Check: "On the end that sent the RST, find who closes without reading to the end: an HTTP server that answers early (413, 401, a redirect) " +
		"and closes while the body still comes; a client that stops in the middle of a response; a reader that stops at its own end mark " +
		"while bytes such as a TLS close_notify or a trailing newline follow; a process that exits or is killed under load. Cure: " +
		"shutdown(SHUT_WR) (Go: CloseWrite()), read until EOF with a deadline and a limit on bytes (Go: io.Copy(io.Discard, conn)), then " +
		"close(). What settles the tie with SO_LINGER: nstat -az TcpExtTCPAbortOnClose counts closes with unread data, TcpExtTCPAbortOnData " +
		"counts linger 0 (and data after close); the reason field of the tracepoint tcp:tcp_send_reset on recent kernels; and which code it " +
		"was: bpftrace -e 'kprobe:tcp_send_active_reset { printf(\"%s %d %s\\n\", comm, pid, ustack); }'.",
	Sources: "RFC 9293 section 3.10.4, RFC 1122 section 4.2.2.13, RFC 2525 section 2.17, RFC 9112 section 9.6; Linux __tcp_close(), reason TCP_ABORT_ON_CLOSE",

	detect: func(ev *evidence) []Finding { return ev.resetFindings(causeUnreadData) },
}

// resetFindings are the findings about RSTs of one cause, one for each side that
// sent any.
func (ev *evidence) resetFindings(cause resetCause) []Finding {
	var out []Finding
	for x := Client; x <= Server; x++ {
		var frames []int
		var first *resetReading
		for i := range ev.resets {
			if q := &ev.resets[i]; q.cause == cause && q.r.side == x {
				if first == nil {
					first = q
				}
				frames = append(frames, q.r.frame)
				if q.r.trigger.frame != 0 && q.r.reply {
					frames = append(frames, q.r.trigger.frame)
				}
			}
		}
		if first == nil {
			continue
		}
		summary, detail := ev.tellReset(first)
		out = append(out, one(x, first.sure, frames, summary, detail)...)
	}
	return out
}
