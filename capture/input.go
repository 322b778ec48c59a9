package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
)

// An Input says what became of one input.
type Input struct {
	Name      string
	Format    string   // such as "pcap" or "pcapng, gzip"; "" if it could not be opened
	LinkTypes []string // link types of its interfaces, in order of appearance
	Frames    int      // frames delivered so far
	// OutOfOrder counts frames with an earlier time than the frame before them in
	// the same input. They are delivered where they stand.
	OutOfOrder int
	// Dropped counts the frames that were dropped while it was captured and are
	// missing, as interface statistics blocks of pcapng say; 0 if nothing says so.
	Dropped uint64
	Err     error // why reading ended, if not at the end
}

// An input is an Input being read.
type input struct {
	Input
	index  int
	reader *Reader
	pipe   io.Reader // standard input; nil for a file that is opened by its name

	format   format
	window   *window
	counted  *counter
	closers  []io.Closer
	frame    Frame // the next frame of this input, waiting for its turn
	read     int   // frames read, frame among them
	lastTime int64
	numbers  []uint32 // of its interfaces
	// parked: the file was closed again after its first frame was read, as that
	// may be due long after; frame holds no more than its time.
	parked bool
}

// open prepares the input for reading its first frame.
func (in *input) open(number numberer) error {
	source := in.pipe
	if source == nil {
		file, err := openFile(in.Name)
		if err != nil {
			return err
		}
		in.closers = append(in.closers, file)
		source = file
	}
	in.counted = &counter{source: source, total: &in.reader.done}
	raw := bufio.NewReaderSize(in.counted, windowSize/4) // the window asks for more at once, past this buffer
	plain, compression, err := expand(raw, in.counted, in.reader.options.MaxExpand)
	if err != nil {
		return err
	}
	in.closers = append(in.closers, plain)
	if compression == "" {
		in.window = newWindow(raw)
	} else {
		in.window = newWindow(plain)
	}
	in.Format, in.format, err = openFormat(in.window, number)
	if ng, ok := in.format.(*pcapngFile); ok {
		ng.names = in.reader.names
	}
	if in.Format != "" && compression != "" {
		in.Format += ", " + compression
	}
	return err
}

// openFile opens a file, with errors that say what to do.
func openFile(name string) (*os.File, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("no such file")
	case errors.Is(err, fs.ErrPermission):
		return nil, errors.New("no permission to read it")
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%w: name a capture file", ErrIsDirectory)
	}
	file, err := os.Open(name)
	if err != nil {
		if cause := errors.Unwrap(err); cause != nil { // without the name, which ReadError has already
			err = cause
		}
		return nil, err
	}
	return file, nil
}

// advance reads the input's next frame. It reports false, and has closed the
// input, when there is none.
func (in *input) advance() bool {
	if in.parked {
		in.parked = false
		in.read = 0
		if err := in.open(in.reader.number(in.index)); err != nil {
			in.fail(err)
			return false
		}
	}
	if err := in.format.next(&in.frame); err != nil {
		if err != io.EOF {
			in.read++
			in.fail(err)
		}
		in.close()
		return false
	}
	in.read++
	return true
}

// park closes the input after its first frame, to be opened again when that
// frame's turn comes: of a thousand rotated files only those are open that
// overlap in time.
func (in *input) park() {
	in.close()
	in.counted.total.Add(-in.counted.here)
	in.parked = true
}

// fail records why the input ends.
func (in *input) fail(err error) {
	failed := &ReadError{Name: in.Name, Frame: in.read, Err: err}
	if in.window != nil {
		failed.Offset = in.window.offset()
	}
	in.Err = failed
}

func (in *input) close() error {
	var errs []error
	for i := len(in.closers) - 1; i >= 0; i-- {
		errs = append(errs, in.closers[i].Close())
	}
	in.closers = nil
	if in.window != nil {
		in.window.r, in.window.buf = nil, nil // a thousand inputs that are over must not keep their buffers
		in.window.lo, in.window.hi = 0, 0
	}
	return errors.Join(errs...)
}

// A counter counts what is read from the source, for this input and for all.
type counter struct {
	source io.Reader
	here   int64
	total  *atomic.Int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.source.Read(b)
	c.here += int64(n)
	c.total.Add(int64(n))
	return n, err
}
