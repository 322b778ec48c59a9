package analyzer

import (
	"reflect"
	"testing"
	"unsafe"

	"tcpreplay-fsm/tcp"
)

// A million conversations are a million of each of these. The runtime gives memory
// in size classes, of which 696 bytes are the last of one (704 with its header).
func TestSizes(t *testing.T) {
	for _, test := range []struct {
		name      string
		got, want uintptr
	}{
		{"conn", unsafe.Sizeof(conn{}), 696},
		{"entry", unsafe.Sizeof(entry{}), 48},
		{"meter", unsafe.Sizeof(meter{}), 144},
	} {
		if test.got > test.want {
			t.Errorf("a %s takes %d bytes, at most %d are meant: put what is rare into seldom or behind a pointer", test.name, test.got, test.want)
		}
	}
}

// usual and noTrouble belong to all conversations that have nothing rare: to write
// to them would change them all.
func TestUsualIsNotWritten(t *testing.T) {
	a := New(Options{MaxConversations: 4})
	for i := range 64 {
		s := tcp.Segment{Frame: i + 1, Time: int64(i) * 1e6, Tuple: tcp.Tuple{SrcPort: 9, DstPort: uint16(i % 8)}, Seq: tcp.Seq(i), Ack: 7, Window: uint16(i),
			Flags: tcp.Flags(i*37) & (tcp.SYN | tcp.ACK | tcp.RST | tcp.FIN), Len: uint32(i % 3)}
		if i%2 == 1 {
			s.Tuple = s.Tuple.Reverse()
		}
		a.Add(&s)
		a.Add(&s) // recorded twice
		a.AddICMP(&tcp.ICMPError{Frame: i + 1, Time: s.Time, Quoted: s.Tuple})
	}
	a.Close()
	if !reflect.ValueOf(usual).IsZero() || !reflect.ValueOf(noTrouble).IsZero() {
		t.Errorf("it was: %+v, %+v", usual, noTrouble)
	}
}
