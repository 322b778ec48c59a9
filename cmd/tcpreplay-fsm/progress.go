package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows on a terminal how far a long reading has come: nothing in the
// first second, nothing at all elsewhere, and nothing stays behind. The zero
// progress shows nothing.
type progress struct {
	bar   *progressbar.ProgressBar
	read  func() (done, total int64)
	start time.Time
	ticks int
}

func newProgress(w io.Writer, quiet bool, read func() (done, total int64)) *progress {
	if quiet || !isTerminal(w) {
		return &progress{}
	}
	_, total := read()
	if total <= 0 {
		total = -1 // a pipe: no end is known
	}
	return &progress{
		bar: progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetDescription("reading"),
			progressbar.OptionShowBytes(true),
			progressbar.OptionSetRenderBlankState(false),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionFullWidth(),
			progressbar.OptionClearOnFinish()),
		read:  read,
		start: time.Now(),
	}
}

// tick is called for every frame; it looks at the clock every few thousand.
func (p *progress) tick() {
	if p.bar == nil {
		return
	}
	if p.ticks++; p.ticks%4096 != 0 || time.Since(p.start) < time.Second {
		return
	}
	done, _ := p.read()
	p.bar.Set64(done)
}

// finish takes the bar away.
func (p *progress) finish() {
	if p.bar != nil {
		p.bar.Clear()
	}
}
