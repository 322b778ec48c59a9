package analyzer

import (
	"slices"
	"time"
)

// isProbe reports whether frame is a keep-alive probe of side.
func (ev *evidence) isProbe(frame int, side Side) bool {
	o := ev.c.observed(obsKeepalive, side)
	return o != nil && slices.Contains(o.frameList(), frame)
}

// afterProbes reports whether the RST came where the next keep-alive probe of
// its sender was due, and not after an answer to the last had arrived, as its timestamp
// tells (RFC 7323 section 4.3): answers that pass may be lost behind the point of capture.
func (ev *evidence) afterProbes(r *resetSeen, ka *observation) bool {
	if r.echoes && r.peer.frame > ka.lastFrame {
		return false
	}
	if r.last.frame != ka.lastFrame || ka.n > maxObsFrames {
		return r.last.frame == ka.lastFrame
	}
	wait := r.time - ka.last
	if ka.n < 2 {
		return r.tail != nil && r.tail.kind == segKeepalive && wait > int64(500*time.Millisecond)
	}
	gap := ka.seen[ka.n-1].time - ka.seen[ka.n-2].time
	return wait > gap*3/4 && wait < gap*5/4
}

// givesUp reports whether r came where the next copy of what its sender sent again and again
// was due: after twice the last pause, or about the same where a stack doubles it no further.
// RFC 9293 section 3.8.3 has it close the connection; BSD, macOS and Windows say so with a
// RST (FreeBSD tcp_timer_rexmt() and tcp_timer_persist(), tcp_drop()), Linux does not.
func (r *resetSeen) givesUp() bool {
	t := r.tail
	if t == nil || t.kind == segKeepalive || t.n < deathCopies {
		return false
	}
	least := t.gap * 3 / 4
	if t.last-t.first < t.gap*2 { // less than two pauses of that length: they were doubled to the last
		least = t.gap * 3 / 2
	}
	wait := r.time - t.last
	return wait > least && wait < t.gap*5/2
}
