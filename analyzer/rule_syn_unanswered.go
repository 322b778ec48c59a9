package analyzer

import (
	"fmt"
	"time"

	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

// answerWait is for how long an answer may be on its way: the initial time-out of RFC 6298
// section 2.1, after which a SYN is sent again.
const answerWait = int64(time.Second)

var ruleSYNUnanswered = Rule{
	ID: "syn-unanswered", Title: "Nothing answered the SYN",
	Severity: Warning, About: "opening",

	Seen: "One or more SYNs, and to the end of the capture neither a SYN,ACK nor a RST nor an ICMP error. A single SYN in the last second of a capture is but a notice. " +
		"Over several conversations: a client's SYNs to a port that answers others of its SYNs.",
	Means: "A firewall that drops silently, a host that is down, a wrong address, a full accept or SYN queue (Linux drops the SYN then), or an " +
		"answer that took another path than the one captured; where the SYN is signed (TCP MD5, TCP-AO), a server without that key. The wire does not tell these apart; a capture on the server does: SYN not " +
		"there, the path; SYN there and no answer, the host or its firewall.",
	Apps: "connect() blocks, and fails with ETIMEDOUT after about two minutes on Linux (Go: \"connect: connection timed out\"), or earlier with " +
		"the program's own limit (Go: \"dial tcp ...: i/o timeout\", context deadline exceeded). The server's application sees nothing.",
	Check: "Firewall and security group rules in both directions, the route back, ss -ltn on the server (is it listening, on this address, is " +
		"Recv-Q at Send-Q?), nstat -az TcpExtListenDrops. Set a connect timeout of your own: the kernel's is long.",
	Sources: "RFC 9293 section 3.8.3; Linux tcp_write_timeout(), net.ipv4.tcp_syn_retries",

	detect: func(ev *evidence) []Finding {
		if ev.v.Opened != OpenedTimeout {
			return nil
		}
		var frames []int
		var last int64
		for i := range ev.c.log {
			if en := &ev.c.log[i]; en.side == Client && en.flags.Has(tcp.SYN) {
				frames, last = append(frames, en.frame), en.time
			}
		}
		sure := Certain
		if len(frames) == 1 && (ev.c.reuse != nil || ev.c.syn != nil) {
			sure = Probable // a late copy of an old SYN, or a forged one, would look the same
		}
		if after := ev.end - last; len(frames) == 1 && after < answerWait {
			when := "with it"
			if after > 0 {
				when = seconds(after) + " after it"
			}
			out := one(Client, Possible, frames, "no answer to 1 SYN, but the capture ends "+when,
				"An answer may have come later. If none came: a firewall that drops, a host that is down, or a full accept or SYN queue.")
			out[0].Severity = Notice
			return out
		}
		return one(Client, sure, frames,
			fmt.Sprintf("no answer to %s in %s", words.Count(len(frames), "SYN"), seconds(ev.end-ev.c.first)),
			ev.whyUnanswered()+" connect() ends with ETIMEDOUT (Go: \"connect: connection timed out\", or the dialer's \"i/o timeout\").")
	},
}

// whyUnanswered says why nothing may have answered the SYN.
func (ev *evidence) whyUnanswered() string {
	const path = "a firewall that drops, a host that is down, a full accept or SYN queue, or an answer on another path than the one captured."
	switch {
	case ev.unsignedResets(Server) != nil:
		return "The RST that came back lacks the TCP signature that the client wants, which drops it (RFC 2385 section 4.1): its sender has no listener there, or no key."
	case ev.c.end[Client].is(hasKey):
		return "Neither SYN,ACK nor RST nor ICMP error came back. The SYN is signed (TCP MD5, RFC 2385, or TCP-AO, RFC 5925): a host that has no key or another, or no listener, drops it without a word. Or it was " + path
	}
	return "Neither SYN,ACK nor RST nor ICMP error came back: " + path
}
