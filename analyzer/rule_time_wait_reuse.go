package analyzer

import (
	"fmt"
)

var ruleTimeWaitReuse = Rule{
	ID: "time-wait-reuse", Title: "A new connection took over a 4-tuple that was in TIME_WAIT",
	Severity: Notice, About: "reuse",

	Seen: "A SYN for addresses and ports whose earlier connection is still in TIME_WAIT on one side, and it is accepted: SYN,ACK follows.",
	Means: "TIME_WAIT yields to a SYN that cannot be mistaken for an old one: its initial sequence number is above the last one (RFC 9293), or " +
		"its timestamp is (RFC 6191). Linux accepts either, and then starts at the old SND.NXT + 65537. A client in TIME_WAIT itself reuses " +
		"the port with tcp_tw_reuse. It is safe and quick.",
	Apps: "connect() and accept() succeed as usual.",
	Check: "Nothing is wrong. That it happens says that the client comes back to the same port within a minute: few ports, a fixed source port, " +
		"or many connections (port-pressure).",
	Sources: "RFC 9293 section 3.6.1; RFC 6191; Linux tcp_timewait_state_process(), tcp_twsk_unique(), net.ipv4.tcp_tw_reuse",

	detect: func(ev *evidence) []Finding {
		u := ev.c.reuse
		if u == nil || !u.timeWait[0] && !u.timeWait[1] || u.challenged {
			return nil
		}
		who, holder := "client", Server // in the old connection, in the new one
		if u.timeWait[1] {
			who = "server"
		}
		if u.byHolder {
			holder = Client
		}
		why := "Neither its initial sequence number nor its timestamp is above the last of the old connection: TIME_WAIT was over there already, or another stack decides otherwise."
		switch {
		case u.byHolder:
			why = "The side in TIME_WAIT opened it itself: tcp_tw_reuse, or SO_REUSEADDR with bind()."
		case u.tsAhead:
			why = "Its timestamp is above the last one of the old connection (RFC 6191)."
		case u.isnAhead:
			why = "Its initial sequence number is above the last one of the old connection (RFC 9293 section 3.6.1)."
		}
		if e := &ev.c.end[holder]; e.is(hasSYN) && e.isn == u.next[holder].Add(65537) {
			why += fmt.Sprintf(" The %s's new number is its old SND.NXT + 65537, as Linux chooses out of TIME_WAIT.", holder)
		}
		return one(Both, Probable, []int{u.frame},
			fmt.Sprintf("the %s's TIME_WAIT of the connection before (#%d), %s old, was reused", who, u.priorID, seconds(u.timeWaitAge)), why)
	},
}
