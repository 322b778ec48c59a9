package analyzer

import (
	"tcpreplay-fsm/tcp"
)

var ruleSimultaneousOpen = Rule{
	ID: "simultaneous-open", Title: "Both ends connected to each other at the same moment",
	Severity: Notice, About: "opening",
	detect: func(ev *evidence) []Finding {
		if ev.v.Opened != OpenedSimultaneous {
			return nil
		}
		return one(Both, Certain, []int{ev.entered(Client, tcp.SynSent).Frame, ev.entered(Server, tcp.SynSent).Frame},
			"the SYNs crossed: both ends called connect() at the same time",
			"Neither end listened: each sent a SYN before it had the other's, and both went through SYN_RCVD. Both connect() calls succeed, on one connection.")
	},
}
