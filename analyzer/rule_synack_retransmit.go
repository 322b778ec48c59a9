package analyzer

import (
	"fmt"
)

var ruleSYNACKRetransmit = Rule{
	ID: "synack-retransmit", Title: "A SYN,ACK was sent again",
	Severity: Notice, About: "opening",

	Seen: "The server sends the same SYN,ACK again, usually 1, 3 and 7 s after the first.",
	Means: "The ACK that completes the handshake did not arrive, or was ignored: lost on the way, a full accept queue (see " +
		"accept-queue-overflow), or TCP_DEFER_ACCEPT, which waits for the first data on purpose. It is also what an attacked or scanned " +
		"listener does for clients that never answer.",
	Apps: "The client's connect() returned at the first SYN,ACK, so it may be sending already. accept() on the server returns only when the " +
		"ACK, or the first data, came through.",
	Check: "ss -ltn on the server: is Recv-Q at Send-Q? nstat -az TcpExtListenOverflows. Look whether the program sets TCP_DEFER_ACCEPT (nginx: " +
		"listen ... deferred). ss -tn state syn-recv shows who is waiting.",
	Sources: "RFC 9293 section 3.5; Linux reqsk_timer_handler(), net.ipv4.tcp_synack_retries (5, about 63 s in all)",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsSYNACKRetransmit, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s sent its SYN,ACK again %s", side, times(o.n)),
				"The ACK that completes the handshake did not arrive, or was ignored (accept queue full, TCP_DEFER_ACCEPT), or the other end is gone."
		})
	},
}
