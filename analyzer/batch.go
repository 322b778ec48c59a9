package analyzer

import "tcpreplay-fsm/tcp"

const (
	// batchSize is how many segments are handed to the workers at a time.
	batchSize = 4096
	// nearby is how many of a shard are gathered before they join the batch.
	nearby = 8
)

// batch is a run of segments and ICMP errors, those of each shard in the order of
// the capture: where a worker reads them one behind the other, its CPU fetches them
// ahead from that of the reader.
type batch struct {
	of      [shards][]item
	now     int64  // the highest time in this and all earlier batches
	payload []byte // first bytes of conversations; segments refer to it
}

type item struct {
	segment tcp.Segment
	icmp    *tcp.ICMPError // in place of a segment
	now     int64          // the highest time up to here
}

func (b *batch) reset() {
	b.payload = b.payload[:0]
	for i := range b.of {
		b.of[i] = b.of[i][:0]
	}
}

// filling is the batch that is being filled. The memory of a batch is in the cache
// of the CPU that read it last, and to get it back takes as long as to decode a
// frame, which must wait where it reads what it has just written. So a few items
// are gathered in memory that only the reader knows, and join the batch together.
type filling struct {
	*batch
	n    int // items in all
	near [shards]struct {
		items [nearby]item
		n     int
	}
}

// next returns the next item of a shard, to be filled in.
func (f *filling) next(shard uint64) *item {
	near := &f.near[shard]
	if near.n == nearby {
		f.join(shard)
	}
	f.n++
	near.n++
	return &near.items[near.n-1]
}

func (f *filling) join(shard uint64) {
	near := &f.near[shard]
	f.of[shard] = append(f.of[shard], near.items[:near.n]...)
	near.n = 0
}

// complete returns the batch. The next one must be put in its place.
func (f *filling) complete(now int64) *batch {
	for shard := range uint64(shards) {
		f.join(shard)
	}
	f.n, f.now = 0, now
	return f.batch
}
