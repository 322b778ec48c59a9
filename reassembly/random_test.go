package reassembly

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpreplay-fsm/tcp"
)

// script turns bytes into what happens to a stream, so that a fuzzer can write
// it: a header of policy and base, then five bytes an event.
type event struct {
	ack bool
	seg tcp.Segment
}

func script(in []byte) (policy Policy, history int, base tcp.Seq, events []event) {
	if len(in) < 3 {
		return
	}
	policy = Policy(in[0] % 5)
	history = []int{1000, 24, 7, 1}[in[1]%4]
	base = []tcp.Seq{0, 1000, 0xffffffc0, 0x7fffffd0}[in[1]/4%4]
	for i, in := 0, in[3:]; len(in) >= 5; i, in = i+1, in[5:] {
		seq := base.Add(uint32(in[1]))
		if in[0]&15 == 15 {
			events = append(events, event{ack: true, seg: tcp.Segment{Ack: seq}})
			continue
		}
		seg := tcp.Segment{Seq: seq, Flags: tcp.ACK, Len: uint32(in[2] % 24), Frame: i + 1, Time: int64(i) * 1000}
		// Contents agree mostly: each place has its letter, and in[3] spoils some.
		for j := range seg.Len {
			b := byte('a' + (uint32(in[1])+j)%26)
			if in[3]>>(j%8)&1 == 1 && in[3] >= 128 {
				b = in[4] + byte(j/3)
			}
			seg.Payload = append(seg.Payload, b)
		}
		switch in[0] & 15 {
		case 14:
			seg.Payload = seg.Payload[:len(seg.Payload)/2]
		case 13:
			seg.Flags |= tcp.SYN
		case 12:
			seg.Flags |= tcp.FIN
		case 11:
			seg.Flags |= tcp.RST
		case 10:
			seg.Flags |= tcp.PSH
		}
		events = append(events, event{seg: seg})
	}
	return policy, history, base, events
}

// checkStream holds Stream against slowStream for one script.
func checkStream(t *testing.T, in []byte) {
	t.Helper()
	policy, history, base, events := script(in)
	slow := slowStream{policy: policy, history: history, base: base - 1000}
	var out []slowByte
	offset := uint64(0)
	fast := Stream{Policy: policy, History: history}
	fast.Emit = func(c Chunk) {
		if c.Offset != offset || (len(c.Bytes) == 0) == (c.Missing == 0) || (c.Missing == 0) != (c.Reason == 0) {
			t.Errorf("chunk %+v at offset %d", c, offset)
		}
		for _, b := range c.Bytes {
			out = append(out, slowByte{b: b, frame: c.Frame})
		}
		for range c.Missing {
			out = append(out, slowByte{why: c.Reason})
		}
		offset += uint64(len(c.Bytes)) + uint64(c.Missing)
	}
	log := ""
	for i, e := range events {
		if e.ack {
			log += fmt.Sprintf("ack %d\n", int32(e.seg.Ack-base))
			fast.Acked(e.seg.Ack)
			slow.ack(e.seg.Ack)
		} else {
			log += fmt.Sprintf("%v %d+%d %q\n", e.seg.Flags, int32(e.seg.Seq-base), e.seg.Len, e.seg.Payload)
			kept := bytes.Clone(e.seg.Payload)
			fast.Insert(&e.seg)
			for i := range e.seg.Payload {
				e.seg.Payload[i] = '!' // nothing of it may be kept
			}
			e.seg.Payload = kept
			slow.insert(&e.seg, i+1)
		}
	}
	fast.Close()
	slow.close()
	got := slowStream{out: out}
	if got, want := got.String(), slow.String(); got != want {
		t.Fatalf("%v, history %d\n%sgot  %s\nwant %s", policy, history, log, got, want)
	}
	conflicts := slices.Clone(fast.Conflicts())
	want := slow.conflicts[:min(len(slow.conflicts), MaxConflicts)]
	for i := range conflicts {
		if conflicts[i].KeptFrame == 0 && i < len(want) {
			conflicts[i].KeptFrame = want[i].KeptFrame // more chunks ago than are remembered
		}
	}
	if d := cmp.Diff(want, conflicts); d != "" && len(want)+len(conflicts) > 0 {
		t.Fatalf("%v, history %d\n%sconflicts (-want +got):\n%s", policy, history, log, d)
	}
	stats := fast.Stats()
	bytesOut, missing := uint64(0), uint64(0)
	for _, b := range slow.out {
		if b.why != 0 {
			missing++
		} else {
			bytesOut++
		}
	}
	wantStats := Stats{Bytes: bytesOut, Missing: missing, Gaps: stats.Gaps, Duplicate: slow.duplicate, Unchecked: slow.unchecked,
		Conflicts: len(slow.conflicts), AfterFIN: slow.late, Stray: slow.stray}
	if d := cmp.Diff(wantStats, stats); d != "" {
		t.Fatalf("%v, history %d\n%sstats (-want +got):\n%s", policy, history, log, d)
	}
	if fast.buffered != 0 || len(fast.pending) != 0 {
		t.Fatalf("after Close %d bytes are held", fast.buffered)
	}
}

func TestStreamRandom(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n = 2_000
	}
	rng := rand.New(rand.NewPCG(7, 9))
	for range n {
		in := make([]byte, 3+5*rng.IntN(25))
		for i := range in {
			in[i] = byte(rng.Uint32())
		}
		narrow := byte(rng.IntN(200) + 20)
		for i := 3; i+5 <= len(in); i += 5 {
			in[i+1] %= narrow // more overlaps
			if rng.IntN(2) == 0 {
				in[i] &= 7 // more plain data
			}
		}
		checkStream(t, in)
	}
}

func FuzzStream(f *testing.F) {
	f.Add([]byte("000000A0000B0000"))
	f.Add([]byte{3, 8, 0, 13, 0, 0, 0, 0, 0, 11, 5, 255, 'x', 0, 11, 9, 255, 'y', 0, 1, 10, 0, 0, 15, 30, 0, 0, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) < 1000 {
			checkStream(t, in)
		}
	})
}
