package analyzer

import (
	"fmt"
)

var ruleHalfClose = Rule{
	ID: "half-close", Title: "One end went on sending after the other had closed its direction",
	Severity: Notice, About: "closing",

	Seen: "One end sends FIN, the other acknowledges it and goes on sending data, which is acknowledged in turn.",
	Means: "The FIN means \"I have nothing more to send\", not \"I stop reading\": shutdown(SHUT_WR), CloseWrite() in Go. It is how a client marks " +
		"the end of its request and still reads the answer.",
	Apps: "The end that received the FIN reads 0 (Go: io.EOF) and may write as long as it likes. The end that closed its direction gets EPIPE " +
		"(Go: \"broken pipe\") if it writes, and reads on.",
	Check: "Nothing is wrong. Proxies and load balancers often do not carry half-close on: if answers are cut off behind one, look there. If the " +
		"FIN's sender had called close() instead, this data would have drawn a RST (rst-on-data-after-close).",
	Sources: "RFC 9293 section 3.6; shutdown(2)",

	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			if ev.c.observed(obsHalfClose, x.Other()) != nil && !ev.tookDataBehindFIN(x) {
				return nil
			}
		}
		return ev.counted(obsHalfClose, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s sent data %s after it had acknowledged the %s's FIN", side, times(o.n), side.Other()),
				"The FIN says \"I have nothing more to send\", not \"I stop reading\": shutdown(SHUT_WR), or CloseWrite in Go. If its sender had called close() instead, this data would draw a RST."
		})
	},
}

// tookDataBehindFIN reports whether side acknowledged data that came after its FIN: it had
// not called close().
func (ev *evidence) tookDataBehindFIN(side Side) bool {
	o := ev.c.observed(obsHalfClose, side.Other())
	return o != nil && o.seen[0].frame <= ev.c.end[side].advance.frame
}
