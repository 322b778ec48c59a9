package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleSimultaneousClose = Rule{
	ID: "simultaneous-close", Title: "Both ends closed at the same moment: the FINs crossed",
	Severity: Notice, About: "closing",

	Seen: "Each end sends a FIN that does not acknowledge the other's FIN.",
	Means: "Both called close() or shutdown() before either had heard of the other's: both were in FIN_WAIT_1, then CLOSING, and both end in " +
		"TIME_WAIT. Which FIN passed the point of capture first says nothing about who was first.",
	Apps: "Each application called close() and sees nothing more; a read after shutdown() returns 0 (Go: io.EOF).",
	Check: "Nothing is wrong. If TIME_WAIT on a client with many connections is a worry (port-pressure), let only one side close. Typical " +
		"reason: both have the same idle timeout, or the protocol says goodbye on both sides.",
	Sources: "RFC 9293 section 3.6, figure 13 (case 3)",

	detect: func(ev *evidence) []Finding {
		a, b := ev.entered(Client, tcp.FinWait1), ev.entered(Server, tcp.FinWait1)
		if a == nil || b == nil {
			return nil
		}
		return one(Both, Probable, []int{a.Frame, b.Frame}, "each end sent its FIN before it had received the other's",
			ev.afterCrossing()+"both applications called close() or shutdown() within one trip of the network.")
	},
}

// afterCrossing says how far the two ends came behind FINs that crossed.
func (ev *evidence) afterCrossing() string {
	if ev.was(Client, tcp.TimeWait) && ev.was(Server, tcp.TimeWait) {
		return "Both went through CLOSING and both are left in TIME_WAIT. Nothing is wrong with it; "
	}
	if r := ev.firstReset(); r != nil {
		return fmt.Sprintf("They would have gone through CLOSING to TIME_WAIT, but a RST by the %s cut that short; ", r.side)
	}
	return "Both go through CLOSING to TIME_WAIT, though that both were acknowledged did not pass here; "
}
