package analyzer

import (
	"fmt"
)

var ruleFINRetransmit = Rule{
	ID: "fin-retransmit", Title: "A FIN was sent again",
	Severity: Notice, About: "closing",

	Seen: "The same FIN passes again. BSD and macOS repeat it in each ACK until it is acknowledged: such an ACK, which tells of something new, is not " +
		"counted.",
	Means: "The FIN or its acknowledgement was lost or is late. The sender stays in FIN_WAIT_1, CLOSING or LAST_ACK meanwhile; a FIN that meets " +
		"TIME_WAIT again is acknowledged again and restarts it.",
	Apps: "Nothing: both called close() already. With SO_LINGER and a time, close() blocks longer.",
	Check: "Nothing for a few. If FINs are regularly sent until the sender gives up, a stateful firewall probably forgets the connection at the " +
		"first FIN or RST and drops what follows; ss -tan state last-ack and state fin-wait-1 show how many hang.",
	Sources: "RFC 9293 section 3.10.7.4; RFC 6298; Linux tcp_retransmit_timer(), net.ipv4.tcp_orphan_retries; FreeBSD tcp_output()",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsFINRetransmit, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s sent its FIN again %s", side, times(o.n)),
				"The FIN or its acknowledgement was lost, or is late. The applications do not notice; the socket stays longer in FIN_WAIT_1, CLOSING or LAST_ACK."
		})
	},
}
