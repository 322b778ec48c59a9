package capture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"

	"github.com/ulikunitz/xz"
)

func openXZ(r *bufio.Reader) (io.ReadCloser, error) {
	x, err := xz.NewReader(&xzParts{r: r, part: (*xzParts).stream})
	if err != nil {
		return nil, err
	}
	return io.NopCloser(x), nil
}

// xzParts hands a file on to the decompressor part by part, and refuses blocks whose
// dictionary is too large: the library allocates what each block of each stream asks
// for, up to 4 GiB, unseen. Sections are those of The .xz File Format; what is
// wrong with a part is left for the library to find.
type xzParts struct {
	r       *bufio.Reader
	part    func(*xzParts) error // looks at the next part, and sets left
	left    int                  // bytes of the part to hand on
	check   int                  // bytes of a block's checksum
	size    int                  // of the block's data, or of the index, so far
	records uint64               // numbers to come in the index
}

func (x *xzParts) Read(b []byte) (int, error) {
	for x.left == 0 {
		if err := x.part(x); err != nil {
			return 0, err
		}
	}
	n, err := x.r.Read(b[:min(len(b), x.left)])
	x.left -= n
	return n, err
}

// peek returns the next n bytes; fewer at the file's end, which then is handed on as
// it is.
func (x *xzParts) peek(n int) ([]byte, error) {
	b, err := x.r.Peek(n)
	if x.left = len(b); x.left > 0 {
		err = nil
	}
	return b, err
}

// stream is a stream header (section 2.1.1), or padding between streams (2.2).
func (x *xzParts) stream() error {
	b, err := x.peek(12)
	switch {
	case err != nil:
		return err
	case bytes.HasPrefix(b, make([]byte, 4)):
		x.left = 4
	case len(b) == 12:
		x.check = [16]int{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}[b[7]&0xf]
		x.part = (*xzParts).block
	}
	return nil
}

// block is a block header (section 3.1), or the begin of the index (4.1).
func (x *xzParts) block() error {
	b, err := x.peek(1)
	if err != nil {
		return err
	}
	if b[0] == 0 {
		x.size, x.part = 1, (*xzParts).index
		return nil
	}
	if b, err = x.peek((int(b[0]) + 1) * 4); err != nil {
		return err
	}
	const lzma2 = "\x21\x01" // the filter's id and the size of its properties (5.3.1)
	if at := bytes.Index(b[min(2, len(b)):], []byte(lzma2)) + 2; at >= 2 && at+2 < len(b) && b[at+2] > maxXZDictionary {
		return corrupt("xz needs a dictionary of more than 64 MiB")
	}
	x.size, x.part = 0, (*xzParts).chunk
	return nil
}

// chunk is one of a block's LZMA2 chunks, the last of which is a zero.
func (x *xzParts) chunk() error {
	b, err := x.peek(6)
	switch {
	case err != nil:
		return err
	case b[0] == 0:
		x.left, x.part = 1, (*xzParts).blockEnd
	case len(b) < 6:
	case b[0] < 0x80: // not compressed
		x.left = 3 + int(be16(b[1:])) + 1
	case b[0] < 0xc0:
		x.left = 5 + int(be16(b[3:])) + 1
	default: // with new properties
		x.left = 6 + int(be16(b[3:])) + 1
	}
	x.size += x.left
	return nil
}

// blockEnd is a block's padding and checksum (sections 3.3 and 3.4).
func (x *xzParts) blockEnd() error {
	x.left, x.part = -x.size&3+x.check, (*xzParts).block
	return nil
}

// index is how many records the index has (section 4.2).
func (x *xzParts) index() error {
	n, err := x.number()
	x.records, x.part = 2*n, (*xzParts).record
	return err
}

// record is half a record (section 4.3), or what stands behind the last: padding, a
// checksum, and the stream's footer of 12 bytes.
func (x *xzParts) record() error {
	if x.records == 0 {
		x.left, x.part = -x.size&3+4+12, (*xzParts).stream
		return nil
	}
	x.records--
	_, err := x.number()
	return err
}

// number is a number of variable length (section 1.2).
func (x *xzParts) number() (uint64, error) {
	b, err := x.peek(9)
	if err != nil {
		return 0, err
	}
	v, n := binary.Uvarint(b)
	if n > 0 {
		x.left = n
	}
	x.size += x.left
	return v, nil
}
