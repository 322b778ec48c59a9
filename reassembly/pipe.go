package reassembly

import (
	"fmt"
	"io"
	"sync"
)

// GapError is what [Reader.Read] returns in the place of a gap. It does not end
// the stream: the next Read goes on behind the gap.
type GapError struct {
	Offset  uint64 // of the gap in the stream
	Missing uint32 // bytes
	Reason  Reason
}

func (e *GapError) Error() string {
	return fmt.Sprintf("%d bytes at offset %d: %v", e.Missing, e.Offset, e.Reason)
}

// Reader reads a [Stream] while another goroutine feeds it; see [Pipe].
type Reader struct {
	chunks chan Chunk    // from Emit
	taken  chan struct{} // back to Emit: the chunk was used up
	gone   chan struct{} // the reader was closed
	eof    chan struct{} // the stream is over
	once   sync.Once

	chunk  Chunk // the one being read
	during bool
}

// Pipe sets s.Emit and s.Done so that the returned Reader reads the stream.
// Nothing is buffered: [Stream.Insert] waits for the Reader, which therefore must
// be read to io.EOF, or closed, by another goroutine.
func Pipe(s *Stream) *Reader {
	r := &Reader{
		chunks: make(chan Chunk), taken: make(chan struct{}),
		gone: make(chan struct{}), eof: make(chan struct{}),
	}
	s.Emit = func(c Chunk) {
		select {
		case r.chunks <- c:
			select {
			case <-r.taken:
			case <-r.gone:
			}
		case <-r.gone:
		}
	}
	s.Done = func() { close(r.eof) }
	return r
}

// Read reads the next bytes in order. At a gap it returns 0 and a [*GapError],
// once; behind the end of the stream io.EOF.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	select {
	case <-r.gone:
		return 0, io.ErrClosedPipe
	default:
	}
	if !r.during {
		select {
		case r.chunk = <-r.chunks:
			r.during = true
		case <-r.eof:
			return 0, io.EOF
		}
	}
	if gap := r.chunk; gap.Missing > 0 {
		r.done()
		return 0, &GapError{gap.Offset, gap.Missing, gap.Reason}
	}
	n := copy(p, r.chunk.Bytes)
	r.chunk.Bytes = r.chunk.Bytes[n:]
	if len(r.chunk.Bytes) == 0 {
		r.done()
	}
	return n, nil
}

// done lets Emit return, after which the chunk's bytes are no longer valid.
func (r *Reader) done() {
	r.chunk, r.during = Chunk{}, false
	select {
	case r.taken <- struct{}{}:
	case <-r.gone:
	}
}

// Close gives up reading; the stream goes on without waiting. It must not be
// called during Read.
func (r *Reader) Close() error {
	r.once.Do(func() { close(r.gone) })
	return nil
}
