package live

import (
	"maps"
	"net/netip"
	"time"

	"tcpreplay-fsm/report"
	"tcpreplay-fsm/tcp"
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
	hosts                 map[netip.Addr][tcp.TimeWait + 1]int
	found                 map[foundKey]int
	resets                map[string]int
	down                  bool
}

func (w *worker) status() *status {
	about := w.capture()
	s := &status{frames: about.Frames, segments: about.Segments, bytes: w.bytes, received: w.counters.Received, dropped: w.counters.Dropped,
		unsaved: w.unsaved, skipped: about.Skipped, conversations: w.engine.Summary().Conversations, active: len(w.tracker.rows),
		evicted: about.Evicted, found: maps.Clone(w.tracker.found), resets: maps.Clone(w.tracker.resets), down: w.reader.down.Load(),
		hosts: make(map[netip.Addr][tcp.TimeWait + 1]int, len(w.tracker.hosts))}
	for a, counts := range w.tracker.hosts {
		s.hosts[a] = *counts
	}
	return s
}
