package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleHalfOpenPeerLost = Rule{
	ID: "half-open-peer-lost", Title: "One end had lost the connection without the other knowing",
	Severity: Warning, About: "resets",
	detect: func(ev *evidence) []Finding {
		out := ev.resetFindings(causeNoSocket)
		for i := range out {
			if n := len(out[i].Frames); n > 1 && ev.isProbe(out[i].Frames[1], out[i].Side.Other()) {
				out[i].Severity = Notice // what keep-alive is for
			}
		}
		if s := ev.c.succ; s.frame != 0 && len(out) == 0 {
			// RFC 9293 section 3.5.1, figure 9: the SYN of the restarted end draws an
			// ACK of the old connection, and that a RST.
			x := s.side
			ch, cut := ev.c.observed(obsChallengeACK, x.Other()), ev.firstReset()
			if ch != nil && cut != nil && cut.side == x && ev.t[x.Other()].stateAt(s.frame).State.Synchronized() && ev.t[x.Other()].stateAt(s.frame).State != tcp.TimeWait {
				return one(x, Probable, []int{s.frame, ch.frames[0], cut.frame},
					fmt.Sprintf("the %s had lost the connection and opened a new one from the same port", x),
					fmt.Sprintf("The %s still held the old connection and answered the SYN with an ACK; the RST that drew told it. The new connection came about with the SYN sent again.", x.Other()))
			}
		}
		return out
	},
}
