package analyzer

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"tcpreplay-fsm/tcp"
)

const (
	// shards is into how many parts the 4-tuples are divided. It does not depend on
	// the number of workers, so that what is handed on, and in which order, does
	// not either.
	shards = 8
	// batches is how many of those are under way: one being filled, one waiting,
	// one at the workers.
	batches = 3
)

// Parallel is an Analyzer that divides the work among several goroutines. The
// conversations that it hands on, and their order, are the same for any number
// of workers. Add, AddICMP and Close must be called from one goroutine;
// Options.Done is called from one goroutine at a time, which with more than one
// worker is another. Options.Scope must be safe to call beside Add.
type Parallel struct {
	o       Options
	shards  [shards]*Analyzer
	workers int

	fill  filling
	youth youth
	now   int64 // highest time seen
	ids   int
	total across

	// What handOn works with.
	over [shards][]finished
	part [512]finished
	out  [512]*Conversation

	free, full chan *batch   // with more than one worker
	done       chan struct{} // closed when all full batches were worked off
}

// listed is a conversation and the frame by which it became certain that it is one.
type listed struct {
	*conn
	frame int
}

// finished is a conversation that is over, the frame by which that was, and the
// time the capture had reached.
type finished struct {
	*conn
	frame int
	now   int64
}

// NewParallel returns an Analyzer for the given number of workers; 1 does all
// the work in the goroutine that calls Add.
func NewParallel(o Options, workers int) *Parallel {
	o = o.withDefaults()
	part := o
	part.MaxConversations = max(1, o.MaxConversations/shards)
	p := &Parallel{o: o, workers: min(max(workers, 1), shards), fill: filling{batch: &batch{}}}
	for i := range p.shards {
		p.shards[i] = New(part)
		p.shards[i].deferred = true
	}
	if p.workers > 1 {
		p.free, p.full, p.done = make(chan *batch, batches), make(chan *batch, batches), make(chan struct{})
		for range batches - 1 {
			p.free <- &batch{}
		}
		go p.work()
	}
	return p
}

// Add takes the next segment of the capture. Nothing of s is kept.
func (p *Parallel) Add(s *tcp.Segment) {
	hash := hashOf(s.Tuple)
	i := p.item(s.Time, hash>>61)
	i.segment, i.icmp = *s, nil
	i.segment.Payload = nil
	if p.o.Labels && p.youth.young(s, hash) {
		i.segment.Payload = p.fill.keep(s.Payload)
	}
}

// AddICMP takes the next ICMP error about a TCP segment.
func (p *Parallel) AddICMP(e *tcp.ICMPError) {
	c := *e
	p.item(e.Time, hashOf(e.Quoted)>>61).icmp = &c
}

// item returns the next item of a shard, to be filled in.
func (p *Parallel) item(when int64, shard uint64) *item {
	if p.fill.n == batchSize {
		p.send()
	}
	p.now = max(p.now, when)
	i := p.fill.next(shard)
	i.now = p.now
	return i
}

// hashOf is the same for both directions of a 4-tuple. Its first three bits tell
// the shard.
func hashOf(t tcp.Tuple) uint64 {
	h := t.Src.Hi ^ t.Src.Lo ^ t.Dst.Hi ^ t.Dst.Lo ^ uint64(t.SrcPort^t.DstPort)<<17
	return h * 0x9e3779b97f4a7c15 // Fibonacci hashing: the high bits depend on all of h
}

// send hands the full batch on and takes an empty one.
func (p *Parallel) send() {
	b := p.fill.complete(p.now)
	if p.workers == 1 {
		p.process(b)
		b.reset()
		return
	}
	p.full <- b
	p.fill.batch = <-p.free
}

// work works off the full batches.
func (p *Parallel) work() {
	for b := range p.full {
		p.process(b)
		b.reset()
		p.free <- b
	}
	close(p.done)
}

