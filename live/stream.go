package live

import (
	"fmt"
	"io"
	"sync"

	"tcpreplay-fsm/internal/words"
)

// A stream writes events as lines, each as soon as it can. A reader that is too
// slow does not hold up the capture: events that do not fit are left out and
// counted.
type stream struct {
	form Form
	out  io.Writer

	mu      sync.Mutex
	more    sync.Cond
	lines   []byte // not written yet
	spare   []byte
	left    int // events left out since the last line
	closed  bool
	done    chan struct{}
	failed  func(error)
	leftAll int
}

// maxQueued bounds the bytes that wait for a slow reader.
const maxQueued = 4 << 20

func newStream(form Form, out io.Writer, failed func(error)) *stream {
	s := &stream{form: form, out: out, failed: failed, done: make(chan struct{})}
	s.more.L = &s.mu
	go s.write()
	return s
}

func (s *stream) tell(e *event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) >= maxQueued {
		s.left++
		s.leftAll++
		return
	}
	if s.left > 0 {
		s.append(&event{kind: noticeGiven, time: e.time, text: words.Count(s.left, "event") + " left out: the output is too slow"})
		s.left = 0
	}
	s.append(e)
	s.more.Signal()
}

func (s *stream) append(e *event) {
	if s.form == NDJSON {
		s.lines = e.appendJSON(s.lines)
	} else {
		s.lines = e.appendText(s.lines)
	}
	s.lines = append(s.lines, '\n')
}

func (s *stream) write() {
	defer close(s.done)
	for {
		s.mu.Lock()
		for len(s.lines) == 0 && !s.closed {
			s.more.Wait()
		}
		lines := s.lines
		s.lines = s.spare[:0]
		s.mu.Unlock()
		if len(lines) == 0 {
			return
		}
		if _, err := s.out.Write(lines); err != nil {
			s.failed(fmt.Errorf("write events: %w", err))
			return
		}
		s.spare = lines
	}
}

// close waits until all is written. It returns how many events were left out.
func (s *stream) close() int {
	s.mu.Lock()
	s.closed = true
	s.more.Signal()
	s.mu.Unlock()
	<-s.done
	return s.leftAll
}
