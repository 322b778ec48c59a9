package capture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strings"
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

// TestXZParts: all blocks of all streams are read, and none with too large a
// dictionary, wherever it stands.
func TestXZParts(t *testing.T) {
	plain := pcapBytes(LinkEthernet, benchFrames(30)...)
	var out bytes.Buffer
	w, err := xz.WriterConfig{BlockSize: int64(len(plain)/3 + 1)}.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(plain)
	w.Close()
	blocks := out.Bytes() // three
	// An appended file is read as one (TestAppended).
	streams := join(blocks, make([]byte, 8), compressed(t, "xz", plain), blocks)
	r := openBytes(t, streams)
	if n := len(readAll(t, r)); n != 90 || r.Inputs()[0].Err != nil {
		t.Fatalf("%d frames, %v; want 90", n, r.Inputs()[0].Err)
	}

	header := blocks[12:][:(int(blocks[12])+1)*4]
	greedy := bytes.Clone(header)
	greedy[bytes.Index(greedy, []byte("\x21\x01"))+2] = maxXZDictionary + 1
	binary.LittleEndian.PutUint32(greedy[len(greedy)-4:], crc32.ChecksumIEEE(greedy[:len(greedy)-4]))
	found := 0
	for at := 0; ; at++ {
		next := bytes.Index(streams[at:], header)
		if next < 0 {
			break
		}
		at += next
		r, err := Open([]string{"-"}, bytes.NewReader(join(streams[:at], greedy, streams[at+len(header):])), Options{})
		if err == nil {
			readAll(t, r)
			err = r.Inputs()[0].Err
			r.Close()
		}
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "dictionary") {
			t.Errorf("block %d: %v", found, err)
		}
		found++
	}
	if found < 6 {
		t.Errorf("%d blocks found", found)
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
