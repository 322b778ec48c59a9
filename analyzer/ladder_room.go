package analyzer

import (
	"math/bits"
	"sync"
)

// Rooms are what packed rows lie in: each twice as large as the one before, and used
// again by another conversation, as most ladders are given back unread. Else those of a
// page were half of all that is allocated.
const (
	leastRoom = 128     // a short conversation: some ten rows
	roomSizes = 8       // larger ones, up to a single conversation's ladder of 200 000 rows, are not kept
	roomsKept = 2 << 20 // bytes of each size, so that what many needed once does not stay for ever
)

var rooms [roomSizes]struct {
	sync.Mutex
	free [][]byte
}

// roomSize tells which of rooms has place for n bytes.
func roomSize(n int) int { return bits.Len(uint((n - 1) / leastRoom)) }

// roomier returns b in a larger room, where n more bytes have place.
func roomier(b []byte, n int) []byte {
	size := roomSize(max(leastRoom, len(b)+n))
	var larger []byte
	if size < roomSizes {
		r := &rooms[size]
		r.Lock()
		if last := len(r.free) - 1; last >= 0 {
			larger, r.free[last], r.free = r.free[last], nil, r.free[:last]
		}
		r.Unlock()
	}
	if larger == nil {
		larger = make([]byte, 0, leastRoom<<size)
	}
	larger = append(larger, b...)
	leave(b)
	return larger
}

// leave gives the room of b back.
func leave(b []byte) {
	if cap(b) == 0 || cap(b) > leastRoom<<(roomSizes-1) {
		return
	}
	r := &rooms[roomSize(cap(b))]
	r.Lock()
	if len(r.free)*cap(b) < roomsKept {
		r.free = append(r.free, b[:0])
	}
	r.Unlock()
}
