// Reassemble follows a capture twice, without and with every byte stream put in
// order, and prints what that adds: the time of bench/run is without, that of
// --export-streams has the writing of files in it as well.
//
//	reassemble CAPTURE [TIMES]
package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/feed"
	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	times := 5
	var err error
	if len(args) == 2 {
		times, err = strconv.Atoi(args[1])
	}
	if len(args) < 1 || len(args) > 2 || err != nil || times < 1 {
		fmt.Fprintln(stderr, "usage: reassemble CAPTURE [TIMES]")
		return 2
	}
	var without, with []time.Duration
	var bytes uint64
	for range times {
		t, err := follow(args[0], nil)
		if err == nil {
			without = append(without, t)
			all := &bytesInOrder{of: map[int]*reassembly.Duplex{}}
			t, err = follow(args[0], all)
			with, bytes = append(with, t), all.bytes
		}
		if err != nil {
			fmt.Fprintln(stderr, "reassemble:", err)
			return 1
		}
	}
	slices.Sort(without)
	slices.Sort(with)
	a, b := without[times/2], with[times/2]
	fmt.Fprintf(stdout, "CPU without %v, with %v for %d bytes in order: %.2f times (medians of %d)\n",
		a.Round(time.Millisecond), b.Round(time.Millisecond), bytes, float64(b)/float64(a), times)
	return 0
}

// follow returns the CPU time it took, of all threads. The segments go to sink as well,
// if there is one.
func follow(name string, sink reassembly.Sink) (time.Duration, error) {
	began := cpu()
	o := analyzer.Options{Labels: true, Sink: sink, Done: func(*analyzer.Conversation) {}} // as the summary has it
	_, err := feed.Captures([]string{name}, nil, o)
	return cpu() - began, err
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

// Segment implements reassembly.Sink.
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

// End implements reassembly.Sink.
func (all *bytesInOrder) End(id int) [2][]reassembly.Conflict {
	d := all.of[id]
	if d == nil {
		return [2][]reassembly.Conflict{}
	}
	d.Close()
	delete(all.of, id)
	return d.Conflicts()
}
