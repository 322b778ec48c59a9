package analyzer_test

import (
	"reflect"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// Looking at conversations while they go on tells what is presumed so far, and
// changes nothing of what is concluded in the end.
func TestLive(t *testing.T) {
	segments := closingSegments()
	run := func(look bool) (end []*analyzer.Conversation, seen [][2]tcp.State) {
		a := analyzer.New(analyzer.Options{Rows: 100, Done: func(c *analyzer.Conversation) { end = append(end, c) }})
		if look {
			a.Watch()
		}
		for i := range segments {
			a.Add(&segments[i])
			if !look {
				continue
			}
			n := 0
			a.Changed(segments[i].Time, func(c *analyzer.Conversation) {
				n++
				seen = append(seen, [2]tcp.State{c.Endpoints[0].State, c.Endpoints[1].State})
			})
			if n != 1 {
				t.Errorf("segment %d: %d conversations changed, want 1", i+1, n)
			}
			a.Changed(segments[i].Time, func(*analyzer.Conversation) { t.Errorf("segment %d: changed twice", i+1) })
			a.Live(segments[i].Time+int64(3600e9), nil, func(*analyzer.Conversation) bool { n++; return true })
			a.Live(segments[i].Time, func(int) bool { return false }, func(*analyzer.Conversation) bool { n++; return true })
			if n != 2 {
				t.Errorf("segment %d: %d live conversations, want 1", i+1, n-1)
			}
		}
		a.Close()
		return end, seen
	}
	plain, _ := run(false)
	looked, seen := run(true)
	if !reflect.DeepEqual(plain, looked) {
		t.Errorf("looking changed the outcome:\n%+v\n%+v", plain[0], looked[0])
	}
	want := [][2]tcp.State{
		{tcp.SynSent, tcp.Closed}, {tcp.Established, tcp.SynRcvd}, {tcp.Established, tcp.Established},
		{tcp.FinWait1, tcp.CloseWait}, {tcp.TimeWait, tcp.LastAck}, {tcp.TimeWait, tcp.Closed},
	}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("presumed %v, want %v", seen, want)
	}
}

// closingSegments is a connection that opens and closes in six segments.
func closingSegments() []tcp.Segment {
	client := tcp.Tuple{Src: tcp.AddrFrom4([]byte{10, 0, 0, 1}), Dst: tcp.AddrFrom4([]byte{10, 0, 0, 2}), SrcPort: 40000, DstPort: 80}
	var out []tcp.Segment
	for i, s := range []struct {
		tuple    tcp.Tuple
		flags    tcp.Flags
		seq, ack tcp.Seq
	}{
		{client, tcp.SYN, 100, 0}, {client.Reverse(), tcp.SYN | tcp.ACK, 300, 101}, {client, tcp.ACK, 101, 301},
		{client, tcp.FIN | tcp.ACK, 101, 301}, {client.Reverse(), tcp.FIN | tcp.ACK, 301, 102}, {client, tcp.ACK, 102, 302},
	} {
		out = append(out, tcp.Segment{Frame: i + 1, Time: int64(i+1) * 1e6, Tuple: s.tuple, Flags: s.flags, Seq: s.seq, Ack: s.ack, Window: 60000})
	}
	return out
}
