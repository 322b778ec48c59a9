// Makecaptures writes the large captures that bench/run measures with: the same
// bytes on every run, and in little memory however large they are.
//
//	makecaptures mixed OUT [CAPTURE...]    real traces repeated, interleaved, with bulk transfers
//	makecaptures long OUT                  10 000 long conversations, all open at once
//	makecaptures flood OUT                 5 million SYNs, each of another 4-tuple
//	makecaptures live OUT                  1 million conversations that are never closed
//
// With -scale F a capture has F times as many conversations.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

const (
	mixedConversations = 47_000
	mixedPackets       = 64  // a conversation, of the mixed capture
	mixedBytes         = 400 // a packet
	mixedAtOnce        = 400

	longConversations = 10_000
	longPackets       = 300
	longSnap          = 128

	floodTuples       = 5_000_000
	liveConversations = 1_000_000
)

func main() {
	scale := flag.Float64("scale", 1, "how many times as many conversations")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: makecaptures [-scale F] mixed|long|flood|live OUT [CAPTURE...]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() < 2 || *scale <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Arg(1), *scale, flag.Args()[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "makecaptures:", err)
		os.Exit(1)
	}
}

func run(kind, name string, scale float64, captures []string) error {
	times := func(n int) int { return max(1, int(math.Round(float64(n)*scale))) }
	w, err := create(name)
	if err != nil {
		return err
	}
	var conversations int
	switch kind {
	case "mixed":
		if len(captures) == 0 {
			for _, pattern := range []string{"*.pcap*", "limits/*.pcap*", "vantages/*.pcap*"} {
				more, err := filepath.Glob(filepath.Join("testdata/pcaps", pattern))
				if err != nil {
					return err
				}
				captures = append(captures, more...)
			}
		}
		var m mix
		if m, err = newMix(captures, times(mixedConversations)); err == nil {
			conversations = m.conversations()
			interleave(w, m.jobs(), mixedAtOnce, m.job)
		}
	case "long":
		conversations = times(longConversations)
		interleave(w, conversations, conversations, func(i int) job {
			return &transfer{n: i, packets: longPackets, payload: 1460, snap: longSnap, gap: 10_000}
		})
	case "flood":
		conversations = times(floodTuples)
		for i := range conversations {
			b := segment{client: uint32(i), port: uint16(1024 + i%60_000), flags: syn, seq: uint32(i) * 2654435761}.bytes(0, math.MaxInt)
			w.write(start+int64(i)*10, b, len(b)) // 100 000 a second
		}
	case "live":
		conversations = times(liveConversations)
		interleave(w, conversations, 1000, func(i int) job {
			return &transfer{n: i, packets: 5, payload: 200, snap: math.MaxInt, gap: 1_000, open: true}
		})
	default:
		return fmt.Errorf("there is no kind %q", kind)
	}
	if err != nil {
		return err
	}
	if err := w.close(); err != nil {
		return err
	}
	fmt.Printf("%s: %d packets, %d conversations, %.0f MB\n", name, w.packets, conversations, float64(w.size)/1e6)
	return nil
}
