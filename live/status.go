package live

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"

	"tcpreplay-fsm/report"
)

// rate is how much came in the last seconds.
type rate struct {
	at            time.Time
	frames        int
	bytes         uint64
	framesPerSec  float64
	bitsPerSecond float64
}

func (r *rate) tick(frames int, bytes uint64, at time.Time) {
	if d := at.Sub(r.at).Seconds(); !r.at.IsZero() && d > 0 {
		r.framesPerSec = float64(frames-r.frames) / d
		r.bitsPerSecond = 8 * float64(bytes-r.bytes) / d
	}
	r.at, r.frames, r.bytes = at, frames, bytes
}

// status is what the metrics show: a copy, that nobody changes.
type status struct {
	frames, segments      int
	bytes                 uint64
	received, dropped     uint64
	unsaved               int
	skipped               []report.Count
	conversations, active int
	evicted               int
	hosts                 []host
	found                 map[foundKey]int
	resets                map[string]int
	down                  bool
}

func (w *worker) status() *status {
	about := w.capture()
	s := &status{frames: about.Frames, segments: about.Segments, bytes: w.bytes, received: w.counters.Received, dropped: w.counters.Dropped,
		unsaved: w.unsaved(), skipped: about.Skipped, conversations: w.engine.Summary().Conversations, active: len(w.tracker.rows),
		evicted: about.Evicted, found: maps.Clone(w.tracker.found), resets: maps.Clone(w.tracker.resets), down: w.reader.down.Load(),
		hosts: w.tracker.largest()}
	// A counter must not fall: fragments count as incomplete until they are not.
	for i := range s.skipped {
		c := &s.skipped[i]
		c.N = max(c.N, w.skipped[c.Reason])
		w.skipped[c.Reason] = c.N
	}
	return s
}

// A host is how many endpoints an address has in each state. The last one of
// many stands for the rest, and has no address.
type host struct {
	addr netip.Addr
	census
}

func (h *host) sockets() (n int32) {
	for _, c := range h.census {
		n += c
	}
	return n
}

// largest returns the maxHosts hosts with the most sockets, and the sum of the
// others.
func (t *tracker) largest() []host {
	bySize := func(x, y host) int { return cmp.Or(cmp.Compare(y.sockets(), x.sockets()), x.addr.Compare(y.addr)) }
	var top []host
	var rest host
	cut := func() {
		slices.SortFunc(top, bySize)
		for i := maxHosts; i < len(top); i++ {
			for state, n := range top[i].census {
				rest.census[state] += n
			}
		}
		top = top[:min(maxHosts, len(top))]
	}
	for addr, counts := range t.hosts {
		if top = append(top, host{addr, *counts}); len(top) == 16*maxHosts { // not all at once: there may be very many
			cut()
		}
	}
	cut()
	if rest.sockets() > 0 {
		top = append(top, rest)
	}
	return top
}