// process follows the segments of a batch, then hands on what is over.
func (p *Parallel) process(b *batch) {
	p.each(func(i int) { p.shards[i].follow(b, b.of[i]) })
	p.handOn(func(x, y finished) int {
		return cmp.Or(cmp.Compare(x.frame, y.frame), cmp.Compare(x.firstFrame, y.firstFrame))
	})
}

// each calls f for every shard, on all workers.
func (p *Parallel) each(f func(shard int)) {
	if p.workers == 1 {
		for i := range p.shards {
			f(i)
		}
		return
	}
	var next atomic.Int32 // shards are not equally busy: who is done takes another
	var wg sync.WaitGroup
	for range p.workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < shards; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

// follow takes the items of a batch that are a's.
func (a *Analyzer) follow(b *batch, items []item) {
	for i := range items {
		t := &items[i]
		a.now = t.now
		if t.icmp != nil {
			a.addICMP(t.icmp)
			continue
		}
		a.add(&t.segment)
	}
	if a.now = b.now; a.now >= a.sweep {
		a.expire()
	}
}

// numberListed gives ids to the conversations that became certain, in the order
// of the frames by which they did.
func (p *Parallel) numberListed() {
	var all []listed
	for _, a := range p.shards {
		all = append(all, a.listed...)
		clear(a.listed)
		a.listed = a.listed[:0]
	}
	slices.SortStableFunc(all, func(x, y listed) int { return cmp.Compare(x.frame, y.frame) })
	for _, l := range all {
		p.shards[0].number(l.conn, p.ids)
		p.ids++
	}
	if p.o.RowsWhile > 0 && p.ids > p.o.RowsWhile {
		for _, a := range p.shards {
			a.dropRows()
		}
	}
}

// handOn concludes the conversations that are over on all workers and hands them
// on in the given order, a few at a time.
func (p *Parallel) handOn(order func(x, y finished) int) {
	p.numberListed()
	over := &p.over
	for i, a := range p.shards {
		over[i], a.finished = a.finished, a.finished[:0]
		if p.o.Done == nil {
			clear(over[i])
			over[i] = nil
		}
		slices.SortStableFunc(over[i], order)
	}
	part, out := p.part[:], p.out[:]
	for {
		n := 0
		for n < len(part) && takeFirst(over, &part[n], order) {
			n++
		}
		if n == 0 {
			return
		}
		p.each(func(i int) {
			for k := i; k < n; k += shards {
				out[k] = p.shards[i].handOver(part[k].conn, part[k].now)
			}
		})
		for k, f := range part[:n] {
			p.total.add(out[k], f.now)
			p.o.Done(out[k])
			part[k], out[k] = finished{}, nil
		}
	}
}

// takeFirst moves the first of those that are over, which each shard has in order,
// to f, and reports false when there is none.
func takeFirst(over *[shards][]finished, f *finished, order func(x, y finished) int) bool {
	first := -1
	for i := range over {
		if len(over[i]) > 0 && (first < 0 || order(over[i][0], over[first][0]) < 0) {
			first = i
		}
	}
	if first < 0 {
		return false
	}
	*f, over[first][0] = over[first][0], finished{}
	over[first] = over[first][1:]
	return true
}

// Summary returns the counts. It must not be called before Close.
func (p *Parallel) Summary() Summary {
	s := Summary{Conversations: p.ids}
	for _, a := range p.shards {
		s.Segments += a.sum.Segments
		s.Evicted += a.sum.Evicted
	}
	return s
}

// Close hands on the conversations that are still open and returns the findings
// about several conversations.
func (p *Parallel) Close() []Finding {
	if b := p.fill.complete(p.now); p.workers > 1 {
		p.full <- b
		close(p.full)
		<-p.done
	} else {
		p.process(b)
	}
	p.each(func(i int) { p.shards[i].finishAll(slices.Clone(p.shards[i].conns)) })
	p.handOn(func(x, y finished) int { return cmp.Compare(x.firstFrame, y.firstFrame) })
	return p.total.findings(p.o.TimeWait)
}
