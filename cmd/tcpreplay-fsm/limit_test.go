package main

import (
	"io"
	"runtime/debug"
	"strings"
	"testing"
)

// The memory limit holds for files and for interfaces.
func TestMemoryLimit(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	for _, args := range [][]string{{"nosuch.pcap"}, {"-i", "nosuch0"}} {
		debug.SetMemoryLimit(before)
		run(append(args, "--memory-limit", "768M"), strings.NewReader(""), io.Discard, io.Discard)
		if got := debug.SetMemoryLimit(-1); got != 768e6 && got != 768<<20 {
			t.Errorf("%v: the limit is %d", args, got)
		}
	}
}
