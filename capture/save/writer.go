package save

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tcpreplay-fsm/capture"
)

// Options says where to write. Only Name is needed.
type Options struct {
	Name string // of the file; with rotation a number and a time come before its extension

	MaxBytes int64         // begin a new file before one grows beyond this; 0 for no bound
	Every    time.Duration // begin a new file when one covers so much time, by the frames' clock; 0 for no bound
	Keep     int           // with rotation, the files to keep: the oldest goes first; 0 keeps all

	SnapLen int // what was kept of each frame at most, said in the file; 0 for no bound
}

func (o *Options) rotates() bool { return o.MaxBytes > 0 || o.Every > 0 }

// A Writer writes frames. It is not safe for concurrent use.
type Writer struct {
	o       Options
	file    *os.File
	buffer  []byte // whole blocks, not written yet
	size    int64  // of the file, the buffer included
	written int64  // of the file, the buffer left out
	begun   int64  // time of the file's first frame; 0 before it
	pending int    // frames in the buffer
	saved   int    // frames in files

	numbers map[uint32]uint32 // by Frame.Interface: number in this file
	files   []string          // those made and kept, the oldest first
	made    int

	err error
}

const bufferSize = 256 << 10

// Create makes the file, and writes over one of that name. With rotation the
// first file appears with the first frame, as its name tells the time.
func Create(o Options) (*Writer, error) {
	w := &Writer{o: o, buffer: make([]byte, 0, bufferSize+64<<10)}
	if o.rotates() {
		dir := filepath.Dir(o.Name)
		if st, err := os.Stat(dir); err != nil {
			return nil, err
		} else if !st.IsDir() {
			return nil, fmt.Errorf("%s is not a directory", dir)
		}
		return w, nil
	}
	return w, w.begin(o.Name)
}

func (w *Writer) begin(name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	w.file, w.written, w.begun = f, 0, 0
	w.numbers = map[uint32]uint32{}
	w.buffer = appendSection(w.buffer[:0])
	w.size = int64(len(w.buffer))
	w.files = append(w.files, name)
	w.made++
	return nil
}

// Write adds a frame that was captured on i. Nothing of it is kept. After an
// error every call returns that error; what was written before can be read.
func (w *Writer) Write(f *capture.Frame, i capture.Interface) error {
	if w.err != nil {
		return w.err
	}
	if w.due(f) {
		if w.err = w.rotate(f.Time); w.err != nil {
			return w.err
		}
	}
	if w.begun == 0 {
		w.begun = f.Time
	}
	n, ok := w.numbers[f.Interface]
	if !ok {
		n = uint32(len(w.numbers))
		w.numbers[f.Interface] = n
		w.append(func(b []byte) []byte { return appendInterface(b, i, w.o.SnapLen) })
	}
	w.append(func(b []byte) []byte { return appendPacket(b, f, n) })
	w.pending++
	if len(w.buffer) >= bufferSize {
		return w.Flush()
	}
	return nil
}

func (w *Writer) append(to func([]byte) []byte) {
	before := len(w.buffer)
	w.buffer = to(w.buffer)
	w.size += int64(len(w.buffer) - before)
}

// due reports whether f belongs into a new file.
func (w *Writer) due(f *capture.Frame) bool {
	if !w.o.rotates() || w.file != nil && w.begun == 0 {
		return false
	}
	grown := w.size + int64(packetHeaderSize+8+len(f.Data))
	return w.file == nil ||
		w.o.MaxBytes > 0 && grown > w.o.MaxBytes ||
		w.o.Every > 0 && f.Time-w.begun >= int64(w.o.Every)
}

// rotate ends the file and begins the next, whose name tells its first frame's
// time, so that names sort as frames do.
func (w *Writer) rotate(at int64) error {
	if err := w.end(); err != nil {
		return err
	}
	ext := filepath.Ext(w.o.Name)
	stamp := time.Unix(0, at).UTC().Format("20060102150405")
	name := fmt.Sprintf("%s_%05d_%s%s", strings.TrimSuffix(w.o.Name, ext), w.made+1, stamp, ext)
	if err := w.begin(name); err != nil {
		return err
	}
	for w.o.Keep > 0 && len(w.files) > w.o.Keep {
		if err := os.Remove(w.files[0]); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		w.files = w.files[1:]
	}
	return nil
}

// Flush writes what is buffered, so that others can read it.
func (w *Writer) Flush() error {
	if w.err != nil || w.file == nil {
		return w.err
	}
	n, err := w.file.Write(w.buffer)
	if err != nil {
		if n > 0 {
			w.file.Truncate(w.written) // no half block stays, if the file is one that can be cut
		}
		w.err = err
		return err
	}
	w.written += int64(n)
	w.buffer = w.buffer[:0]
	w.saved += w.pending
	w.pending = 0
	return nil
}

// Statistics writes what the kernel counted, for those who read the file.
func (w *Writer) Statistics(at int64, received, dropped uint64) error {
	if w.err != nil || len(w.numbers) == 0 {
		return w.err
	}
	w.append(func(b []byte) []byte { return appendStatistics(b, 0, at, received, dropped) })
	return w.Flush()
}

// Saved counts the frames that are in files, with those that were removed again:
// all after Flush, fewer after an error.
func (w *Writer) Saved() int { return w.saved }

// Files lists the files that were made and kept, the oldest first.
func (w *Writer) Files() []string { return w.files }

// Removed counts the files that were removed again, as there were more than
// Options.Keep.
func (w *Writer) Removed() int { return w.made - len(w.files) }

func (w *Writer) end() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.Flush(), w.file.Close())
	w.file = nil
	return err
}

// Close completes the last file.
func (w *Writer) Close() error { return w.end() }
