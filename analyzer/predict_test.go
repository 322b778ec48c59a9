package analyzer

import (
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

// foretellNothing sends the next segment the long way.
func (a *Analyzer) foretellNothing() {
	for _, c := range a.conns {
		c.steady = false
	}
}

// TestForetold plays captures and random transfers with segments foretold, and with
// none: the conversations are the same, to the last measure and ladder row.
func TestForetold(t *testing.T) {
	traffic := map[string][]tcp.Segment{}
	names, _ := filepath.Glob("../testdata/pcaps/*.pcap*")
	more, _ := filepath.Glob("../testdata/pcaps/*/*.pcap*")
	for _, name := range append(names, more...) {
		traffic[filepath.Base(name)] = captured(t, name)
	}
	for name, script := range scripted {
		s, err := pcaptest.Parse(script)
		if err != nil {
			t.Fatal(name, err)
		}
		traffic[name] = s.Segments()
	}
	for seed := range uint64(30) {
		traffic[fmt.Sprint("transfer ", seed)] = transfer(rand.New(rand.NewPCG(1, seed)), 500)
	}
	foretold, all := 0, 0
	for name, segments := range traffic {
		long, _ := play(segments, false)
		short, n := play(segments, true)
		foretold, all = foretold+n, all+len(segments)
		if d := gocmp.Diff(long, short, cmpopts.EquateComparable(Endpoint{}.Addr), cmpopts.IgnoreUnexported(Conversation{})); d != "" {
			t.Errorf("%s: - the long way, + foretold:\n%s", name, d)
		}
	}
	if foretold < all/4 {
		t.Errorf("of %d segments only %d are foretold: the test shows little", all, foretold)
	}
}

// scripted is what transfer never does.
var scripted = map[string]string{
	"the SYN,ACK was recorded last": `
A SYN 0 mss=1460 ws=7
A ACK 1 1 win=500 +0.01
A PSH,ACK 1 1 len=100 win=500 +0.01
B PSH,ACK 1 101 len=100 win=500 +0.01
A PSH,ACK 101 101 len=100 win=500 +0.01
B PSH,ACK 101 201 len=100 win=500 +0.01
A PSH,ACK 201 201 len=100 win=500 +0.01
B PSH,ACK 201 301 len=100 win=500 +0.01
B SYN,ACK 0 1 mss=1460 ws=7
A ACK 301 301 win=500 +0.001
B PSH,ACK 301 301 len=100 win=500 +0.01
A ACK 301 401 win=500 +0.01
B PSH,ACK 401 301 len=100 win=500 +0.01
A ACK 301 501 win=500 +0.01
`,
	"an ACK of the unsent comes true": `
A SYN 0 mss=1460 ws=7
B SYN,ACK 0 1 mss=1460 ws=7 +0.01
A ACK 1 1 +0.01
A PSH,ACK 1 1 len=100 +0.01
B PSH,ACK 1 101 len=100 +0.01
A PSH,ACK 101 101 len=100 +0.01
B PSH,ACK 101 201 len=100 +0.01
A PSH,ACK 201 201 len=100 +0.01
B PSH,ACK 201 301 len=100 +0.01
A ACK 301 301 +0.001
A ACK 301 1301 +0.001
B ACK 301 301 len=500 +0.002
B ACK 801 301 len=500 +0.001
B ACK 1301 301 len=500 +0.001
A ACK 301 1301 +0.0015
B ACK 1801 301 len=500 +0.001
`,
}

// play returns the conversations that segments are, and how many were foretold.
func play(segments []tcp.Segment, foretell bool) (all []*Conversation, foretold int) {
	a := New(Options{Rows: 2000, Labels: true, Done: func(c *Conversation) { all = append(all, c) }})
	for i := range segments {
		s := &segments[i]
		if c := a.table.find(a.table.key(s.Tuple), s); c != nil {
			side := c.sideOf(s)
			if c.foretold(s, &c.end[side], &c.end[side.Other()]) {
				foretold++
			}
		}
		a.Add(s)
		if !foretell {
			a.foretellNothing()
		}
	}
	a.Close()
	return all, foretold
}

// captured returns the segments of a file, none if it is damaged from the start.
func captured(t *testing.T, name string) (all []tcp.Segment) {
	in, err := capture.Open([]string{name}, nil, capture.Options{})
	if err != nil {
		return nil
	}
	defer in.Close()
	d := capture.NewDecoder(capture.Options{})
	for {
		f, err := in.Next()
		if err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if d.Decode(f) == capture.Segment {
			s := *d.Segment()
			s.Payload = slices.Clone(s.Payload)
			all = append(all, s)
		}
	}
}

// transfer is a conversation in which both sides send, mostly as it should be, with n
// segments: some are lost, late, doubled or sent again, windows close, options come and
// go, and sequence numbers wrap.
func transfer(r *rand.Rand, n int) (all []tcp.Segment) {
	tuple := tcp.Tuple{Src: tcp.AddrFrom4([]byte{10, 0, 0, 1}), Dst: tcp.AddrFrom4([]byte{10, 0, 0, 2}), SrcPort: 40000, DstPort: 80}
	stamps, scale, now := r.IntN(2) == 0, uint8(r.IntN(3)), int64(1_704_067_200e9)
	nxt := [2]tcp.Seq{tcp.Seq(r.Uint32()), ^tcp.Seq(r.Uint32N(20_000))}
	add := func(side Side, flags tcp.Flags, size uint32) *tcp.Segment {
		now += int64(r.IntN(2_000_000))
		s := tcp.Segment{Frame: len(all) + 1, Time: now, Tuple: tuple, Flags: flags, Seq: nxt[side], Ack: nxt[side.Other()], Len: size,
			Window: 20_000, IPID: uint16(len(all) + 1), TTL: 64}
		if side == Server {
			s.Tuple = tuple.Reverse()
		}
		if stamps {
			s.Options.Set, s.Options.TSVal = tcp.OptTimestamps, uint32(now/1e6)
		}
		if flags.Has(tcp.SYN) {
			s.Options.Set |= tcp.OptMSS | tcp.OptWindowScale
			s.Options.MSS, s.Options.WindowScale = 1460, scale
		}
		nxt[side] = s.End()
		all = append(all, s)
		return &all[len(all)-1]
	}
	add(Client, tcp.SYN, 0).Ack = 0
	add(Server, tcp.SYN|tcp.ACK, 0)
	for len(all) < n {
		side := Side(r.IntN(2))
		s := add(side, tcp.ACK|tcp.PSH, uint32(max(0, r.IntN(4000)-2000)))
		kinds := 12
		if len(all) > n*3/4 {
			kinds = 14 // what is forged comes near the end, as nothing is foretold after it
		}
		kind := r.IntN(150)
		if kind >= kinds {
			continue
		}
		switch kind {
		case 0: // lost by the capture
			all = all[:len(all)-1]
		case 1: // late
			if k := len(all); k > 4 {
				all[k-1], all[k-3] = all[k-3], all[k-1]
				all[k-1].Frame, all[k-3].Frame, all[k-1].Time, all[k-3].Time = all[k-3].Frame, all[k-1].Frame, all[k-3].Time, all[k-1].Time
			}
		case 2: // sent again
			again := *s
			again.Frame, again.Time, again.IPID = len(all)+1, now+3e8, 7
			all = append(all, again)
		case 3:
			s.Window = 0
		case 4:
			s.Options.Set |= tcp.OptSACK
			s.Options.SACKBlocks, s.Options.SACK[0] = 1, tcp.Block{Left: s.Ack + 100, Right: s.Ack + 200}
		case 5:
			s.Ack -= 50
		case 6:
			s.Ack += 50
		case 7:
			s.Options.TSVal -= 1000
		case 8: // just up to the end of the window
			s.Len = 20_000 << scale
			nxt[side] = s.End()
		case 9: // a keep-alive
			nxt[side] = s.Seq
			s.Seq, s.Len = s.Seq-1, 0
		case 10:
			s.Options.Set ^= tcp.OptTimestamps
		case 11:
			now += 5e9
		case 12: // a forged RST in the window, that draws a challenge ACK
			s.Flags, s.Len, s.Seq = tcp.RST, 0, s.Seq+100
			nxt[side] = s.Seq - 100
		case 13: // a forged SYN
			s.Flags, s.Len, s.Seq = tcp.SYN, 0, s.Seq+100
			nxt[side] = s.Seq - 100
		}
	}
	if r.IntN(2) == 0 {
		add(Client, tcp.ACK|tcp.FIN, 0)
		add(Server, tcp.ACK|tcp.FIN, 0)
		add(Client, tcp.ACK, 0)
	} else {
		add(Server, tcp.ACK|tcp.RST, 0)
	}
	return all
}
