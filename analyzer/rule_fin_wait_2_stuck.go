package analyzer

import (
	"fmt"
	"time"

	"tcpreplay-fsm/tcp"
)

// finTimeout is Linux's net.ipv4.tcp_fin_timeout: how long an orphan stays in
// FIN_WAIT_2.
const finTimeout = int64(60 * time.Second)

var ruleFinWait2Stuck = Rule{
	ID: "fin-wait-2-stuck", Title: "An endpoint waits in FIN_WAIT_2 for a FIN that does not come",
	Severity: Notice, About: "closing",

	Seen: "This end sent FIN, it was acknowledged, and the other end's FIN has not come for a minute or more.",
	Means: "The other end has not closed: often it is a CLOSE_WAIT leak there. If this end called close() its Linux kernel drops the socket " +
		"silently after tcp_fin_timeout (60 s) and answers whatever comes later with RST; if it called shutdown() only, it waits for as long " +
		"as the program wants.",
	Apps: "After close() the application here is done. After shutdown() a read here blocks. The other end's application was told end of file " +
		"and did not react.",
	Check: "On the other end: ss -tanp state close-wait. Here: ss -tan state fin-wait-2; with a process the socket is held (shutdown), without " +
		"one it is an orphan. Set a read deadline after shutdown().",
	Sources: "RFC 9293 section 3.6; Linux tcp_close(), TCP_LINGER2, net.ipv4.tcp_fin_timeout (which does not govern TIME_WAIT)",

	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			t := ev.entered(x, tcp.FinWait2)
			if ev.state(x) != tcp.FinWait2 || ev.end-t.Time < finTimeout {
				continue
			}
			if _, unseen := ev.c.impliedFIN(x); unseen {
				continue // its FIN may have been a byte
			}
			return one(x, Probable, []int{t.Frame},
				fmt.Sprintf("the %s closed %s ago and still waits for the other FIN", x, seconds(ev.end-t.Time)),
				"If its application called close(), Linux drops the socket silently after tcp_fin_timeout (60 s) and answers what comes later with RST; if it called shutdown() only, it waits for ever.")
		}
		return nil
	},
}
