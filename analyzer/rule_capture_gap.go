package analyzer

import (
	"fmt"

	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

var ruleCaptureGap = Rule{
	ID: "capture-gap", Title: "Bytes were acknowledged that the capture does not hold",
	Severity: Notice, About: "capture",

	Seen: "A segment acknowledges bytes that the capture does not hold, or a handshake segment is missing though the connection went on.",
	Means: "The capture lost packets, or part of the traffic took another path. The receiver had them: it acknowledged. What was in them is " +
		"unknown, and a FIN or RST may have been among them. It is no packet loss of the network.",
	Apps: "Nothing.",
	Check: "tcpdump's and dumpcap's own count of packets dropped by kernel; a larger capture buffer (tcpdump -B), a shorter snap length, a " +
		"filter, a file on a fast disk. On switches: mirror ports drop when both directions together exceed the port.",
	Sources: "RFC 9293 section 3.4 (an ACK proves receipt)",

	detect: func(ev *evidence) []Finding {
		if ev.c.filtered() {
			return nil // capture-filtered says so
		}
		out := ev.counted(obsGap, Probable, func(side Side, o *observation) (string, string) {
			n := ev.c.end[side].lost.total
			return fmt.Sprintf("%s of the %s %s acknowledged but not captured", words.Count(n, "byte"), side, words.Of(n, "was", "were")),
				"The capture dropped packets (see its kernel drop counter) or part of the traffic took another path. What was in them is unknown; a FIN may have been among them."
		})
		for side := Client; side <= Server; side++ {
			b := ev.c.end[side.Other()].beyond
			if b == nil {
				continue
			}
			n := ev.c.end[side.Other()].ack.Sub(b.edge)
			sure, detail := Possible, "The capture lost this, or that acknowledgement is not its sender's own. What it was is unknown; perhaps a FIN."
			if _, ok := ev.c.impliedFIN(side); ok {
				sure, detail = Probable, "It was the last that this side sent: most likely a FIN that the capture lost."
			}
			out = append(out, one(side, sure, []int{b.frame}, fmt.Sprintf("acknowledged at the end but not captured: %s of the %s", words.Count(n, "byte"), side), detail)...)
		}
		if ev.c.roles == rolesSYNACK && ev.c.lateSYN() == nil && len(ev.t[0].timeline) > 0 && ev.c.end[Client].segments > 0 {
			out = append(out, one(Client, Possible, []int{ev.c.firstFrame}, "the SYN is missing",
				"The capture lost it, or began between SYN and SYN,ACK.")...)
		}
		if ev.c.roles == rolesSYN && !ev.c.end[Server].is(hasSYN) && ev.was(Server, tcp.Established) && ev.c.end[Server].segments > 0 {
			out = append(out, one(Server, Probable, []int{ev.c.firstFrame}, "the SYN,ACK is missing",
				"The capture lost it: the connection was opened all the same.")...)
		}
		return out
	},
}
