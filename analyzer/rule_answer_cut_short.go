package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleAnswerCutShort = Rule{
	ID: "answer-cut-short", Title: "A server ended before all of its HTTP answer was sent",
	Severity: Warning, About: "data", Verdict: true,

	Seen: "The header of an HTTP/1 answer tells how long its body is (Content-Length), and the server's FIN, or the RST with which it aborts, comes before " +
		"that many bytes. Chunked answers, and those in TLS or HTTP/2, are not looked at; where the client closed first, nothing is said.",
	Means: "The server's application crashed, was stopped or ran into a time-out of its own while it was sending, or told a length it does not keep; or a " +
		"proxy lost the server behind it.",
	Apps: "The client gets the beginning and then end of file, or ECONNRESET (curl: (18) transfer closed with bytes remaining; Go: unexpected EOF; " +
		"browsers: ERR_CONTENT_LENGTH_MISMATCH; nginx in front: \"upstream prematurely closed connection while reading upstream\").",
	Check: "The server's log and its supervisor's at that moment, its write time-out (Go: http.Server.WriteTimeout; nginx: send_timeout), and, of a proxy, " +
		"the connection to the server behind it.",
	Sources: "RFC 9112 sections 6.3 and 8",

	detect: func(ev *evidence) []Finding {
		h := ev.c.http()
		if h == nil || h.answer.frame == 0 {
			return nil
		}
		end, at := ev.lastOf(Server)
		missing := h.answer.end.Sub(at)
		if end == nil || missing <= 0 || int64(missing) > int64(h.answer.length) {
			return nil
		}
		if fin := ev.c.fin(Client); fin != nil && fin.frame > h.answer.frame && !ev.endsFirst(Server, end, fin) {
			return nil // it no longer wanted it
		}
		how := "closed"
		if end.flags.Has(tcp.RST) {
			how = "aborted"
		}
		return one(Server, Probable, []int{h.answer.frame, end.frame},
			fmt.Sprintf("the server %s with %d of the %d bytes of its HTTP answer not sent", how, missing, h.answer.length),
			"Its application crashed, was stopped or ran into a time-out while it was sending, or told a Content-Length that it did not keep. The client reads end of file or ECONNRESET too early (curl: (18); Go: unexpected EOF; browsers: ERR_CONTENT_LENGTH_MISMATCH).")
	},
}
