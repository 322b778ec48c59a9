package streams

import (
	"testing"

	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

// Of every conversation one direction was not captured, so nobody acknowledges
// anything, and each has lost its first segment: all that comes waits behind a
// hole. The bound over all streams holds, the streams that waited longest give up,
// and no byte goes missing silently.
func TestBudgetWithOneDirectionMissing(t *testing.T) {
	const convs, segments, size = 500, 40, 1000 // 20 MB that would wait
	budget := &reassembly.Budget{Max: 1 << 20}
	var most int64
	var out, missing [convs]uint64
	var duplexes [convs]reassembly.Duplex
	o := Options{Budget: budget}
	for id := range duplexes {
		o.prepare(&duplexes[id], func(side reassembly.Side, c reassembly.Chunk) {
			out[id] += uint64(len(c.Bytes))
			missing[id] += uint64(c.Missing)
		})
	}
	seg := tcp.Segment{Flags: tcp.ACK, Len: size, Payload: make([]byte, size)}
	for i := range segments {
		for id := range duplexes {
			d := &duplexes[id]
			if i == 0 {
				d.Insert(reassembly.Client, &tcp.Segment{Seq: 0, Flags: tcp.SYN})
			}
			seg.Frame++
			seg.Tuple.SrcPort = uint16(id)
			seg.Seq = tcp.Seq(1 + size*(i+1)) // the segment at 1 was lost
			d.Insert(reassembly.Client, &seg)
			most = max(most, budget.Used())
		}
	}
	for id := range duplexes {
		duplexes[id].Close()
	}
	// A segment may stand over the bound until its stream has given up.
	if limit := budget.Max + 2*size; most > limit {
		t.Errorf("%d bytes were held, the bound is %d", most, limit)
	}
	if most < budget.Max/2 || budget.GivenUp() == 0 {
		t.Errorf("at most %d bytes were held and %d streams gave up: the bound was not reached", most, budget.GivenUp())
	}
	if budget.Used() != 0 {
		t.Errorf("%d bytes are held after the end", budget.Used())
	}
	for id := range duplexes {
		if out[id] != segments*size || missing[id] != size {
			t.Fatalf("conversation %d: %d bytes and %d missing, want %d and %d", id, out[id], missing[id], segments*size, size)
		}
	}
}
