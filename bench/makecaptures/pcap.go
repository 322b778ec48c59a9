package main

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"os"
)

// start is the time of the first packet, in microseconds since the Unix epoch.
const start = 1_700_000_000_000_000

// output is a classic pcap file of Ethernet frames.
type output struct {
	file    *os.File
	b       *bufio.Writer
	packets int
	size    int64
}

func create(name string) (*output, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	w := &output{file: f, b: bufio.NewWriterSize(f, 1<<20), size: 24}
	le := binary.LittleEndian
	h := le.AppendUint32(nil, 0xa1b2c3d4)
	h = le.AppendUint32(h, 2|4<<16)
	h = append(h, make([]byte, 8)...)
	h = le.AppendUint32(h, 262_144)
	w.b.Write(le.AppendUint32(h, 1))
	return w, nil
}

// write adds a packet; an error shows when the file is closed.
func (w *output) write(micros int64, data []byte, wire int) {
	var h [16]byte
	le := binary.LittleEndian
	le.PutUint32(h[0:], uint32(micros/1_000_000))
	le.PutUint32(h[4:], uint32(micros%1_000_000))
	le.PutUint32(h[8:], uint32(len(data)))
	le.PutUint32(h[12:], uint32(max(wire, len(data))))
	w.b.Write(h[:])
	w.b.Write(data)
	w.packets++
	w.size += int64(len(h) + len(data))
}

func (w *output) close() error {
	err := w.b.Flush()
	if e := w.file.Close(); err == nil {
		err = e
	}
	return err
}

// A job is a run of packets in the order of their times.
type job interface {
	// next returns a packet and its time after the job's start, in microseconds;
	// ok is false after the last.
	next() (after int64, data []byte, wire int, ok bool)
}

// pause lies between two jobs of a lane, in microseconds.
const pause = 1_000_000

// lane plays one job after another.
type lane struct {
	job   job
	begin int64

	time int64 // of the packet at hand
	data []byte
	wire int
}

// advance takes the job's next packet in hand.
func (l *lane) advance() bool {
	after, data, wire, ok := l.job.next()
	l.time, l.data, l.wire = max(l.time, l.begin+after), data, wire
	return ok
}

// lanes is a heap, the earliest packet first.
type lanes []*lane

func (l lanes) Len() int           { return len(l) }
func (l lanes) Less(i, j int) bool { return l[i].time < l[j].time }
func (l lanes) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *lanes) Push(x any)        { *l = append(*l, x.(*lane)) }
func (l *lanes) Pop() any {
	x := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return x
}

// interleave plays n jobs, at most atOnce of them at a time.
func interleave(w *output, n, atOnce int, make func(int) job) {
	var h lanes
	begun := 0
	for ; begun < min(n, atOnce); begun++ {
		l := &lane{job: make(begun), begin: start + int64(begun)*137}
		if l.advance() {
			h = append(h, l)
		}
	}
	heap.Init(&h)
	for len(h) > 0 {
		l := h[0]
		w.write(l.time, l.data, l.wire)
		for more := l.advance(); !more; more = l.advance() {
			if begun == n {
				heap.Pop(&h)
				l = nil
				break
			}
			l.job, l.begin = make(begun), l.time+pause
			begun++
		}
		if l != nil {
			heap.Fix(&h, 0)
		}
	}
}
