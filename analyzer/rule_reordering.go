package analyzer

import (
	"fmt"

	"tcpreplay-fsm/internal/words"
)

var ruleReordering = Rule{
	ID: "reordering", Title: "Segments overtook one another",
	Severity: Info, About: "data",

	Seen: "Segments pass in another order than they were sent in, as their IP IDs or timestamps show.",
	Means: "Several paths (ECMP per packet, bonding in round-robin mode, radio links) or several queues of a network card. The receiver puts " +
		"them in order; with much of it the sender takes it for loss and sends again.",
	Apps: "Nothing, or some loss of throughput.",
	Check: "Balance by flow and not by packet; nstat -az TcpExtTCPSACKReorder TcpExtTCPTSReorder; ss -ti shows reordering:N when it is more than " +
		"3.",
	Sources: "RFC 8985 (RACK); RFC 4737; Linux tcp_check_sack_reordering()",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsOutOfOrder, Probable, func(side Side, o *observation) (string, string) {
			d := "Their IP IDs or timestamps show that they were sent in order: the network reordered them before the point of capture."
			if o.n == 1 {
				d = "Its IP ID or timestamp shows that it was sent in order: the network reordered it before the point of capture."
			}
			return fmt.Sprintf("%s of the %s passed out of order", words.Count(o.n, "segment"), side), d
		})
	},
}
