package analyzer

var ruleAbort = Rule{
	ID: "abort", Title: "An application aborted the connection",
	Severity: Warning, About: "resets", Reset: true,

	Seen: "RST,ACK with the sender's next sequence number, its window open, timestamps if the connection uses them: a socket sent it of its own " +
		"accord, not in answer to a segment. By a client, before anything was sent, it is but a notice.",
	Means: "The application aborted the connection: SO_LINGER with a time of 0 and close(), connect() with AF_UNSPEC, a listener closed while " +
		"connections wait that were not accepted yet, or an administrator's ss -K. close() with unread data sends just the same packet " +
		"(rst-on-close-unread-data): it is ruled out only if the closer had received nothing, and unlikely if the closer had answered all it " +
		"had received. After the end's own FIN: close() of a socket that was shut down before, with data unread, or TCP_LINGER2 below 0.",
	Apps: "The peer: ECONNRESET on the next read or write (Go: \"connection reset by peer\"), EPIPE on writes after that; if it had received a " +
		"FIN before, EPIPE at once. The end that aborted sees no error; but after connect() with AF_UNSPEC its next call fails with ECONNRESET, " +
		"and after ss -K with ECONNABORTED.",
	Check: "Search for SO_LINGER, SetLinger(0), setSoLinger(true, 0); health checks of load balancers do this on purpose, and so do load " +
		"generators that want no TIME_WAIT. Several at one moment without a byte from the server: a restart closed the listener. nstat -az " +
		"TcpExtTCPAbortOnData (linger 0) against TcpExtTCPAbortOnClose (unread data), the reason in the tracepoint tcp:tcp_send_reset, or " +
		"bpftrace -e 'kprobe:tcp_send_active_reset { printf(\"%s %d %s\\n\", comm, pid, ustack); }' settle it.",
	Sources: "RFC 9293 section 3.10.5 (ABORT); Linux __tcp_close(), tcp_disconnect(), tcp_abort(), inet_csk_listen_stop(), reason TCP_STATE",

	detect: func(ev *evidence) []Finding {
		out := ev.resetFindings(causeAbort)
		for i := range out {
			if f := &out[i]; ev.c.finBefore(f.Side, f.Frames[0]) || ev.checksHealth(f.Side) {
				// After its own FIN: a close() of what was shut down before, or
				// TCP_LINGER2 below 0 (TCP_ABORT_ON_LINGER). With nothing sent: a health check.
				f.Severity = Notice
			}
		}
		return out
	},
}
