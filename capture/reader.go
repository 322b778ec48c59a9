package capture

import (
	"errors"
	"io"
	"os"
	"slices"
	"sync/atomic"
)

// Options tunes reading and decoding. The zero Options is ready to use.
type Options struct {
	// MaxExpand bounds what each compressed input may expand to, in bytes; 0
	// allows 1 GiB, and beyond that 200 times the compressed size.
	MaxExpand int64
	// VerifyChecksums skips segments with a wrong IPv4 or TCP checksum, as their
	// receiver would. Off by default: a host that leaves checksums to its network
	// card sees its own segments without.
	VerifyChecksums bool
	// MergeVLANs leaves VLAN tags out of Segment.Scope.
	MergeVLANs bool
}

// A Reader reads one or several inputs as one capture, in time order. It is not
// safe for concurrent use, but for BytesRead.
type Reader struct {
	options Options
	inputs  []*input
	// queue is a heap of the inputs that still have frames, the one whose next
	// frame is earliest first.
	queue   []*input
	current *input // whose frame was handed out last
	frames  int
	ifaces  []Interface
	// free holds the numbers of interfaces whose inputs have ended, by name and
	// link type; as in ifaces, but for Input.
	free  map[Interface][]uint32
	names hostNames
	done  atomic.Int64
	total int64
}

// Open opens the named files, with "-" for stdin. A directory stands for the captures
// that lie in it, not in directories below, and a pattern such as "trace-*.pcap" that is
// no file's name for the files it matches, both in order of their names.
//
// An input that cannot be read does not keep the others from being read: its
// error stands in [Reader.Inputs]. Open fails only if no input at all holds a
// capture, with the first error.
func Open(names []string, stdin io.Reader, o Options) (*Reader, error) {
	names, err := expandInputs(names)
	if err != nil {
		return nil, err
	}
	r := &Reader{options: o, free: make(map[Interface][]uint32), names: make(hostNames)}
	opened := false
	for i, name := range names {
		in := &input{Input: Input{Name: name}, index: i, reader: r}
		if name == "-" {
			in.pipe = stdin
			in.Name = "standard input"
		}
		r.inputs = append(r.inputs, in)
		size, regular := sizeOf(name)
		if !regular {
			r.total = -1
		} else if r.total >= 0 {
			r.total += size
		}
		number := r.number(i)
		if regular && len(names) > 1 {
			number = nil // parked below, and numbered when it is opened again
		}
		if err := in.open(number); err != nil {
			in.fail(err)
			in.close()
			continue
		}
		opened = true
		if !in.advance() {
			continue
		}
		if regular && len(names) > 1 {
			in.park()
		}
		r.queue = append(r.queue, in)
	}
	if !opened {
		return nil, r.inputs[0].Err
	}
	for i := len(r.queue)/2 - 1; i >= 0; i-- {
		r.sift(i)
	}
	return r, nil
}

// sizeOf returns the size of a regular file.
func sizeOf(name string) (int64, bool) {
	info, err := os.Stat(name)
	if name == "-" || err != nil || !info.Mode().IsRegular() {
		return 0, false
	}
	return info.Size(), true
}

// number gives out interface numbers for one input. An interface that goes on
// where another of its name and link type has ended is the same one: the capture
// was rotated.
func (r *Reader) number(input int) numberer {
	return func(name string, link LinkType) uint32 {
		key := Interface{Name: name, Link: link}
		id := uint32(len(r.ifaces))
		switch ended := r.free[key]; {
		case len(ended) > 0:
			id, r.free[key] = ended[0], ended[1:]
		case len(r.ifaces) < maxNamed:
			r.ifaces = append(r.ifaces, Interface{input, name, link})
		default:
			return id - 1
		}
		r.inputs[input].numbers = append(r.inputs[input].numbers, id)
		return id
	}
}

// release frees the interface numbers of an input that has ended.
func (r *Reader) release(in *input) {
	for _, id := range in.numbers {
		key := r.ifaces[id]
		key.Input = 0
		r.free[key] = append(r.free[key], id)
	}
	in.numbers = nil
}

// Next returns the next frame, which is r's and valid until the next call. The
// error is io.EOF when all inputs have ended, whether well or in damage; see
// [Reader.Inputs] for how.
func (r *Reader) Next() (*Frame, error) {
	if r.current != nil {
		r.replace()
	}
	for len(r.queue) > 0 && r.queue[0].parked {
		r.replace()
	}
	if len(r.queue) == 0 {
		return nil, io.EOF
	}
	in := r.queue[0]
	r.current = in
	r.frames++
	in.Frames++
	if in.frame.Time < in.lastTime && in.Frames > 1 {
		in.OutOfOrder++
	}
	in.lastTime = in.frame.Time
	in.frame.Number, in.frame.Input = r.frames, in.index
	return &in.frame, nil
}

// replace moves the first input of the queue on to its next frame, and to its
// new place.
func (r *Reader) replace() {
	r.current = nil
	if !r.queue[0].advance() {
		r.release(r.queue[0])
		last := len(r.queue) - 1
		r.queue[0] = r.queue[last]
		r.queue = r.queue[:last]
	}
	r.sift(0)
}

// sift restores the order of the heap below i.
func (r *Reader) sift(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(r.queue); child++ {
			if earlier(r.queue[child], r.queue[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		r.queue[i], r.queue[least] = r.queue[least], r.queue[i]
		i = least
	}
}

// earlier orders inputs by their next frames; among equal times the input
// named first comes first.
func earlier(a, b *input) bool {
	return a.frame.Time < b.frame.Time || a.frame.Time == b.frame.Time && a.index < b.index
}

// Inputs reports on every input, in the order they were named. It may be called
// at any time, and again.
func (r *Reader) Inputs() []Input {
	out := make([]Input, 0, len(r.inputs))
	for _, in := range r.inputs {
		in.LinkTypes = in.LinkTypes[:0]
		if in.format != nil {
			for _, link := range in.format.links() {
				if name := link.String(); !slices.Contains(in.LinkTypes, name) {
					in.LinkTypes = append(in.LinkTypes, name)
				}
			}
		}
		if ng, ok := in.format.(*pcapngFile); ok {
			in.Dropped = ng.dropped()
		}
		report := in.Input
		report.LinkTypes = slices.Clone(in.LinkTypes)
		out = append(out, report)
	}
	return out
}

// Interfaces lists the interfaces that frames came from so far, in order of
// their first frames. Frame.Interface is an index into it.
func (r *Reader) Interfaces() []Interface { return slices.Clone(r.ifaces) }

// BytesRead returns how many bytes of the inputs have been read, as they lie on
// disk, and how many there are, -1 if that is not known (a pipe). It may be
// called from another goroutine.
func (r *Reader) BytesRead() (done, total int64) { return r.done.Load(), r.total }

// Close closes all inputs.
func (r *Reader) Close() error {
	var errs []error
	for _, in := range r.inputs {
		errs = append(errs, in.close())
	}
	r.queue, r.current = nil, nil
	return errors.Join(errs...)
}
