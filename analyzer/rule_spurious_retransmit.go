package analyzer

import (
	"fmt"
)

var ruleSpuriousRetransmit = Rule{
	ID: "spurious-retransmit", Title: "Data was sent again although it had arrived",
	Severity: Info, About: "data",

	Seen: "Data is sent again, and the receiver reports with a D-SACK block (or an acknowledgement that had already covered it) that it had it.",
	Means: "Nothing was lost: the acknowledgement was late (a sudden delay, power saving of a radio, a paused virtual machine), or lost, or the " +
		"network doubled the packet. Linux undoes the slow-down when it learns of it.",
	Apps:    "Nothing but a little bandwidth and perhaps a short dip in throughput.",
	Check:   "Delay that jumps: bufferbloat, CPU pauses of virtual machines. nstat -az TcpExtTCPDSACKRecv TcpExtTCPDSACKUndo.",
	Sources: "RFC 2883; RFC 3708; Linux tcp_check_dsack()",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsSpuriousRetransmit, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the receiver reported %s that it had the %s's data already", times(o.n), side),
				"It says so with a D-SACK (RFC 2883). The acknowledgement was late or lost, or the network doubled the packet."
		})
	},
}
