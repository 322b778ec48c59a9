package capture

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

const (
	// These bound how far back a compressed stream may refer, which is memory the
	// decompressor needs. zstd --long stays within its bound, xz -9 within its.
	maxZstdWindow   = 128 << 20
	maxXZDictionary = 28 // the code of 64 MiB

	// By default a compressed input may expand to freeExpand bytes, and beyond
	// that to maxRatio times its own size. Captures compress 2 to 20 times, a
	// flood of equal packets 100 times, what is made to explode 1000 times and more.
	freeExpand = 1 << 30
	maxRatio   = 200
)

// compressions are told by their first bytes.
var compressions = []struct {
	name  string
	magic string
	open  func(*bufio.Reader) (io.ReadCloser, error)
}{
	{"gzip", "\x1f\x8b\x08", openGzip},
	{"zstd", "\x28\xb5\x2f\xfd", openZstd},
	{"lz4", "\x04\x22\x4d\x18", openLZ4},
	{"lz4", "\x02\x21\x4c\x18", openLZ4}, // the legacy frame
	{"xz", "\xfd7zXZ\x00", openXZ},
	{"bzip2", "BZh", openBzip2},
}

func openGzip(r *bufio.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }

func openZstd(r *bufio.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(maxZstdWindow), zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

func openLZ4(r *bufio.Reader) (io.ReadCloser, error) { return io.NopCloser(lz4.NewReader(r)), nil }

func openBzip2(r *bufio.Reader) (io.ReadCloser, error) {
	return io.NopCloser(bzip2.NewReader(r)), nil
}

// expand returns what r holds without its compression, and the compression's
// name; r itself and "" if it has none.
func expand(r *bufio.Reader, source *counter, limit int64) (io.ReadCloser, string, error) {
	head, _ := r.Peek(8)
	for _, c := range compressions {
		if bytes.HasPrefix(head, []byte(c.magic)) {
			opened, err := c.open(r)
			if err != nil {
				return nil, c.name, expansionError(c.name, err)
			}
			return &expansion{opened, c.name, source, limit, 0}, c.name, nil
		}
	}
	return io.NopCloser(r), "", nil
}

// expansionError words what a decompressor found wrong.
func expansionError(name string, err error) error {
	switch {
	case err == io.EOF || errors.Is(err, ErrCorrupt):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w in its %s data", ErrTruncated, name)
	}
	return fmt.Errorf("%w in its %s data: %v", ErrCorrupt, name, err)
}

// An expansion is a decompressor held to a bound.
type expansion struct {
	io.ReadCloser
	name   string
	source *counter // of compressed bytes
	limit  int64    // 0: the default, by ratio
	done   int64
}

func (e *expansion) Read(b []byte) (int, error) {
	limit := e.limit
	if limit == 0 {
		limit = max(freeExpand, maxRatio*e.source.here)
	}
	if e.done >= limit {
		return 0, fmt.Errorf("%w: %d MiB from %d MiB of %s; decompress it yourself if that is right", ErrTooMuch, e.done>>20, e.source.here>>20, e.name)
	}
	n, err := e.ReadCloser.Read(b[:min(int64(len(b)), limit-e.done)])
	e.done += int64(n)
	if err != nil {
		err = expansionError(e.name, err)
	}
	return n, err
}
