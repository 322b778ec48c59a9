package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// pick chooses among the waiting segments that fit, copies of one another, the
// one that arrived: the first, if own says with a D-SACK that it had it already
// when another came (RFC 2883); the one whose timestamp own echoes (RFC 7323
// section 4.3); else the first of those sent last, since the answer to an earlier
// one would have been seen.
func (r *replayer) pick(own *entry, fits func(*entry) bool) *entry {
	const burst = int64(150 * time.Millisecond)
	var first, echoed, last *entry
	newest := int(^uint(0) >> 1)
	for _, w := range r.waiting {
		if !fits(w) || w.frame > newest {
			continue
		}
		if first == nil {
			newest = arrivedBefore(r.waiting, own, w.end)
			first = w
		}
		if echoed == nil && own != nil && own.is(entryTS) && w.is(entryTS) && w.tsval == own.tsecr {
			echoed = w
		}
		if last == nil || w.time-last.time > burst {
			last = w
		}
	}
	switch {
	case own == nil || first == nil:
		return first
	case r.saysTwice(own, first.end):
		return first
	case echoed != nil:
		return echoed
	}
	return last
}

// saysTwice reports whether own says with a D-SACK that the bytes up to end
// arrived twice.
func (r *replayer) saysTwice(own *entry, end tcp.Seq) bool {
	b := r.c.dsack(own)
	return b.Left != b.Right && b.Right == end
}

// arrivedBefore returns the frame before which everything up to end had arrived:
// own echoes the timestamp of a segment beyond end, and a receiver takes over the
// timestamp only of segments at or below what it has acknowledged (RFC 7323
// section 4.3).
func arrivedBefore(waiting []*entry, own *entry, end tcp.Seq) int {
	for _, w := range waiting {
		if own != nil && own.is(entryTS) && w.is(entryTS) && w.tsval == own.tsecr && end.LessEq(w.seq) {
			return w.frame
		}
	}
	return int(^uint(0) >> 1)
}

// forget drops waiting segments that own shows never arrived, or that can no
// longer matter.
func (r *replayer) forget(own *entry) {
	if own == nil {
		return
	}
	kept := r.waiting[:0]
	for _, w := range r.waiting {
		age := own.time - r.c.lastSeen(w).time
		late := age > r.slack
		switch {
		case w.flags.Has(tcp.RST) && own.alive() && late && (w.seq.LessEq(own.ack) || age > int64(time.Second)):
			continue // it had all that was sent before the RST, and lives on: lost or ignored
		case r.state == tcp.SynRcvd && own.flags.Has(tcp.SYN|tcp.ACK) && !w.flags.Has(tcp.RST) && w.flags.Has(tcp.ACK) && late:
			continue // it sends its SYN,ACK again: what acknowledged the first was lost or ignored
		case r.state == tcp.SynSent && own.flags&(tcp.SYN|tcp.ACK) == tcp.SYN && !own.old() && w.flags.Has(tcp.SYN|tcp.ACK) && late:
			continue // it sends its SYN again: it has no answer
		}
		kept = append(kept, w)
	}
	r.waiting = kept
}
