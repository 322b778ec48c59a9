package capture

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// compressors make each compression that has a writer.
var compressors = map[string]func(io.Writer) (io.WriteCloser, error){
	"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
	"zstd": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
	"lz4":  func(w io.Writer) (io.WriteCloser, error) { return lz4.NewWriter(w), nil },
	"xz":   func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) },
}

func compressed(t testing.TB, name string, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := compressors[name](&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestCompressed(t *testing.T) {
	plain := pcapBytes(LinkEthernet, benchFrames(30)...)
	want := told(readAll(t, openBytes(t, plain)))
	for name := range compressors {
		packed := compressed(t, name, plain)
		r := openBytes(t, packed)
		if got := told(readAll(t, r)); got != want || r.Inputs()[0].Err != nil || r.Inputs()[0].Format != "pcap, "+name {
			t.Errorf("%s: %+v", name, r.Inputs()[0])
		}
		// Cut anywhere, it gives frames of the whole and says that it was cut.
		for n := 0; n < len(packed); n += 7 {
			r, err := Open([]string{"-"}, bytes.NewReader(packed[:n]), Options{})
			frames := ""
			if err == nil {
				frames = told(readAll(t, r))
				err = r.Inputs()[0].Err
				r.Close()
			}
			if err == nil && frames != want { // the index at the end of xz may be missing, unnoticed
				t.Errorf("%s cut at %d of %d: not noticed", name, n, len(packed))
			}
		}
	}
}

// TestBzip2 has an empty pcap, as there is no writer of bzip2 at hand.
func TestBzip2(t *testing.T) {
	packed, err := base64.StdEncoding.DecodeString(emptyPcapBzip2)
	if err != nil {
		t.Fatal(err)
	}
	r := openBytes(t, packed)
	if frames := readAll(t, r); len(frames) != 0 || r.Inputs()[0].Format != "pcap, bzip2" || r.Inputs()[0].Err != nil {
		t.Errorf("%d frames, %+v", len(frames), r.Inputs()[0])
	}
}

// TestMaxExpand: what expands beyond the bound ends there.
func TestMaxExpand(t *testing.T) {
	plain := pcapBytes(LinkEthernet, benchFrames(300)...)
	for name := range compressors {
		r, err := Open([]string{"-"}, bytes.NewReader(compressed(t, name, plain)), Options{MaxExpand: int64(len(plain)) / 2})
		if err != nil {
			t.Fatal(err)
		}
		frames := readAll(t, r)
		if n := len(frames); n < 145 || n > 150 || !errors.Is(r.Inputs()[0].Err, ErrTooMuch) {
			t.Errorf("%s: %d frames, %v", name, n, r.Inputs()[0].Err)
		}
		r.Close()
	}
}

const emptyPcapBzip2 = "QlpoOTFBWSZTWdedjJgAAAjAHvYAIAAQAAgABAAAAKAAMQAwIYgaIFmaE4I3msfi7kinChIa87GTAA=="
