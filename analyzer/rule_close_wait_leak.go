package analyzer

import (
	"fmt"
	"time"

	"tcpreplay-fsm/tcp"
)

// closeWaitAge is how long an endpoint must stay in CLOSE_WAIT before that is
// taken for a leak.
const closeWaitAge = int64(30 * time.Second)

var ruleCloseWaitLeak = Rule{
	ID: "close-wait-leak", Title: "An application does not close a connection that its peer has closed",
	Severity: Warning, About: "closing",
	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			t := ev.entered(x, tcp.CloseWait)
			if ev.state(x) != tcp.CloseWait || ev.end-t.Time < closeWaitAge || ev.end-ev.c.end[x].time < closeWaitAge {
				continue
			}
			return one(x, Probable, []int{t.Frame},
				fmt.Sprintf("the %s has been in CLOSE_WAIT for %s and does not close", x, seconds(ev.end-t.Time)),
				"Its application was told end of file (read returned 0, io.EOF) and has not called close(). The socket and its file descriptor stay until it does. Look for a code path that returns on EOF or an error without closing.")
		}
		return nil
	},
}
