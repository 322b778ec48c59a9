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
	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			t := ev.entered(x, tcp.FinWait2)
			if ev.state(x) != tcp.FinWait2 || ev.end-t.Time < finTimeout {
				continue
			}
			return one(x, Probable, []int{t.Frame},
				fmt.Sprintf("the %s closed %s ago and still waits for the other FIN", x, seconds(ev.end-t.Time)),
				"If its application called close(), Linux drops the socket silently after tcp_fin_timeout (60 s) and answers what comes later with RST; if it called shutdown() only, it waits for ever.")
		}
		return nil
	},
}
