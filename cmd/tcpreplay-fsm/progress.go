package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows on a terminal how far a long reading has come: nothing in the
// first second, nothing at all elsewhere, and nothing stays behind.
type progress struct {
	w     io.Writer // nil to show nothing
	read  func() (done, total int64)
	start time.Time
	bar   *progressbar.ProgressBar
	frame int
}

func newProgress(w io.Writer, quiet bool, read func() (done, total int64)) *progress {
	if quiet || !isTerminal(w) {
		w = nil
	}
	return &progress{w: w, read: read, start: time.Now()}
}

// tick is called for every frame; it looks at the clock every few thousand.
func (p *progress) tick() {
	if p.w == nil {
		return
	}
	if p.frame++; p.frame%4096 != 0 || p.bar == nil && time.Since(p.start) < time.Second {
		return
	}
	done, total := p.read()
	if p.bar == nil {
		if total <= 0 {
			total = -1 // a pipe: no end is known
		}
		p.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(p.w),
			progressbar.OptionSetDescription("reading"),
			progressbar.OptionShowBytes(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionFullWidth(),
			progressbar.OptionClearOnFinish())
	}
	p.bar.Set64(done)
}

// finish takes the bar away.
func (p *progress) finish() {
	if p.bar != nil {
		p.bar.Clear()
	}
}
