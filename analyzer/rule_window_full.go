package analyzer

import (
	"fmt"
)

var ruleWindowFull = Rule{
	ID: "window-full", Title: "A sender filled its peer's receive window",
	Severity: Info, About: "data",

	Seen: "A segment ends exactly at the right edge of the window that the receiver advertised.",
	Means: "The sender has used all that the receiver allows. If it happens again and again while acknowledgements come, throughput is the " +
		"receiver's window divided by the round-trip time; if zero-window follows, the application is slow.",
	Apps: "write() blocks sooner than it would; nothing fails.",
	Check: "Receive buffers on a long path: net.ipv4.tcp_rmem (third value), SO_RCVBUF (which switches automatic growth off), and window " +
		"scaling, which must be in both SYNs. ss -ti on the sender shows rwnd_limited.",
	Sources: "RFC 9293 section 3.8.6; RFC 7323 section 2",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsWindowFull, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s filled the %s's window %s", side, side.Other(), times(o.n)),
				"It may not send more until the receiver opens its window: the receiver's buffer or its application sets the pace."
		})
	},
}
