package analyzer

import (
	"fmt"

	"tcpreplay-fsm/internal/words"
)

var rulePAWSDrop = Rule{
	ID: "paws-drop", Title: "A segment with an old timestamp was dropped by its receiver",
	Severity: Notice, About: "data",

	Seen: "A segment whose timestamp is older than one already received from that side; the receiver answers with an ACK and drops it.",
	Means: "PAWS, protection against wrapped sequence numbers. It is a late duplicate, or forged, or two hosts share one NAT address and their " +
		"clocks differ.",
	Apps: "Nothing for a duplicate. For a live connection behind such a NAT: data that never gets through, time-outs.",
	Check: "nstat -az TcpExtPAWSEstab. Two hosts behind one address: let the NAT give them different ports, or rewrite timestamps. On kernels " +
		"before 4.12 net.ipv4.tcp_tw_recycle must be 0.",
	Sources: "RFC 7323 section 5; Linux tcp_paws_discard()",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsPAWS, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("%s in the %s's name carried an old timestamp", words.Count(o.n, "segment"), side),
				"RFC 7323 section 5 (PAWS) has the receiver drop it and acknowledge again. It is a late duplicate, forged, or from a second host behind the same NAT address."
		})
	},
}
