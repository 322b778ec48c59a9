package analyzer

import (
	"fmt"
	"time"
)

const (
	// hardlyWaited is how long a client that wants an answer waits at least before it gives up.
	hardlyWaited = int64(time.Second)
	// withRequest is how long behind its request the FIN of a client that still wants the answer
	// comes at most: it closes its direction because it has said all.
	withRequest = int64(20 * time.Millisecond)
	// longWait is how long an answer may be out before the capture's end without being told.
	longWait = int64(5 * time.Second)
)

var ruleRequestUnanswered = Rule{
	ID: "request-unanswered", Title: "An HTTP request got no byte of an answer",
	Severity: Warning, About: "data", Verdict: true,

	Seen: "An HTTP/1 request that the server's host acknowledged, and after it not one byte of the server's: then the server's FIN, or, after a second or " +
		"more, the client's FIN or RST. Where both are still open after five seconds, a notice. A server that ends with a RST is told by what is said of that, and of a " +
		"client that closes sooner, or in the middle of its request, nothing is said. " +
		"Answers in TLS or HTTP/2 cannot be told from other bytes.",
	Means: "The acknowledgement is the kernel's and does not say that the application read the request. A server that closes without an answer has crashed or " +
		"been stopped in the middle of it, refuses the client (as a port that wants TLS does), or had begun to close an idle connection; in the middle of a request, it waited too long for the rest. A client that closes has run into its own " +
		"deadline, or its user went away: the server, or what it waits for itself, is slow or hangs.",
	Apps: "Server closed: the client reads end of file where an answer should begin (curl: (52) Empty reply from server; Go: EOF; Java: NoHttpResponseException; " +
		"nginx in front: 502, \"upstream prematurely closed connection\"). Client gave up: its own time-out (curl: (28); Go: context deadline exceeded (Client.Timeout " +
		"exceeded while awaiting headers); nginx in front: 504, and 499 in the server's log), and the server's write fails later, if at all.",
	Check: "Server closed: its log and its supervisor's at that moment (crash, out of memory, worker recycled, deploy), and whether its keep-alive time-out is " +
		"shorter than the client's. Client gave up: what the server was doing meanwhile (lock, pool, database), and the two time-outs.",
	Sources: "RFC 9112 sections 9.3 and 9.5; RFC 9110 section 9.2.2 (which requests may be sent again)",

	detect: func(ev *evidence) []Finding {
		req, ok := ev.unanswered()
		if !ok {
			return nil
		}
		client, _ := ev.lastOf(Client)
		server, _ := ev.lastOf(Server)
		sent := ev.c.end[Client].payloadTime
		first := ev.endsFirst(Server, server, client)
		switch unfinished := ev.c.asksOn(); {
		case server != nil && server.frame < req.frame:
			return nil // it had closed before
		case unfinished && !first:
			return nil // the server waits for the client
		case first, server != nil && client != nil && client.time-sent < withRequest:
			if unfinished || server.time < sent {
				return one(Server, Probable, []int{req.frame, server.frame}, "the server closed in the middle of an HTTP request, and answered nothing",
					"The rest did not come in time (nginx: client_header_timeout, client_body_timeout; Go: ReadTimeout), or its application crashed or was stopped. The client reads end of file where an answer should begin.")
			}
			return one(Server, Probable, []int{req.frame, server.frame},
				fmt.Sprintf("the server closed %s after an HTTP request that its host had acknowledged, and answered nothing", seconds(server.time-sent)),
				"Its application crashed or was stopped, refuses the client, or was closing the idle connection. The client reads end of file where an answer should begin (curl: Empty reply from server; Go: EOF; nginx: upstream prematurely closed connection).")
		case client != nil && client.time-sent >= hardlyWaited:
			return one(Client, Probable, []int{req.frame, client.frame},
				fmt.Sprintf("the client gave up %s after its HTTP request, which the server's host had acknowledged: no answer", seconds(client.time-sent)),
				"It ran into its own time-out (Go: context deadline exceeded; curl: (28); nginx: 504), or its user went away. The server, or what it waits for, was slow or hung.")
		case client == nil && server == nil && ev.end-sent >= longWait:
			out := one(Server, Probable, []int{req.frame},
				fmt.Sprintf("no answer to an HTTP request in the %s to the end of the capture", seconds(ev.end-sent)),
				"The server's host has acknowledged it: its application is slow, hangs, or waits for something else. An answer may have come later.")
			out[0].Severity = Notice
			return out
		}
		return nil
	},
}

// unanswered returns the client's newest HTTP request if the server's host acknowledged it and
// the server sent no payload after it; what the capture lost may be an answer, and a RST of
// the server's says more.
func (ev *evidence) unanswered() (asked, bool) {
	h, srv := ev.c.http(), &ev.c.end[Server]
	if h == nil || h.asked.frame == 0 {
		return asked{}, false
	}
	req := h.asked
	answered := srv.payloadFrame > req.frame || h.said && req.seq.Less(h.heard) || srv.lost != nil && srv.lost.frame > req.frame
	return req, !answered && srv.resets == 0 && srv.is(hasACK) && req.seq.Less(srv.ack)
}
