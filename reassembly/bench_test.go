package reassembly

import (
	"testing"

	"tcpreplay-fsm/tcp"
)

func benchmarkStream(b *testing.B, size uint32, next func(i int, s *Stream, seg *tcp.Segment)) {
	for _, history := range []struct {
		name  string
		bytes int
	}{{"history", 0}, {"bare", -1}} {
		b.Run(history.name, func(b *testing.B) {
			total := uint64(0)
			s := Stream{History: history.bytes, Emit: func(c Chunk) { total += uint64(len(c.Bytes)) }}
			seg := tcp.Segment{Seq: 0, Flags: tcp.SYN}
			s.Insert(&seg)
			seg = tcp.Segment{Seq: 1, Flags: tcp.ACK, Len: size, Payload: make([]byte, size)}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				next(i, &s, &seg)
			}
			if total == 0 {
				b.Fatal("nothing came out")
			}
		})
	}
}

func BenchmarkInOrder(b *testing.B) {
	benchmarkStream(b, 1448, func(i int, s *Stream, seg *tcp.Segment) {
		s.Insert(seg)
		seg.Seq += 1448
	})
}

func BenchmarkInOrderSmall(b *testing.B) {
	benchmarkStream(b, 64, func(i int, s *Stream, seg *tcp.Segment) {
		s.Insert(seg)
		seg.Seq += 64
	})
}

// One segment in 16 comes three places late.
func BenchmarkLate(b *testing.B) {
	benchmarkStream(b, 1448, func(i int, s *Stream, seg *tcp.Segment) {
		switch i & 15 {
		case 0, 1, 2:
			seg.Seq += 1448
			s.Insert(seg)
		case 3:
			seg.Seq -= 3 * 1448
			s.Insert(seg)
			seg.Seq += 4 * 1448
		default:
			s.Insert(seg)
			seg.Seq += 1448
		}
	})
}

func BenchmarkRetransmission(b *testing.B) {
	benchmarkStream(b, 1448, func(i int, s *Stream, seg *tcp.Segment) {
		s.Insert(seg)
		if i&1 == 1 {
			seg.Seq += 1448
		}
	})
}

// Single bytes in descending order, as many as the bound lets wait.
func BenchmarkHostile(b *testing.B) {
	most := DefaultMaxBuffered / (overheadBytes + 1)
	one := []byte{1}
	var s *Stream
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%most == 0 {
			s = new(Stream)
			s.Insert(&tcp.Segment{Flags: tcp.SYN})
		}
		s.Insert(&tcp.Segment{Seq: tcp.Seq(2 * (most - i%most)), Len: 1, Payload: one})
	}
}

// A hundred thousand connections taking turns: their memory is cold.
func BenchmarkManyStreams(b *testing.B) {
	for _, history := range []struct {
		name  string
		bytes int
	}{{"history", 2048}, {"bare", -1}} {
		b.Run(history.name, func(b *testing.B) {
			streams := make([]Stream, 100_000)
			var budget Budget
			for i := range streams {
				streams[i].History, streams[i].Budget = history.bytes, &budget
				streams[i].Insert(&tcp.Segment{Flags: tcp.SYN})
			}
			seg := tcp.Segment{Seq: 1, Len: 500, Payload: make([]byte, 500), Flags: tcp.ACK}
			for ; seg.Seq < 3000; seg.Seq += 500 {
				for i := range streams {
					streams[i].Insert(&seg)
				}
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i > 0 && i%len(streams) == 0 {
					seg.Seq += 500
				}
				streams[i*7919%len(streams)].Insert(&seg)
			}
		})
	}
}
