package reassembly_test

import (
	"errors"
	"fmt"
	"io"

	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

func segment(seq tcp.Seq, text string, flags tcp.Flags) *tcp.Segment {
	return &tcp.Segment{Seq: seq, Flags: flags, Len: uint32(len(text)), Payload: []byte(text)}
}

// One direction, its segments out of order, one never captured.
func ExampleStream() {
	s := reassembly.Stream{Emit: func(c reassembly.Chunk) {
		if c.Missing > 0 {
			fmt.Printf("%3d  [%d bytes %v]\n", c.Offset, c.Missing, c.Reason)
			return
		}
		fmt.Printf("%3d  %q\n", c.Offset, c.Bytes)
	}}
	s.Insert(segment(1000, "", tcp.SYN))
	s.Insert(segment(1007, "world", tcp.ACK))
	s.Insert(segment(1001, "hello ", tcp.ACK))
	s.Insert(segment(1020, "bye", tcp.ACK|tcp.FIN))
	s.Acked(1024) // the receiver has all of it
	fmt.Println(s.Complete(), s.Stats().Missing)
	// Output:
	//   0  "hello "
	//   6  "world"
	//  11  [8 bytes acknowledged but not captured]
	//  19  "bye"
	// true 8
}

// The same place, two versions: an injected answer won.
func ExampleStream_Conflicts() {
	var s reassembly.Stream
	s.Insert(segment(1000, "", tcp.SYN|tcp.ACK))
	s.Insert(segment(1001, "302 Found", tcp.ACK))
	s.Insert(segment(1001, "200 OK, x", tcp.ACK))
	for _, c := range s.Conflicts() {
		fmt.Printf("offset %d: %q in the stream, %q dropped\n", c.Offset, c.Kept, c.Dropped)
	}
	// Output: offset 0: "302 Found" in the stream, "200 OK, x" dropped
}

func ExamplePipe() {
	var s reassembly.Stream
	r := reassembly.Pipe(&s)
	go func() {
		s.Insert(segment(1000, "", tcp.SYN))
		s.Insert(segment(1001, "one ", tcp.ACK))
		s.Insert(segment(1009, "three", tcp.ACK))
		s.Close()
	}()
	for {
		text, err := io.ReadAll(r)
		fmt.Printf("%q\n", text)
		var gap *reassembly.GapError
		if !errors.As(err, &gap) {
			break // nil: the end
		}
		fmt.Println(gap)
	}
	// Output:
	// "one "
	// 4 bytes at offset 4: missing at the end
	// "three"
}

// A tracker that needs to know what has passed, and keeps no payload.
func ExampleRanges() {
	var r reassembly.Ranges
	r.Add(1000, 2000)
	r.Add(3000, 4000)
	fmt.Println("new bytes:", r.Add(1500, 2500))
	fmt.Println("complete up to", r.Contiguous(1000))
	for hole := range r.Holes(1000) {
		fmt.Println("missing", hole.Left, "to", hole.Right)
	}
	// Output:
	// new bytes: 500
	// complete up to 2500
	// missing 2500 to 3000
}
