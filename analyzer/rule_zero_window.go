package analyzer

import (
	"fmt"
	"time"

	"tcpreplay-fsm/internal/words"
)

// zeroWindowShort is below which a closed window is nothing to worry about.
const zeroWindowShort = int64(time.Second)

var ruleZeroWindow = Rule{
	ID: "zero-window", Title: "A receiver closed its window",
	Severity: Warning, About: "idle and death",

	Seen: "A segment with window 0; the peer stops sending data, at most probes, until a segment with a larger window comes.",
	Means: "The receive buffer of the side named is full, because its application does not read as fast as data comes. It is back-pressure and " +
		"protects memory; for as long as it lasts the sender waits for that application, and not for the network.",
	Apps: "The sender's write() blocks (or EAGAIN; Go: Write blocks until its deadline) once its own send buffer is full too. The receiver's " +
		"application sees nothing unusual.",
	Check: "On the receiver: ss -tnmp, where Recv-Q stays high. What does the program do instead of reading: a lock, a slow disk or database " +
		"downstream, garbage collection, a stopped process? If it reads well but in large strides, a larger buffer (net.ipv4.tcp_rmem; " +
		"SO_RCVBUF switches automatic growth off) helps. nstat -az TcpExtTCPToZeroWindowAdv on the receiver.",
	Sources: "RFC 9293 sections 3.8.6 and 3.8.6.1; Linux tcp_select_window(), tcp_send_probe0()",

	detect: func(ev *evidence) []Finding {
		out := ev.counted(obsZeroWindow, Certain, func(side Side, o *observation) (string, string) {
			closed, open := ev.c.closedFor(side, ev.end)
			s := fmt.Sprintf("the %s closed its window %s, %s in all", side, times(o.n), seconds(closed))
			if open {
				s += ", and had not opened it at the end"
			}
			d := fmt.Sprintf("Its application did not read as fast as data came: the %s had to wait.", side.Other())
			if p := ev.c.observed(obsWindowProbe, side.Other()); p != nil {
				d += " Its peer sent " + words.Count(p.n, "window probe") + " meanwhile."
			}
			return s, d
		})
		for i := range out {
			if closed, open := ev.c.closedFor(out[i].Side, ev.end); closed < zeroWindowShort && !open {
				out[i].Severity = Notice
			}
		}
		return out
	},
}

// closedFor is how long side's window was closed, and whether it still was at end.
func (c *conn) closedFor(side Side, end int64) (total int64, still bool) {
	shut, open := c.observed(obsZeroWindow, side), c.observed(obsWindowOpen, side)
	for i := range shut.seen {
		if open == nil || i >= open.n {
			last := min(end, c.lastTime)
			return total + last - shut.seen[i].time, true
		}
		if i < len(open.seen) {
			total += open.seen[i].time - shut.seen[i].time
		}
	}
	if h := c.end[side].meter; h != nil && h.hitches != nil && shut.n > len(shut.seen) {
		total = h.zero.total(min(end, c.lastTime)) // not every time is kept, but their sum is
	}
	return total, open == nil || open.n < shut.n
}
