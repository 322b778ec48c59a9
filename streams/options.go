package streams

import "tcpreplay-fsm/reassembly"

// Options tunes the streams of a [Follow] or an [Exporter]. The zero Options is
// ready to use.
type Options struct {
	Policy      reassembly.Policy
	MaxBuffered int // bytes that wait behind holes in a direction; 0 means reassembly.DefaultMaxBuffered
	// Budget bounds the memory of all streams; nil means one of
	// reassembly.DefaultBudget for this sink.
	Budget *reassembly.Budget
	// MaxWaiting bounds the memory, in bytes, of what an Exporter has not yet
	// written; 0 means 64 MiB.
	MaxWaiting int
}

// prepare sets up both directions of d.
func (o *Options) prepare(d *reassembly.Duplex, emit func(reassembly.Side, reassembly.Chunk)) {
	if o.Budget == nil {
		o.Budget = new(reassembly.Budget)
	}
	for i := range d {
		side := reassembly.Side(i)
		d[i].Policy, d[i].MaxBuffered, d[i].Budget = o.Policy, o.MaxBuffered, o.Budget
		d[i].Emit = func(c reassembly.Chunk) { emit(side, c) }
	}
}
