package capture

import (
	"errors"
	"fmt"
)

// What is wrong with an input. A ReadError wraps one of these or the error of
// the operating system.
var (
	ErrTruncated   = errors.New("the capture is cut short")
	ErrCorrupt     = errors.New("the capture is damaged")
	ErrFormat      = errors.New("not a capture")
	ErrTooMuch     = errors.New("expands to too much")
	ErrEmpty       = errors.New("the file is empty")
	ErrIsDirectory = errors.New("is a directory without captures")
)

// A ReadError reports where reading an input stopped. Frames before it were
// delivered and remain valid.
type ReadError struct {
	Name   string // of the input
	Frame  int    // the frame of that input, from 1, that could not be read; 0 if the input could not be opened
	Offset int64  // bytes from the start of the capture, after decompression
	Err    error
}

func (e *ReadError) Error() string {
	if e.Frame == 0 {
		return e.Name + ": " + e.Err.Error()
	}
	return fmt.Sprintf("%s: frame %d (offset %d): %v", e.Name, e.Frame, e.Offset, e.Err)
}

func (e *ReadError) Unwrap() error { return e.Err }

// corrupt is ErrCorrupt with what was found.
func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}
