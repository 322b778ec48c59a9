package analyzer

import (
	"tcpreplay-fsm/tcp"
)

var ruleSimultaneousClose = Rule{
	ID: "simultaneous-close", Title: "Both ends closed at the same moment: the FINs crossed",
	Severity: Notice, About: "closing",
	detect: func(ev *evidence) []Finding {
		a, b := ev.entered(Client, tcp.FinWait1), ev.entered(Server, tcp.FinWait1)
		if a == nil || b == nil {
			return nil
		}
		return one(Both, Probable, []int{a.Frame, b.Frame}, "each end sent its FIN before it had received the other's",
			"Both went through CLOSING and both are left in TIME_WAIT. Nothing is wrong with it; both applications called close() or shutdown() within one trip of the network.")
	},
}
