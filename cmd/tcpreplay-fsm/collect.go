package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// growth is by how much the heap may grow between collections: by a share of what is
// alive, but by no more than most bytes.
type growth struct{ share, most uint64 }

var (
	// frugal is for most reports. Most of the heap is conversations that live for
	// minutes: to collect oftener than the runtime would by itself costs a few per
	// cent of the time, and saves a third of the memory.
	frugal = growth{5, 64 << 20} // a fifth
	// roomy is for a page, whose ladders fill the heap several times as fast: to
	// collect as often took a third of the time.
	roomy = growth{1, 256 << 20}
)

// heapFloor is what the heap may grow to without any collection, in bytes: to collect
// a small heap again and again while it fills, and while it empties, takes as long as
// all the other collections.
const heapFloor = 96 << 20

// paceCollector has the garbage collector run when the heap has grown to what
// g.goal says. The runtime takes a percentage, which depends on what is alive, so
// that it is set anew after each collection. Only its first call in a process counts.
func paceCollector(g growth) { pacing.Do(func() { g.pace() }) }

var pacing sync.Once

func (g growth) pace() {
	read := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	var goal uint64
	last := 0
	var pace func(*sentinel)
	pace = func(*sentinel) {
		metrics.Read(read)
		live, globals := read[0].Value.Uint64(), read[1].Value.Uint64()
		goal = g.goal(live, goal)
		if p := percent(live, globals, goal); p != last {
			last = p
			debug.SetGCPercent(p)
		}
		runtime.SetFinalizer(new(sentinel), pace)
	}
	pace(nil)
}

// goal is the heap at which to collect, if so much of it is alive, in bytes. What was
// the goal before is not given up at once: while the heap empties, as when a capture
// ends, its memory is there anyway.
func (g growth) goal(live, before uint64) uint64 {
	return max(live+min(live/g.share, g.most), before-before/16, heapFloor)
}

// percent is the goal as the runtime takes it: a percentage of what it has to scan,
// so of the global variables as well, and of 4 MiB at the least
// (gcControllerState.commit).
func percent(live, globals, goal uint64) int {
	return int((goal - live) * 100 / max(live+globals, 4<<20))
}

// sentinel is what nothing holds, so that its finalizer runs after each
// collection. It holds a pointer, as the runtime puts objects without one together.
type sentinel struct{ _ *sentinel }
