package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows on a terminal how far a long reading has come: nothing in the
// first second, nothing at all elsewhere, and nothing stays behind. The zero
// progress shows nothing.
type progress struct {
	bar    *progressbar.ProgressBar
	read   func() (done, total int64)
	start  time.Time
	shown  time.Time
	frames int
}

const progressEvery = 200 * time.Millisecond

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
			progressbar.OptionSetRenderBlankState(false),
			progressbar.OptionSetPredictTime(false), // its rates begin with the first second in no time
			progressbar.OptionSetElapsedTime(false),
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
	if p.frames++; p.frames%4096 != 0 || time.Since(p.start) < time.Second || time.Since(p.shown) < progressEvery {
		return
	}
	p.shown = time.Now()
	done, total := p.read()
	p.bar.Describe(progressWords(done, total, p.frames, time.Since(p.start)))
	p.bar.Set64(done)
}

// progressWords says what the bar does not: how much, how fast, how long.
func progressWords(done, total int64, frames int, took time.Duration) string {
	s := fmt.Sprintf("%s, %sframes/s", scaled(float64(done), "B"), scaled(float64(frames)/took.Seconds(), ""))
	if total > done && done > 0 {
		left := time.Duration(float64(took) * float64(total-done) / float64(done))
		s += fmt.Sprintf(", %v left", left.Round(time.Second))
	}
	return s
}

// scaled is a number of at most four digits and its unit.
func scaled(v float64, unit string) string {
	prefixes := []string{"", "k", "M", "G", "T"}
	for len(prefixes) > 1 && v >= 999.5 {
		v, prefixes = v/1000, prefixes[1:]
	}
	digits := 0
	if v < 9.95 && prefixes[0] != "" {
		digits = 1
	}
	return fmt.Sprintf("%.*f %s%s", digits, v, prefixes[0], unit)
}

// finish takes the bar away.
func (p *progress) finish() {
	if p.bar != nil {
		p.bar.Clear()
	}
}
