package analyzer

import "sync"

// What conversations are followed in is used again by others: it is most of what is
// allocated, and the garbage collector's work grows with that.
var (
	spareConns  = sync.Pool{New: func() any { return new(conn) }}
	spareMeters = sync.Pool{New: func() any { return new(meter) }}
	// spareEvidence is what they were concluded with.
	spareEvidence = sync.Pool{New: func() any { return new(evidence) }}

	spareLone     = sync.Pool{New: func() any { return new([loneLog]entry) }}
	spareOpened   = sync.Pool{New: func() any { return new([openedLog]entry) }}
	spareOngoing  = sync.Pool{New: func() any { return new([ongoingLog]entry) }}
	spareOrdinary = sync.Pool{New: func() any { return new([ordinaryLog]entry) }}
)

// roomyLog returns log in a place for so many entries, one of the four that ordinary
// conversations have, and gives the place back where it was.
func roomyLog(log []entry, room int) (out []entry) {
	switch room {
	case loneLog:
		out = spareLone.Get().(*[loneLog]entry)[:0]
	case openedLog:
		out = spareOpened.Get().(*[openedLog]entry)[:0]
	case ongoingLog:
		out = spareOngoing.Get().(*[ongoingLog]entry)[:0]
	default:
		out = spareOrdinary.Get().(*[ordinaryLog]entry)[:0]
	}
	out = append(out, log...)
	giveLog(log)
	return out
}

// giveLog gives back the place where log is, if it is one of those.
func giveLog(log []entry) {
	switch log = log[:cap(log)]; len(log) {
	case loneLog:
		spareLone.Put((*[loneLog]entry)(log))
	case openedLog:
		spareOpened.Put((*[openedLog]entry)(log))
	case ongoingLog:
		spareOngoing.Put((*[ongoingLog]entry)(log))
	case ordinaryLog:
		spareOrdinary.Put((*[ordinaryLog]entry)(log))
	}
}

// release gives back c, which was handed on and which nothing refers to any more.
func (c *conn) release() {
	if l := c.rows; l != nil {
		l.release()
	}
	for x := range c.end {
		if m := c.end[x].meter; m != nil {
			*m = meter{}
			spareMeters.Put(m)
		}
	}
	giveLog(c.log)
	*c = conn{}
	spareConns.Put(c)
}
