package pcaptest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"tcpreplay-fsm/tcp"
)

const story = `
# A story with some of everything.
isn A=4294967290
A SYN      0           mss=1460 ws=7 sackok ts=7/0   | SYN_SENT LISTEN
B SYN,ACK  0 1   win=5 mss=1400            +0.010    | SYN-SENT SYN-RCVD
+0.5 A PSH,ACK 1 1     len=30 df ttl=3 ipid=99
wait 2
A PSH,ACK  seq=1 ack=1 len=10                        # begins as the one above
B ACK      1 1   sack=11-31,41-51 urg=9              | - ESTABLISHED
A ACK      -1 1  len=1 fill=z
B RST      1
addr A=[2001:db8::1]:9 B=[2001:db8::2]:10
S -        1

expect opened three-way
expect 1 no finding abort side=client
`

func parse(t *testing.T, script string) *Script {
	t.Helper()
	s, err := Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParse(t *testing.T) {
	s := parse(t, story)
	segs := s.Segments()
	if len(segs) != 8 {
		t.Fatalf("%d segments, want 8", len(segs))
	}
	syn := segs[0]
	if syn.Seq != 4294967290 || syn.Flags != tcp.SYN || syn.Options.MSS != 1460 || syn.Options.WindowScale != 7 ||
		!syn.Options.Has(tcp.OptMSS|tcp.OptWindowScale|tcp.OptSACKPermitted|tcp.OptTimestamps) || syn.Options.TSVal != 7 ||
		syn.Tuple.String() != "10.0.0.1:40000 > 10.0.0.2:80" || syn.TTL != 64 || syn.Window != 64240 || syn.Time != start {
		t.Errorf("SYN is %+v", syn)
	}
	if sa := segs[1]; sa.Seq != 5000 || sa.Ack != 4294967291 || sa.Window != 5 || sa.Time != start+10e6 ||
		sa.Flags != tcp.SYN|tcp.ACK || sa.Tuple != syn.Tuple.Reverse() {
		t.Errorf("SYN,ACK is %+v", sa)
	}
	data, again := segs[2], segs[3]
	if data.Time != start+510e6 || !data.DF || data.TTL != 3 || data.IPID != 99 || data.Len != 30 || len(data.Payload) != 30 {
		t.Errorf("data is %+v", data)
	}
	if again.Time != start+2511e6 || !bytes.Equal(again.Payload, data.Payload[:10]) {
		t.Errorf("the retransmission is %+v", again)
	}
	if b := segs[4]; b.Options.SACKBlocks != 2 || b.Options.SACK[1] != (tcp.Block{Left: 35, Right: 45}) || b.Urgent != 9 {
		t.Errorf("SACK is %+v", b.Options)
	}
	if k := segs[5]; k.Seq != 4294967289 || string(k.Payload) != "z" {
		t.Errorf("sequence number -1 is %+v", k)
	}
	if v6 := segs[7]; !v6.IPv6 || v6.Flags != 0 || v6.IPID != 0 || v6.Tuple.String() != "[2001:db8::2]:10 > [2001:db8::1]:9" {
		t.Errorf("IPv6 is %+v", v6)
	}
	if st := s.Steps[1]; st.States != [2]tcp.State{tcp.SynSent, tcp.SynRcvd} || st.Known != [2]bool{true, true} || st.Line != 5 || st.From != 1 {
		t.Errorf("step 1 is %+v", st)
	}
	if st := s.Steps[4]; st.Known != [2]bool{false, true} || st.States[1] != tcp.Established {
		t.Errorf("step 4 is %+v", st)
	}
	if w := parse(t, "A SYN 0\nwait 5\nA SYN 0 +1\nwait 60"); w.End != start+66e9 {
		t.Errorf("ends %d ns after its start, want 66 s", w.End-start)
	}
	want := []Expectation{
		{Line: 15, Key: "opened", Value: "three-way", Rest: []string{}},
		{Line: 16, Conversation: 1, No: true, Key: "finding", Value: "abort", Rest: []string{"side=client"}},
	}
	if d := cmp.Diff(want, s.Expect); d != "" {
		t.Error(d)
	}
	if got := s.Expect[1].String(); got != "expect 1 no finding abort side=client" {
		t.Errorf("String() = %q", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, script := range []string{
		"A", "X SYN 0", "A SYN", "A SYM 0", "A SYN,ACK 0", "A ACK 0 0 0", "A SYN 0 len=x", "A SYN 0 len=99999999", "A SYN 0 foo",
		"A SYN 0 foo=1", "A SYN 0 ts=1", "A SYN 0 sack=1", "A SYN 0 +x", "A SYN 0 | LISTEN", "A SYN 0 | LISTEN OPEN", "A SYN 0 fill=",
		"A SYN 99999999999", "isn", "isn X=1", "addr A=1", "wait", "wait x", "wait NaN", "expect", "expect no", "A SYN 0 win=65536",
	} {
		if _, err := Parse("A SYN 0\n" + script); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
			t.Errorf("Parse(%q) says %v", script, err)
		}
	}
}

// TestWritePcap reads the file back with another implementation.
func TestWritePcap(t *testing.T) {
	s := parse(t, story)
	var file bytes.Buffer
	if err := s.WritePcap(&file); err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	for i, seg := range s.Segments() {
		data, ci, err := r.ReadPacketData()
		if err != nil {
			t.Fatal(err)
		}
		p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default)
		l, ok := p.TransportLayer().(*layers.TCP)
		if !ok {
			t.Fatalf("frame %d is no TCP: %v", i+1, p)
		}
		if ci.Timestamp.UnixNano() != seg.Time || l.Seq != uint32(seg.Seq) || l.Ack != uint32(seg.Ack) || l.Window != seg.Window ||
			l.SYN != seg.Flags.Has(tcp.SYN) || l.RST != seg.Flags.Has(tcp.RST) || l.PSH != seg.Flags.Has(tcp.PSH) ||
			l.Urgent != seg.Urgent || !bytes.Equal(l.Payload, seg.Payload) {
			t.Errorf("frame %d is %v, want %+v", i+1, l, seg)
		}
		want := l.Checksum
		l.SetNetworkLayerForChecksum(p.NetworkLayer())
		out := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(out, gopacket.SerializeOptions{ComputeChecksums: true}, l, gopacket.Payload(l.Payload)); err != nil {
			t.Fatal(err)
		}
		if l.Checksum != want {
			t.Errorf("frame %d: checksum %#x, want %#x", i+1, want, l.Checksum)
		}
	}
	if _, _, err := r.ReadPacketData(); err == nil {
		t.Error("more frames than segments")
	}
}
