package analyzer_test

import (
	"fmt"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

func segmentsOf(b *testing.B, script string) []tcp.Segment {
	s, err := pcaptest.Parse(script)
	if err != nil {
		b.Fatal(err)
	}
	return s.Segments()
}

// rename gives s, of either direction, another client port and address.
func rename(s *tcp.Segment, n int) {
	addr, port := &s.Tuple.Src, &s.Tuple.SrcPort
	if *port == 80 {
		addr, port = &s.Tuple.Dst, &s.Tuple.DstPort
	}
	*port = uint16(1024 + n%60_000)
	addr.Lo ^= uint64(n/60_000) << 8
}

// BenchmarkSegment follows a transfer that goes on and on: what a segment costs.
func BenchmarkSegment(b *testing.B) {
	segments := segmentsOf(b, "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nA PSH,ACK 1 1 len=100\nB ACK 1 101\n")
	a := analyzer.New(analyzer.Options{})
	for i := range segments {
		a.Add(&segments[i])
	}
	pair := segments[3:]
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s := &pair[i%2]
		if i%2 == 0 {
			s.Seq = s.Seq.Add(s.Len)
		} else {
			s.Ack = s.Ack.Add(100)
		}
		s.Frame, s.Time = i+6, segments[2].Time+int64(i)*1000
		a.Add(s)
	}
}

// BenchmarkLife follows short conversations from SYN to TIME_WAIT and hands them
// on: what a conversation of eight segments costs.
func BenchmarkLife(b *testing.B) {
	segments := segmentsOf(b, `
A SYN 0
B SYN,ACK 0 1
A ACK 1 1
A PSH,ACK 1 1 len=100
B ACK 1 101
A FIN,ACK 101 1
B FIN,ACK 1 102
A ACK 102 2
`)
	handed := 0
	a := analyzer.New(analyzer.Options{Done: func(*analyzer.Conversation) { handed++ }})
	b.ReportAllocs()
	lives := 0
	for ; b.Loop(); lives++ {
		for i, s := range segments {
			rename(&s, lives)
			s.Frame, s.Time = lives*len(segments)+i+1, s.Time+int64(lives)*10_000_000
			a.Add(&s)
		}
	}
	a.Close()
	if handed != lives {
		b.Fatalf("%d conversations of %d", handed, lives)
	}
}

// BenchmarkTable takes a segment of another conversation each time, so that none
// is in the processor's cache.
func BenchmarkTable(b *testing.B) {
	segments := segmentsOf(b, "A SYN 0\nB SYN,ACK 0 1\nA ACK 1 1\nA ACK 1 1\nB ACK 1 1\n")
	for _, live := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint(live), func(b *testing.B) {
			a := analyzer.New(analyzer.Options{})
			frame, last := 0, int64(0)
			for _, s := range segments {
				for n := range live {
					one := s
					rename(&one, n)
					frame++
					one.Frame, one.Time = frame, s.Time+int64(frame)
					last = one.Time
					a.Add(&one)
				}
			}
			b.ReportAllocs()
			var s tcp.Segment // here, for it escapes
			for i := 0; b.Loop(); i++ {
				s = segments[3+i%2]
				rename(&s, i*7919%live)
				s.Frame, s.Time = frame+i+1, last+int64(i)
				a.Add(&s)
			}
		})
	}
}
