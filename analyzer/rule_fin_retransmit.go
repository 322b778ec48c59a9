package analyzer

import (
	"fmt"
	"slices"
)

var ruleFINRetransmit = Rule{
	ID: "fin-retransmit", Title: "A FIN was sent again",
	Severity: Notice, About: "closing",

	Seen: "The same FIN passes again. BSD and macOS repeat it in each ACK until it is acknowledged: such an ACK, which tells of something new, is not " +
		"counted.",
	Means: "The FIN or its acknowledgement was lost or is late. The sender stays in FIN_WAIT_1, CLOSING or LAST_ACK meanwhile; a FIN that meets " +
		"TIME_WAIT again is acknowledged again and restarts it.",
	Apps: "Nothing: both called close() already. With SO_LINGER and a time, close() blocks longer.",
	Check: "Nothing for a few. If FINs are regularly sent until the sender gives up, a stateful firewall probably forgets the connection at the " +
		"first FIN or RST and drops what follows; ss -tan state last-ack and state fin-wait-1 show how many hang.",
	Sources: "RFC 9293 section 3.10.7.4; RFC 6298; Linux tcp_retransmit_timer(), net.ipv4.tcp_orphan_retries; FreeBSD tcp_output()",

	detect: func(ev *evidence) []Finding {
		var out []Finding
		for x := Client; x <= Server; x++ {
			if frames, n := ev.finCopies(x); n > 0 {
				out = append(out, one(x, Probable, frames, fmt.Sprintf("the %s sent its FIN again %s", x, times(n)),
					"The FIN or its acknowledgement was lost, or is late. The applications do not notice; the socket stays longer in FIN_WAIT_1, CLOSING or LAST_ACK.")...)
			}
		}
		return out
	},
}

// finCopies lists the frames in which side's FIN passed again, as far as kept, and counts them.
// Those that acknowledge something new are copies only if side also sends ACKs without FIN
// behind it: BSD sends none.
func (ev *evidence) finCopies(side Side) (frames []int, n int) {
	kinds := []obsKind{obsFINRetransmit}
	if ev.c.acksBehindFIN(side) {
		kinds = append(kinds, obsFINInACK)
	}
	for _, k := range kinds {
		if o := ev.c.observed(k, side); o != nil {
			frames, n = append(frames, o.frameList()...), n+o.n
		}
	}
	slices.Sort(frames)
	return frames, n
}

// acksBehindFIN reports whether side sent an ACK without FIN behind its FIN before that was
// acknowledged.
func (c *conn) acksBehindFIN(side Side) bool {
	top := c.end[side].top
	acked := c.log.firstACK(side.Other(), top)
	return c.log.first(side, func(en *entry) bool {
		return en.plain() && en.alive() && en.seq == top && (acked == nil || en.frame < acked.frame)
	}) != nil
}
