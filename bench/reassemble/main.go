// Reassemble follows a capture twice, without and with every byte stream put in
// order, and prints what that adds: the time of bench/run is without, that of
// --export-streams has the writing of files in it as well.
//
//	reassemble CAPTURE [TIMES]
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

func main() {
	times := 5
	var err error
	if len(os.Args) == 3 {
		times, err = strconv.Atoi(os.Args[2])
	}
	if len(os.Args) < 2 || len(os.Args) > 3 || err != nil || times < 1 {
		fmt.Fprintln(os.Stderr, "usage: reassemble CAPTURE [TIMES]")
		os.Exit(2)
	}
	var without, with []time.Duration
	var bytes uint64
	for range times {
		t, _, err := follow(os.Args[1], false)
		if err == nil {
			without = append(without, t)
			t, bytes, err = follow(os.Args[1], true)
			with = append(with, t)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "reassemble:", err)
			os.Exit(1)
		}
	}
	slices.Sort(without)
	slices.Sort(with)
	a, b := without[times/2], with[times/2]
	fmt.Printf("CPU without %v, with %v for %d bytes in order: %.2f times (medians of %d)\n",
		a.Round(time.Millisecond), b.Round(time.Millisecond), bytes, float64(b)/float64(a), times)
}

// follow returns the CPU time it took, of all threads.
func follow(name string, reassemble bool) (time.Duration, uint64, error) {
	in, err := capture.Open([]string{name}, nil, capture.Options{})
	if err != nil {
		return 0, 0, err
	}
	defer in.Close()
	began := cpu()
	all := &bytesInOrder{of: map[int]*reassembly.Duplex{}}
	o := analyzer.Options{Labels: true, Done: func(*analyzer.Conversation) {}} // as the summary has it
	if reassemble {
		o.Sink = all
	}
	a, d := analyzer.New(o), capture.NewDecoder(capture.Options{})
	for {
		f, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, 0, err
		}
		if d.Decode(f) == capture.Segment {
			a.Add(d.Segment())
		}
	}
	a.Close()
	return cpu() - began, all.bytes, nil
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bytesInOrder is the Sink of a program that wants every byte of every stream.
type bytesInOrder struct {
	of     map[int]*reassembly.Duplex
	budget reassembly.Budget
	bytes  uint64
}

func (all *bytesInOrder) Segment(conv reassembly.Conversation, from reassembly.Side, seg *tcp.Segment) {
	d := all.of[conv.ID]
	if d == nil {
		d = new(reassembly.Duplex)
		for i := range d {
			d[i].Budget = &all.budget
			d[i].Emit = func(c reassembly.Chunk) { all.bytes += uint64(len(c.Bytes)) }
		}
		all.of[conv.ID] = d
	}
	d.Insert(from, seg)
}

func (all *bytesInOrder) End(id int) [2][]reassembly.Conflict {
	d := all.of[id]
	if d == nil {
		return [2][]reassembly.Conflict{}
	}
	d.Close()
	delete(all.of, id)
	return d.Conflicts()
}
