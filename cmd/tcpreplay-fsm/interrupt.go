package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
)

// interrupts is what signals do while captures are read.
type interrupts struct {
	signals chan os.Signal
	report  atomic.Pointer[destination] // to remove, unfinished, if a signal ends the program
}

// watchInterrupts lets the first interrupt of whoever reads a pipe pass: the key
// that sends it reaches tcpdump at the pipe's other end as well, that ends the
// pipe, and the report follows. Any other signal ends the program as ever, and
// leaves no half of a report behind.
func watchInterrupts(o *options, stdin io.Reader, stderr io.Writer) *interrupts {
	i := &interrupts{signals: make(chan os.Signal, 1)}
	if signal.Ignored(os.Interrupt) { // as of a job in the background: not ours to change
		return i
	}
	signal.Notify(i.signals, os.Interrupt, syscall.SIGTERM)
	wait := slices.ContainsFunc(o.inputs, func(name string) bool { return isPipe(name, stdin) })
	go func() {
		for s := range i.signals {
			if wait && s == os.Interrupt {
				wait = false
				if !o.quiet {
					fmt.Fprintln(stderr, "tcpreplay-fsm: interrupted: the report follows when the pipe ends; once more to end without it")
				}
				continue
			}
			if d := i.report.Load(); d != nil {
				d.abandon()
			}
			signal.Reset(s)
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Signal(s)
			}
			if err != nil { // a system without signals
				os.Exit(exitError)
			}
		}
	}()
	return i
}

// stop gives signals back their usual meaning.
func (i *interrupts) stop() {
	signal.Stop(i.signals)
	close(i.signals)
}

// isPipe reports whether an input is written to while it is read.
func isPipe(name string, stdin io.Reader) bool {
	stat := func() (os.FileInfo, error) { return os.Stat(name) }
	if f, ok := stdin.(*os.File); ok && name == "-" {
		stat = f.Stat
	}
	info, err := stat()
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}
