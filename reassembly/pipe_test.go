package reassembly

import (
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"tcpreplay-fsm/tcp"
)

// feed gives s the text in small segments, with the bytes [from, to) missing.
func feed(s *Stream, text string, from, to int) {
	s.Insert(&tcp.Segment{Seq: 0, Flags: tcp.SYN})
	for i := 0; i < len(text); i += 3 {
		b := []byte(text[i:min(i+3, len(text))])
		if i >= from && i < to {
			continue
		}
		s.Insert(&tcp.Segment{Seq: 1 + tcp.Seq(i), Len: uint32(len(b)), Payload: b, Flags: tcp.ACK})
	}
	s.Close()
}

func TestPipe(t *testing.T) {
	const text = "the bytes of one direction, in order"
	var s Stream
	r := Pipe(&s)
	go feed(&s, text, 0, 0)
	if err := iotest.TestReader(r, []byte(text)); err != nil {
		t.Error(err)
	}
}

func TestPipeGap(t *testing.T) {
	var s Stream
	r := Pipe(&s)
	go feed(&s, "abcdefghijkl", 3, 9)
	var got []byte
	var gaps []GapError
	for {
		b, err := io.ReadAll(r)
		got = append(got, b...)
		if err == nil {
			break
		}
		var gap *GapError
		if !errors.As(err, &gap) {
			t.Fatal(err)
		}
		gaps = append(gaps, *gap)
	}
	if string(got) != "abcjkl" || len(gaps) != 1 || gaps[0] != (GapError{3, 6, StreamEnded}) {
		t.Errorf("read %q with gaps %v, want abcjkl and one of 6 bytes at 3", got, gaps)
	}
}

func TestPipeCloseFreesTheWriter(t *testing.T) {
	var s Stream
	r := Pipe(&s)
	done := make(chan struct{})
	go func() { feed(&s, "abcdefghijkl", 0, 0); close(done) }()
	io.ReadFull(r, make([]byte, 2))
	r.Close()
	<-done
	if _, err := r.Read(make([]byte, 1)); err != io.ErrClosedPipe {
		t.Errorf("Read after Close: %v, want io.ErrClosedPipe", err)
	}
}
