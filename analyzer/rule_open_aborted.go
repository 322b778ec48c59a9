package analyzer

var ruleOpenAborted = Rule{
	ID: "open-aborted", Title: "The client answered the SYN,ACK with a RST",
	Severity: Notice, About: "opening", Reset: true,

	Seen: "SYN, SYN,ACK, and then a RST from the client's host that answers the SYN,ACK.",
	Means: "The client's socket was gone when the answer came: the program gave up (timeout, cancelled context, Happy Eyeballs that chose " +
		"another address) or exited. Or there never was a socket: a scanner writes its SYNs by hand and the kernel, which knows nothing of " +
		"them, answers with RST; or the SYN was forged in this host's name.",
	Apps: "The server's application sees nothing: accept() does not return, unless Fast Open had it do so at the SYN: then ECONNRESET. On " +
		"the client connect() was cancelled or had failed before. On Linux shutdown() cancels it as well; the next call then fails with ECONNRESET.",
	Check: "How long after the SYN did the SYN,ACK come? If that is longer than the client's connect timeout, raise the timeout or find the " +
		"delay. Many of these at several ports: syn-scan.",
	Sources: "RFC 9293 section 3.10.7.1; Linux tcp_v4_send_reset(), reason NO_SOCKET; inet_shutdown(), tcp_disconnect()",

	detect: func(ev *evidence) []Finding {
		if ev.v.Opened != OpenedAborted {
			return nil
		}
		seen := " The server's application never sees the connection."
		if ev.fastOpened() {
			seen = " With Fast Open the server's accept() may have returned the connection with the data of the SYN; it is reset then."
		}
		for i := range ev.c.rst {
			if r := &ev.c.rst[i]; r.side == Client && r.reply {
				return one(Client, Probable, []int{r.frame},
					"the client's host answered the SYN,ACK with a RST",
					"Its socket was gone by then (closed while connecting, or timed out), or the SYN came from a scanner's raw socket."+seen)
			}
		}
		return nil
	},
}
