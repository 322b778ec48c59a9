package analyzer

import (
	"fmt"
)

var ruleOldDuplicate = Rule{
	ID: "old-duplicate", Title: "A segment came again long after it had been received",
	Severity: Notice, About: "reuse",

	Seen: "A segment, often a SYN or data, passes again long after it was acknowledged; in TIME_WAIT or in an open connection it is answered by " +
		"a plain ACK, or by nothing.",
	Means: "It wandered in the network or was resent without need. The receiver says where it stands and changes nothing. In TIME_WAIT Linux " +
		"also answers a SYN that it does not accept that way.",
	Apps:    "Nothing. If it was a new connect() that met TIME_WAIT: it is late by a SYN retry, 1 s.",
	Check:   "Nothing for a few; many point to a network that doubles or delays packets (mirror ports, bonding, a loop).",
	Sources: "RFC 9293 sections 3.5 (figure 8) and 3.10.7.4; Linux tcp_timewait_state_process()",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsOldDuplicate, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("an old segment of the %s came again %s", side, times(o.n)),
				"It had wandered in the network, or was sent again without need. Its receiver acknowledges it again and changes nothing; TIME_WAIT exists so that such segments find no new connection."
		})
	},
}
