package capture

import (
	"errors"
	"fmt"
	"io"
)

const (
	windowSize = 256 << 10 // bytes read at once; below 64 KiB the system calls show

	// maxFrame bounds a captured length unless the file itself announces a longer
	// snap length: it is the longest that libpcap writes (MAXIMUM_SNAPLEN).
	maxFrame = 256 << 10
	// maxRecord bounds what must be held in memory at once: a pcapng block, or a
	// frame of a file with a larger snap length. Longer ones are damage.
	maxRecord = 16 << 20
)

// A window reads a stream through one buffer and hands out parts of it in
// place. What peek returned is valid until the next peek or discard.
type window struct {
	r      io.Reader
	buf    []byte
	lo, hi int   // buf[lo:hi] was read but not yet skipped
	base   int64 // the offset of buf[0] in the stream
	err    error // why reading ended, once it has
}

func newWindow(r io.Reader) *window { return &window{r: r, buf: make([]byte, windowSize)} }

// offset is the number of bytes skipped so far.
func (w *window) offset() int64 { return w.base + int64(w.lo) }

// peek returns the next n bytes without skipping them; fewer only where the
// stream ends.
func (w *window) peek(n int) []byte {
	if w.hi-w.lo < n {
		w.fill(n)
	}
	return w.buf[w.lo:min(w.lo+n, w.hi)]
}

// ahead returns all that was read and not skipped yet, as peek does.
func (w *window) ahead() []byte { return w.buf[w.lo:w.hi] }

// skip moves past n bytes that peek has returned.
func (w *window) skip(n int) { w.lo += n }

// fill reads until n bytes are in the buffer or the stream ends. The buffer
// grows only as fast as bytes really arrive, so that a length that lies costs
// nothing.
func (w *window) fill(n int) {
	copy(w.buf, w.buf[w.lo:w.hi])
	w.base += int64(w.lo)
	w.lo, w.hi = 0, w.hi-w.lo
	for idle := 0; w.hi < n && w.err == nil; {
		if w.hi == len(w.buf) {
			w.buf = append(w.buf, make([]byte, len(w.buf))...)
		}
		var got int
		got, w.err = w.r.Read(w.buf[w.hi:])
		w.hi += got
		if got > 0 {
			idle = 0
		} else if idle++; idle == 100 && w.err == nil {
			w.err = io.ErrNoProgress
		}
	}
}

// discard moves past n bytes, however many. It returns how many there were.
func (w *window) discard(n int64) int64 {
	var done int64
	for done < n {
		step := min(n-done, int64(len(w.buf)))
		got := len(w.peek(int(step)))
		w.skip(got)
		done += int64(got)
		if int64(got) < step {
			break
		}
	}
	return done
}

// short is the error of a record of which only got of want bytes were there. A
// fault of the underlying reader comes before the guess that the file was cut.
func (w *window) short(what string, got, want int64) error {
	switch {
	case errors.Is(w.err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w in its compressed data", ErrTruncated)
	case w.err != io.EOF:
		return w.err
	}
	return fmt.Errorf("%w: %s needs %d bytes, %d are left", ErrTruncated, what, want, got)
}
