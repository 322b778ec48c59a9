package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// timers ends states that time alone ends, and nothing on the wire shows.
func (r *replayer) timers() {
	if r.state == tcp.TimeWait {
		r.endTimeWait()
	} else {
		r.giveUp()
	}
}

// endTimeWait ends TIME_WAIT, by the SYN that took the 4-tuple over or by its timer.
func (r *replayer) endTimeWait() {
	r.restartTimeWait()
	if s := r.c.succ; s != nil && s.time-r.twStart < r.o.timeWait {
		r.timeline = append(r.timeline, Transition{State: tcp.Closed, Event: tcp.Reuse, Frame: s.frame, Time: s.time,
			Evidence: evidenceOf(s.side == r.me && s.answered), Cause: tcp.Reuse.String(), Ref: "RFC 9293 3.6.1"})
		r.state = tcp.Closed
		return
	}
	if end := r.twStart + r.o.timeWait; r.o.until >= end {
		r.expire(tcp.Expire2MSL, end, tcp.Expire2MSL.String())
	}
}

// restartTimeWait moves the start of TIME_WAIT to the last FIN that the peer sent
// again while it lasted (RFC 9293 section 3.10.7.4, TIME-WAIT STATE).
func (r *replayer) restartTimeWait() {
	for i := range r.c.log {
		en := &r.c.log[i]
		if en.side != r.me && r.isPeerFIN(en) && r.twStart < r.c.lastSeen(en).time && r.c.lastSeen(en).time-r.twStart < r.o.timeWait {
			r.twStart = r.c.lastSeen(en).time
		}
	}
}

const (
	// quietLeast is for how long a capture must go on without another copy before
	// an endpoint is taken to have given up.
	quietLeast = int64(60 * time.Second)
	// quietFactor is the same in terms of the last pause between two copies. The
	// pauses double, up to 120 s (Linux, TCP_RTO_MAX), so the next copy would have
	// come within twice the last one.
	quietFactor = 4
)

// limits are what ends each state in which an endpoint repeats a segment, where
// the kernel gives up without a packet.
var limits = map[tcp.State]string{
	tcp.SynSent:  "gave up the SYN (Linux: net.ipv4.tcp_syn_retries, 6, after about 127 s)",
	tcp.SynRcvd:  "gave up the SYN,ACK (Linux: net.ipv4.tcp_synack_retries, 5, after about 63 s)",
	tcp.FinWait1: "gave up the FIN (Linux: net.ipv4.tcp_orphan_retries, 8; tcp_retries2 while the socket is held)",
	tcp.Closing:  "gave up the FIN (Linux: net.ipv4.tcp_orphan_retries, 8; tcp_retries2 while the socket is held)",
	tcp.LastAck:  "gave up the FIN (Linux: net.ipv4.tcp_orphan_retries, 8; tcp_retries2 while the socket is held)",
}

// giveUp ends a state in which the endpoint repeated its SYN or FIN and stopped:
// the capture goes on for so long that another copy would have come. When it gave
// up is when that copy was due.
func (r *replayer) giveUp() {
	why, ok := limits[r.state]
	if !ok || r.c.logFull {
		return
	}
	var last, gap int64
	n := 0
	for i := range r.c.log {
		en := &r.c.log[i]
		if en.side != r.me || !(r.owns(en) || !r.state.Synchronized() && en.flags.Has(tcp.SYN)) {
			continue
		}
		if n++; n > 1 {
			gap = en.time - last
		}
		last = en.time
	}
	if t := r.e.tail; t != nil && t.last > last { // data before the FIN was repeated
		last, gap, n = t.last, t.gap, t.n
	}
	if n > 1 && gap > 0 && r.o.until-last >= max(quietLeast, quietFactor*gap) {
		r.expire(tcp.GiveUp, last+2*gap, why)
	}
}

// expire closes the endpoint by a timer.
func (r *replayer) expire(ev tcp.Event, when int64, why string) {
	arrow, ok := tcp.Next(r.state, ev)
	if !ok {
		return
	}
	r.timeline = append(r.timeline, Transition{State: arrow.To, Event: ev, Time: when, Evidence: Timer, Cause: why, Ref: arrow.Ref})
	r.state = arrow.To
}
