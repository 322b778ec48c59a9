package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleSYNUnanswered = Rule{
	ID: "syn-unanswered", Title: "Nothing answered the SYN",
	Severity: Warning, About: "opening",
	detect: func(ev *evidence) []Finding {
		if ev.v.Opened != OpenedTimeout {
			return nil
		}
		var frames []int
		for i := range ev.c.log {
			if en := &ev.c.log[i]; en.side == Client && en.flags.Has(tcp.SYN) {
				frames = append(frames, en.frame)
			}
		}
		return one(Client, Certain, frames,
			fmt.Sprintf("no answer to %d SYN%s in %s", len(frames), plural(len(frames)), seconds(ev.end-ev.c.first)),
			"Neither SYN,ACK nor RST nor ICMP error came back: a firewall that drops, a host that is down, a full accept or SYN queue, or an answer on another path than the one captured. connect() ends with ETIMEDOUT (Go: \"connect: connection timed out\", or the dialer's \"i/o timeout\").")
	},
}

// plural is the s of a word that counts n things.
func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
