package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleSimultaneousClose = Rule{
	ID: "simultaneous-close", Title: "Both ends closed at the same moment: the FINs crossed",
	Severity: Notice, About: "closing",

	Seen: "Each end sends a FIN that does not acknowledge the other's FIN.",
	Means: "Both called close() or shutdown() before either had heard of the other's, within one trip of the network unless a FIN was lost: " +
		"both were in FIN_WAIT_1, then CLOSING, and both end in TIME_WAIT. Which FIN passed the point of capture first says nothing about " +
		"who was first.",
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
			ev.afterCrossing()+"both applications called close() or shutdown() "+ev.whenClosed())
	},
}

// whenClosed says how close to each other both ends closed whose FINs crossed.
func (ev *evidence) whenClosed() string {
	if ev.crossedLate() {
		return "before either knew that the other had: a FIN, or data before it, was lost or late on the way."
	}
	return "within one trip of the network."
}

// crossedLate reports whether FINs crossed that were not sent within one trip of the network:
// one passed again before the other did, or they passed further apart than the handshake's
// round trip.
func (ev *evidence) crossedLate() bool {
	a, b := ev.entered(Client, tcp.FinWait1), ev.entered(Server, tcp.FinWait1)
	if a == nil || b == nil {
		return false
	}
	for x := Client; x <= Server; x++ {
		if o := ev.c.observed(obsFINRetransmit, x); o != nil && o.seen[0].frame < max(a.Frame, b.Frame) {
			return true
		}
	}
	there, back := ev.c.handshakeRTT(Server), ev.c.handshakeRTT(Client)
	return there > 0 && back > 0 && max(a.Time-b.Time, b.Time-a.Time) > there+back
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
