package analyzer

var ruleRSTOnDataAfterClose = Rule{
	ID: "rst-on-data-after-close", Title: "Data arrived for a socket that had been closed",
	Severity: Warning, About: "resets", Reset: true,

	Seen: "This end sent FIN; later data (or the other end's FIN behind it) arrives and is answered by a RST without ACK, with the sequence " +
		"number that the data acknowledged, window 0 and no options. Each late segment draws one. Windows answers with RST,ACK, which " +
		"acknowledges the data, and a window of 0 though it was open.",
	Means: "The application here had called close(), so nobody can ever read that data, and the kernel says so. The sender of the data had " +
		"either not noticed the FIN or took it for a half-close. shutdown(SHUT_RDWR) followed by data looks the same. A RST in the active " +
		"form (with ACK, window open) after the FIN would be something else: abort. Where this end was still sending, or held up by a closed " +
		"window, its FIN may have waited behind that data and never have been sent: then it is a guess.",
	Apps: "The sender of the data was in CLOSE_WAIT: its first write succeeds, the next fails with EPIPE (Go: \"broken pipe\"); a read returns 0 " +
		"(Go: io.EOF). A read that was waiting in ESTABLISHED fails with ECONNRESET. The end that closed sees nothing; if it " +
		"holds the socket after shutdown(SHUT_RDWR), its own next call fails with ECONNRESET.",
	Check: "If the answer mattered, the end that closed first was too early: shutdown(SHUT_WR) and read to EOF instead of close(). If not, the " +
		"writer should look for EOF before it writes; the classic case is a pooled keep-alive connection on which a request is sent just as " +
		"the server's idle timeout closes it: let the client's idle timeout be shorter than the server's, and retry requests that may be " +
		"repeated.",
	Sources: "RFC 9293 section 3.6.1, RFC 1122 section 4.2.2.13; Linux tcp_rcv_state_process(), which calls tcp_reset() for its own socket; reasons " +
		"TCP_ABORT_ON_DATA and TCP_TIMEWAIT_SOCKET",

	detect: func(ev *evidence) []Finding { return ev.resetFindings(causeDataAfterFIN) },
}
