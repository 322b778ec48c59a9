package save

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tcpreplay-fsm/capture"
)

var eth0 = capture.Interface{Name: "eth0", Link: capture.LinkEthernet}

// frame is the nth of a row that comes at 10 frames a second.
func frame(n int) *capture.Frame {
	return &capture.Frame{Number: n, Time: 1_700_000_000_000_000_123 + int64(n)*1e8, Data: bytes.Repeat([]byte{byte(n)}, 60+n%4),
		WireLen: 2000, Link: capture.LinkEthernet}
}

// read returns the frames of files, which must be whole.
func read(t *testing.T, files ...string) (frames []capture.Frame, r *capture.Reader) {
	t.Helper()
	r, err := capture.Open(files, nil, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	for {
		next, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		f := *next
		f.Data = bytes.Clone(f.Data)
		frames = append(frames, f)
	}
	for _, in := range r.Inputs() {
		if in.Err != nil {
			t.Errorf("%s: %v", in.Name, in.Err)
		}
	}
	return frames, r
}

func write(t *testing.T, w *Writer, n int) {
	t.Helper()
	for i := 1; i <= n; i++ {
		if err := w.Write(frame(i), eth0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.pcapng")
	w, err := Create(Options{Name: name, SnapLen: 96})
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, 50)
	other := frame(51)
	other.Interface, other.Link, other.Comment, other.Data = 7, capture.LinkSLL2, "odd", []byte{}
	if err := w.Write(other, capture.Interface{Name: "any", Link: capture.LinkSLL2}); err != nil {
		t.Fatal(err)
	}
	if err := w.Statistics(other.Time, 51, 3); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, r := read(t, name)
	if len(got) != 51 {
		t.Fatalf("%d frames, want 51", len(got))
	}
	for i := range got {
		want := frame(i + 1)
		if i == 50 {
			want = other
			want.Interface = 1
		}
		g := got[i]
		if g.Time != want.Time || g.WireLen != want.WireLen || !bytes.Equal(g.Data, want.Data) ||
			g.Comment != want.Comment || g.Link != want.Link || g.Interface != want.Interface {
			t.Errorf("got %+v, want %+v", g, *want)
		}
	}
	if i := r.Interfaces(); i[0].Name != "eth0" || i[1].Name != "any" {
		t.Errorf("interfaces %+v", i)
	}
}

func TestRotation(t *testing.T) {
	for _, tt := range []struct {
		name  string
		o     Options
		files int
		first int // the oldest frame still there
	}{
		{"size", Options{MaxBytes: 2000}, 5, 1},
		{"size, bounded", Options{MaxBytes: 2000, Keep: 2}, 2, 61},
		{"time", Options{Every: 2 * time.Second}, 5, 1},
		{"time, bounded", Options{Every: 2 * time.Second, Keep: 3}, 3, 41},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			stranger := filepath.Join(dir, "a_00000_19700101000000.pcapng")
			if err := os.WriteFile(stranger, []byte("not ours"), 0o666); err != nil {
				t.Fatal(err)
			}
			tt.o.Name = filepath.Join(dir, "a.pcapng")
			w, err := Create(tt.o)
			if err != nil {
				t.Fatal(err)
			}
			write(t, w, 100)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			files, _ := filepath.Glob(filepath.Join(dir, "a_*.pcapng"))
			files = slices.DeleteFunc(files, func(f string) bool { return f == stranger })
			if !slices.Equal(files, w.Files()) || len(files) != tt.files {
				t.Errorf("files %q, told %q, want %d", files, w.Files(), tt.files)
			}
			got, _ := read(t, files...)
			if n := 101 - tt.first; len(got) != n {
				t.Fatalf("%d frames, want %d", len(got), n)
			}
			for i, g := range got {
				if want := frame(tt.first + i); g.Time != want.Time || !bytes.Equal(g.Data, want.Data) {
					t.Fatalf("frame %d is not the one of %d", i, tt.first+i)
				}
			}
			for _, f := range files {
				if st, _ := os.Stat(f); tt.o.MaxBytes > 0 && st.Size() > tt.o.MaxBytes {
					t.Errorf("%s has %d bytes, more than %d", f, st.Size(), tt.o.MaxBytes)
				}
			}
			if _, err := os.Stat(stranger); err != nil {
				t.Error("a file that is not ours was removed")
			}
		})
	}
}

// A frame that is larger than the bound has a file to itself.
func TestRotationOversized(t *testing.T) {
	w, err := Create(Options{Name: filepath.Join(t.TempDir(), "a.pcapng"), MaxBytes: 50})
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, 3)
	w.Close()
	if got, _ := read(t, w.Files()...); len(got) != 3 || len(w.Files()) != 3 || w.Removed() != 0 {
		t.Errorf("%d frames in %q", len(got), w.Files())
	}
}

// What was flushed can be read while the file grows.
func TestFlush(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.pcapng")
	w, err := Create(Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, 5)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if got, _ := read(t, name); len(got) != 5 {
		t.Errorf("%d frames, want 5", len(got))
	}
	w.Close()
}

func TestDiskFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("skipped: needs /dev/full")
	}
	w, err := Create(Options{Name: "/dev/full"})
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, 1)
	for range 2 { // and it stays so
		if err := w.Flush(); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("got %v, want ENOSPC", err)
		}
	}
	if err := w.Write(frame(2), eth0); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
}

// A file that could not be written to its end ends with a whole block.
func TestTornWrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.pcapng")
	w, err := Create(Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, 5)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(w.size) + 50, Max: old.Max})
	write(t, w, 5)
	err = w.Flush()
	syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old)
	if !errors.Is(err, syscall.EFBIG) {
		t.Errorf("got %v, want EFBIG", err)
	}
	w.Close()
	if got, _ := read(t, name); len(got) != 5 {
		t.Errorf("%d frames, want the 5 before", len(got))
	}
}

func TestCreateErrors(t *testing.T) {
	for _, o := range []Options{{Name: "/no/such/dir/a"}, {Name: "/no/such/dir/a", MaxBytes: 1}} {
		if _, err := Create(o); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "/no/such/dir") {
			t.Errorf("Create(%+v): %v", o, err)
		}
	}
}
