package analyzer

import "fmt"

// fewestStalls is how often payload must have been held back: once or twice may be chance.
const fewestStalls = 5

var ruleDelayedACKStall = Rule{
	ID: "delayed-ack-stall", Title: "Nagle's algorithm and delayed ACKs waited for each other",
	Severity: Notice, About: "data",

	Seen: "Again and again: a small segment, its ACK 40 ms or more later than a round trip takes, and at once more data of the same sender, whose peer sent nothing " +
		"in between. Not where it sends a quarter as often shortly behind such an ACK, or a small segment before the ACK of another: its application takes that long itself, and Nagle's algorithm may be off.",
	Means: "The sender's application writes a message in two or more pieces. Nagle's algorithm holds the second back until the first is acknowledged, and the " +
		"receiver, which has nothing to answer to half a message, delays its ACK (40 ms on Linux, up to 200 ms elsewhere).",
	Apps: "Every such message takes 40 ms (200 ms) longer than the network and the applications need.",
	Check: "Write a message with one call (buffer it, writev(), MSG_MORE), or set TCP_NODELAY (Go does by default; Java: setTcpNoDelay; nginx: tcp_nodelay). " +
		"TCP_QUICKACK at the receiver is no cure.",
	Sources: "RFC 9293 sections 3.7.4 and 3.8.6.3; RFC 896; Linux tcp_nagle_check(), TCP_DELACK_MIN",

	detect: func(ev *evidence) []Finding {
		var out []Finding
		for x := Client; x <= Server; x++ {
			o := ev.c.observed(obsHeld, x)
			if o == nil || o.n < fewestStalls {
				continue
			}
			h := ev.c.end[x].meter.hitches
			if o.n <= 4*int(h.paced) {
				continue // its application just takes about as long
			}
			out = append(out, one(x, Probable, o.frameList(),
				fmt.Sprintf("the %s held data back %s until a delayed ACK came, %s in all", x, times(o.n), seconds(h.held)),
				fmt.Sprintf("Its application writes a message in pieces: Nagle's algorithm keeps the next piece until the one before is acknowledged, and the %s delays that ACK. One write for a message, or TCP_NODELAY, ends it.", x.Other()))...)
		}
		return out
	},
}
