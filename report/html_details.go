package report

import (
	"bytes"
	"cmp"
	"container/heap"
	"encoding/base64"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"

	"tcpreplay-fsm/analyzer"
)

// details chooses the conversations whose ladders and series the page holds, the most
// interesting ones, and packs these. What a conversation takes is known only once it
// is packed, which is most of the work: so until then it counts with what such a one
// takes at least, and those that cannot be on the page are dropped unpacked.
type details struct {
	budget  int // bytes; less than 0 for none
	rows    int // the most that a ladder has
	kept    leastFirst
	bytes   int // of kept
	waiting int // of kept, those that are not packed
	ordinal int
	seen    map[string]int // how many conversations showed each kind
	packers []packer
}

// detail is one conversation's ladder and findings: compressed and in base64, or
// still to be packed.
type detail struct {
	id, interest, ordinal int
	bytes                 int // on the page; of one that waits, at least
	data                  []byte
	waits                 *analyzer.Conversation // nil once it is packed
}

const (
	rareFirst = 20 // so many conversations of each kind go before any repetition

	// mostWaiting is how many conversations may wait to be packed: each takes some ten
	// kilobytes. Only a budget larger than the usual one has room for more.
	mostWaiting = 8192
)

// least is what the detail of c takes at least, in 99 of 100: three quarters of what the
// parts took of 12 000 conversations on average. Its ladder has at most so many rows.
func least(c *analyzer.Conversation, rows int) int {
	rows = min(c.Segments, rows)
	const early = 200 // later rows differ less from those before
	return 250 + 18*min(rows, early) + 11*max(rows-early, 0) + 110*len(c.Findings) + 360*len(c.Resets) +
		30*(len(c.Endpoints[0].Timeline)+len(c.Endpoints[1].Timeline))
}

// leastFirst is a heap with the least interesting detail on top.
type leastFirst []detail

func (d leastFirst) Len() int           { return len(d) }
func (d leastFirst) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d leastFirst) Less(i, j int) bool { return d[i].compare(&d[j]) < 0 }
func (d *leastFirst) Push(x any)        { *d = append(*d, x.(detail)) }
func (d *leastFirst) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}

// compare orders details by interest; of equals the first has more.
func (d *detail) compare(e *detail) int {
	return cmp.Or(cmp.Compare(d.interest, e.interest), cmp.Compare(e.ordinal, d.ordinal))
}

func newDetails(o HTMLOptions) details {
	d := details{budget: o.DetailBytes, rows: o.Rows, seen: map[string]int{}, packers: make([]packer, max(o.Workers, 1))}
	for i := range d.packers {
		d.packers[i].gzip, _ = gzip.NewWriterLevel(nil, 6) // of klauspost: from 7 on three times the time for 3 % of the size
	}
	return d
}

// add takes a conversation. One that still has LoadRows after this waits to be packed,
// and must not be given back (Conversation.Release).
func (d *details) add(c *analyzer.Conversation, base int64) {
	d.ordinal++
	x := detail{id: c.ID, interest: d.interest(c), ordinal: d.ordinal, bytes: least(c, d.rows), waits: c}
	if d.bytes+x.bytes > d.budget && (len(d.kept) == 0 || x.compare(&d.kept[0]) < 0) {
		c.LoadRows = nil
		return
	}
	if c.LoadRows == nil { // whoever handed it over may want it back
		d.packers[0].pack(&x, base)
	} else if d.waiting++; d.waiting > mostWaiting {
		d.pack(d.kept, base)
		d.waiting, d.bytes = 1, 0
		for i := range d.kept {
			d.bytes += d.kept[i].bytes
		}
	}
	heap.Push(&d.kept, x)
	for d.bytes += x.bytes; d.bytes > d.budget; {
		d.drop(c)
	}
}

// drop drops the least interesting conversation, perhaps the one that was just added.
func (d *details) drop(added *analyzer.Conversation) {
	x := heap.Pop(&d.kept).(detail)
	d.bytes -= x.bytes
	if x.waits == nil {
		return
	}
	d.waiting--
	if x.waits == added {
		added.LoadRows = nil
	} else {
		x.waits.Release()
	}
}

// interest ranks conversations: the first few of every finding and of every way to
// end, then by severity, then by richness.
func (d *details) interest(c *analyzer.Conversation) int {
	kinds := []string{"closed " + string(c.Closed)}
	for i := range c.Findings {
		kinds = append(kinds, c.Findings[i].ID)
	}
	score := min(c.Segments, 99)
	if c.Rows != nil { // somebody asked for this ladder
		score += 1_000_000
	}
	for _, k := range kinds {
		if d.seen[k]++; d.seen[k] <= rareFirst {
			score += 10_000
		}
	}
	if worst, any := c.Worst(); any {
		score += 1000 * (int(worst) + 1)
	}
	return score
}

// choose returns what the page holds, packed, by the conversations' ids.
func (d *details) choose(base int64) []detail {
	const together = 64 // beyond the last that finds room, up to so many are packed in vain
	slices.SortFunc(d.kept, func(a, b detail) int { return b.compare(&a) })
	n := 0
	d.bytes = 0
	for i := range d.kept {
		if i%together == 0 {
			d.pack(d.kept[i:min(i+together, len(d.kept))], base)
		}
		if x := d.kept[i]; d.bytes+x.bytes <= d.budget {
			d.kept[n] = x
			d.bytes += x.bytes
			n++
		} else if d.bytes >= d.budget/16*15 {
			break
		}
	}
	d.kept = d.kept[:n]
	slices.SortFunc(d.kept, func(a, b detail) int { return cmp.Compare(a.id, b.id) })
	return d.kept
}

// pack packs those of some that wait.
func (d *details) pack(some []detail, base int64) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range d.packers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(some)); i = next.Add(1) - 1 {
				d.packers[w].pack(&some[i], base)
			}
		})
	}
	wg.Wait()
}

// packer is what one worker packs with.
type packer struct {
	gzip   *gzip.Writer
	json   []byte
	packed bytes.Buffer
}

// pack packs x, if it waits.
func (p *packer) pack(x *detail, base int64) {
	c := x.waits
	if c == nil {
		return
	}
	load := c.LoadRows
	if load != nil {
		load()
	}
	p.json = appendDetail(p.json[:0], c, base)
	if load != nil {
		c.Rows, c.LoadRows = nil, nil
	}
	p.packed.Reset()
	p.gzip.Reset(&p.packed)
	p.gzip.Write(p.json) // to memory, where nothing fails
	p.gzip.Close()
	x.data, x.waits = base64.StdEncoding.AppendEncode(nil, p.packed.Bytes()), nil
	x.bytes = len(x.data)
}
