package live

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/capture/wire"
)

// Source delivers frames as they pass; *wire.Source of package capture/wire is
// one.
type Source interface {
	Next(f *capture.Frame, wait time.Duration) error
	Interfaces() []capture.Interface
	Counters() (wire.Counters, error)
}

// A batch is frames copied out of the kernel's ring, so that the ring is free
// again before they are analysed.
type batch struct {
	frames     []capture.Frame
	bytes      []byte // what Data of the frames points into
	interfaces []capture.Interface
	notice     string // something to tell, after the frames
	end        error  // the source ended, after the frames
}

const (
	batchBytes  = 512 << 10
	batchFrames = 2048
	batches     = 48
	// hold is how long a frame may wait for others, quiet how long the reader
	// waits before it looks whether it should end.
	hold  = 20 * time.Millisecond
	quiet = 200 * time.Millisecond
)

// add copies f, and reports false if there is no room for it.
func (b *batch) add(f *capture.Frame) bool {
	if len(b.frames) == cap(b.frames) || len(b.frames) > 0 && len(b.bytes)+len(f.Data) > cap(b.bytes) {
		return false
	}
	at := len(b.bytes)
	b.bytes = append(b.bytes, f.Data...)
	g := *f
	g.Data = b.bytes[at:len(b.bytes):len(b.bytes)]
	b.frames = append(b.frames, g)
	return true
}

// A reader copies frames from a source into batches, and stops when the context
// is done or the source ends. When nobody takes the batches it waits, the
// kernel's ring fills, and the kernel counts what it drops.
type reader struct {
	source Source
	full   chan *batch
	free   chan *batch
	made   int
	down   atomic.Bool
}

func newReader(s Source) *reader {
	return &reader{source: s, full: make(chan *batch, batches), free: make(chan *batch, batches)}
}

// take returns an empty batch.
func (r *reader) take() *batch {
	if r.made < batches {
		select {
		case b := <-r.free:
			return b
		default:
			r.made++
			return &batch{frames: make([]capture.Frame, 0, batchFrames), bytes: make([]byte, 0, batchBytes)}
		}
	}
	return <-r.free
}

// give takes back a batch that was worked off.
func (r *reader) give(b *batch) {
	if cap(b.bytes) > batchBytes { // it grew for a large frame
		b.bytes = make([]byte, 0, batchBytes)
	}
	clear(b.frames)
	*b = batch{frames: b.frames[:0], bytes: b.bytes[:0]}
	r.free <- b
}

func (r *reader) run(ctx context.Context) {
	defer close(r.full)
	b := r.take()
	var begun time.Time
	send := func() {
		b.interfaces = r.source.Interfaces()
		r.full <- b
		b = r.take()
	}
	var until int64 // when it was told to end; frames from before that still count
	for {
		if until == 0 && ctx.Err() != nil {
			until = now()
		}
		wait := quiet
		if len(b.frames) > 0 {
			if wait = hold - time.Since(begun); wait <= 0 {
				if len(r.full) == 0 {
					send()
					continue
				}
				wait = hold // the worker is busy: fuller batches wait in less room
			}
		}
		if until != 0 {
			wait = quiet // the kernel may still hold some back
		}
		var f capture.Frame
		err := r.source.Next(&f, wait)
		switch {
		case err == nil && (until == 0 || f.Time <= until):
			r.down.Store(false)
			if !b.add(&f) {
				send()
				b.add(&f)
			}
			if len(b.frames) == 1 {
				begun = time.Now()
			}
		case err == nil, until != 0:
			send()
			return
		case errors.Is(err, wire.ErrQuiet):
		case errors.Is(err, wire.ErrDown):
			r.down.Store(true)
			b.notice = fmt.Sprintf("%v; waiting for it to come up", err)
			send()
		default:
			b.end = err
			send()
			return
		}
	}
}
