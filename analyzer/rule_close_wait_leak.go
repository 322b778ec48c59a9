package analyzer

import (
	"fmt"
	"time"

	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

// closeWaitAge is how long an endpoint must stay in CLOSE_WAIT before that is
// taken for a leak.
const closeWaitAge = int64(30 * time.Second)

var ruleCloseWaitLeak = Rule{
	ID: "close-wait-leak", Title: "An application does not close a connection that its peer has closed",
	Severity: Warning, About: "closing",

	Seen: "The peer's FIN was received and acknowledged, and this end sends neither FIN nor data for a long time: it stays in CLOSE_WAIT.",
	Means: "The kernel has done its part; the application has not called close(). No timer ends CLOSE_WAIT: the socket, its buffers and the file " +
		"descriptor stay until the program closes them or exits. It is nearly always a bug of the program on this end, seldom a slow one that " +
		"still works on its last answer.",
	Apps: "Here read() returned 0 (Go: io.EOF) or nobody reads at all. The peer has closed and thinks no more of it; its FIN_WAIT_2 is dropped " +
		"after 60 s on Linux, and what this end then writes draws a RST: first ECONNRESET or EPIPE.",
	Check: "ss -tanp state close-wait names the process and its fd; a Recv-Q of 1 or more means that the program has not even read up to the " +
		"FIN. In the code: every path out of the connection must close, errors and timeouts included (Go: defer resp.Body.Close(), defer " +
		"conn.Close(); Java: try-with-resources). Pools must check for EOF before they hand a connection out or must drop idle ones. The " +
		"process runs out of file descriptors (EMFILE, \"too many open files\") in the end: ls /proc/PID/fd | wc -l.",
	Sources: "RFC 9293 section 3.6; Linux tcp_fin(), tcp_close()",

	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			t := ev.entered(x, tcp.CloseWait)
			if ev.state(x) != tcp.CloseWait || ev.end-t.Time < closeWaitAge || ev.end-ev.c.end[x].time < closeWaitAge {
				continue
			}
			if _, unseen := ev.c.impliedFIN(x.Other()); unseen {
				continue // the FIN may have been a byte, as of somebody who types: capture-gap says so
			}
			sure := Probable
			if t.Evidence > Acked {
				sure = Possible // where the capture lost much, it is wrong half the time
			}
			return one(x, sure, []int{t.Frame},
				fmt.Sprintf("the %s has been in CLOSE_WAIT for %s and does not close", x, seconds(ev.end-t.Time)),
				"Its application was told end of file (read returned 0, io.EOF) and has not called close(). The socket and its file descriptor stay until it does. "+
					leftBehind(&ev.v.Endpoints[x], t.Time)+" Look for a code path that returns on EOF or an error without closing.")
		}
		return nil
	},
}

// leftBehind says what an endpoint last did before the FIN that it received at fin.
func leftBehind(e *Endpoint, fin int64) string {
	said := "It never sent data."
	if e.LastPayload > 0 {
		said = fmt.Sprintf("It last sent data %s before the FIN.", seconds(fin-e.LastPayload))
		if e.LastPayload > fin {
			said = fmt.Sprintf("It last sent data %s after the FIN.", seconds(e.LastPayload-fin))
		}
	}
	if e.Unanswered > 0 {
		said += " The last " + words.Count(e.Unanswered, "byte") + " it received drew no answer."
	}
	return said
}
