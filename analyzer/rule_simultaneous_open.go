package analyzer

import (
	"tcpreplay-fsm/tcp"
)

var ruleSimultaneousOpen = Rule{
	ID: "simultaneous-open", Title: "Both ends connected to each other at the same moment",
	Severity: Notice, About: "opening",

	Seen: "Two SYNs cross: each end sends one before it has received the other's, and each answers with a SYN,ACK that repeats its own initial " +
		"sequence number. A SYN,ACK with an IP ID other than 0 fits (Linux answers for a listener with ID 0).",
	Means: "Both ends called connect() to each other, each from the port that the other connects to; nobody listened. TCP makes one connection " +
		"of it. The SYN,ACKs are no retransmissions.",
	Apps: "Both connect() calls succeed, on the same connection. Neither end sees an accept().",
	Check: "Wanted in TCP hole punching between two NATs. If it is not wanted, a program connects from a fixed port (bind() before connect()) to " +
		"a peer that does the same, or to itself.",
	Sources: "RFC 9293 section 3.5, figure 7; Linux tcp_rcv_synsent_state_process()",

	detect: func(ev *evidence) []Finding {
		if ev.v.Opened != OpenedSimultaneous {
			return nil
		}
		sure, came := Certain, "both went through SYN_RCVD. Both connect() calls succeed, on one connection."
		syn, crossed := ev.entered(Client, tcp.SynSent), ev.entered(Server, tcp.SynSent)
		switch { // nothing else tells that a SYN was not another's
		case !ev.was(Client, tcp.Established) || !ev.was(Server, tcp.Established):
			sure, came = Probable, "had both been answered, both connect() calls would have succeeded, on one connection."
		case crossed.Evidence == Presumed:
			sure = Probable
		}
		return one(Both, sure, []int{syn.Frame, crossed.Frame},
			"the SYNs crossed: both ends called connect() at the same time",
			"Neither end listened: each sent a SYN before it had the other's; "+came)
	},
}
