package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleFINOutOfOrder = Rule{
	ID: "fin-out-of-order", Title: "A FIN arrived before all data did",
	Severity: Notice, About: "closing",

	Seen: "A FIN passes while data before it is still missing; the data follows.",
	Means: "The segment with the data was lost or overtaken. A FIN takes effect only when all data before it has arrived: until then its " +
		"receiver stays in ESTABLISHED (or FIN_WAIT_2), whatever a tool says that looks at flags alone.",
	Apps:    "The receiver's application reads all data first and only then end of file; nothing is lost.",
	Check:   "Nothing, unless there is much loss (data-retransmit).",
	Sources: "RFC 9293 section 3.10.7.4 (eighth step: FIN); Linux tcp_data_queue(), tcp_ofo_queue()",

	detect: func(ev *evidence) []Finding {
		var out []Finding
		for x := Client; x <= Server; x++ { // x received it
			frames, took := []int{}, false // a closed socket refuses data, and takes no FIN behind it
			for _, t := range ev.t[x].timeline {
				took = took || t.Event == tcp.RecvFIN
				if t.Event == tcp.RecvFIN && ev.c.isPlainData(t.Frame, x.Other()) {
					frames = append(frames, ev.c.finFrame(x.Other()), t.Frame)
				}
			}
			if o := ev.c.observed(obsFINEarly, x.Other()); o != nil && took && len(frames) == 0 && ev.c.filled(x.Other()) {
				frames = o.frameList()
			}
			if len(frames) > 0 {
				out = append(out, one(x.Other(), Probable, frames,
					fmt.Sprintf("the %s's FIN overtook data; the %s saw the end only when that had arrived", x.Other(), x),
					"A FIN takes effect when all data before it has arrived: until then the receiver stays where it was, and its application still reads data.")...)
			}
		}
		return out
	},
}

// filled reports whether payload of side passed that was missing before its FIN.
func (c *conn) filled(side Side) bool {
	return c.log.first(side, func(en *entry) bool { return en.is(entryFills) }) != nil
}

// isPlainData reports whether frame is payload that side sent without a FIN.
func (c *conn) isPlainData(frame int, side Side) bool {
	return c.log.first(side, func(en *entry) bool { return c.lastSeen(en).frame == frame && en.plain() && en.is(entryData) }) != nil
}
