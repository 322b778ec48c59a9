package analyzer

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"tcpreplay-fsm/tcp"
)

// What a ladder gives back is what it was given: the first half of what it may
// hold, and the newest.
func TestLadderGivesBackItsRows(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 99, 100, 101, 163, 164, 165, 228, 1000} {
		for _, most := range []int{1, 2, 3, 100, 128, 2000} {
			random := rand.New(rand.NewPCG(uint64(n), uint64(most)))
			l := &ladder{max: most}
			var want []Row
			for i := range n {
				r := Row{Frame: 1 + i*random.IntN(1000), Time: random.Int64() - random.Int64(), From: Side(random.IntN(2)), Flags: tcp.Flags(random.IntN(512)),
					Seq: tcp.Seq(random.Uint32()), Ack: tcp.Seq(random.Uint32()), Len: random.Uint32(), Window: random.Uint32(),
					InFlight: [2]uint32{random.Uint32(), random.Uint32()}, RTT: random.Int64N(3)}
				var m marks
				switch random.IntN(4) {
				case 0:
					r.SACK = []tcp.Block{{Left: tcp.Seq(random.Uint32()), Right: 1}, {Left: 2, Right: tcp.Seq(random.Uint32())}}
				case 1:
					r.Comment, r.ICMP = "<a comment>", true
					m = markICMP << tcp.ICMPOther
				case 2:
					m = markOutOfOrder | markSYNInConnection
				}
				l.push(&r, m)
				r.Marks = m.names()
				want = append(want, r)
			}
			omitted, gapAt := max(0, n-most), 0
			if omitted > 0 {
				gapAt = (most + 1) / 2
				want = append(want[:gapAt:gapAt], want[n-most/2:]...)
			}
			rows, gap, left := l.all()
			if gap != gapAt || left != omitted || len(rows) != len(want) || len(want) > 0 && !reflect.DeepEqual(rows, want) {
				t.Fatalf("of %d rows a ladder of %d gives %d, %d omitted at %d; want %d, %d omitted at %d", n, most, len(rows), left, gap, len(want), omitted, gapAt)
			}
		}
	}
}

func TestMarksHaveNames(t *testing.T) {
	for mark, want := range map[marks]string{markSYNInConnection: "SYN in an open connection", markICMP << tcp.ICMPFragNeeded: "ICMP fragmentation needed", markDropped: "dropped by its receiver"} {
		if got := mark.names(); len(got) != 1 || got[0] != want {
			t.Errorf("%#x is %q, want %q", mark, got, want)
		}
	}
}
