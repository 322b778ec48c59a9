package analyzer

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

// FuzzTracker plays arbitrary segments. Whatever they are, what comes out keeps
// what the types promise.
func FuzzTracker(f *testing.F) {
	names, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(names) == 0 {
		f.Fatal("no scripts", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		s, err := pcaptest.Parse(string(text))
		if err != nil {
			continue // TestScripts says so
		}
		f.Add(encodeSegments(s.Segments()))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		segs := decodeSegments(data)
		got, live := track(t, segs, true)
		again, _ := track(t, segs, false)
		if !reflect.DeepEqual(got, again) {
			t.Error("played again, nothing foretold, it is something else")
		}
		checkTotals(t, got, segs)
		checkTotals(t, trackFew(t, segs), segs)
		for _, c := range append(got, live...) {
			checkConversation(t, c, segs)
		}
	})
}

// trackFew returns the conversations that segs are where there is room for two.
func trackFew(t *testing.T, segs []tcp.Segment) (all []*Conversation) {
	a := New(Options{MaxConversations: 2, Rows: 50, Done: func(c *Conversation) { all = append(all, c) }})
	for i := range segs {
		a.Add(&segs[i])
		if n := len(a.conns); n > 2 {
			t.Fatalf("%d conversations are followed", n)
		}
	}
	a.Close()
	return all
}

// track returns the conversations that segs are. To look is to see, when the last one
// came, those that went on as well; else nothing is foretold.
func track(t *testing.T, segs []tcp.Segment, look bool) (all, live []*Conversation) {
	a := New(Options{Rows: 50, Done: func(c *Conversation) { all = append(all, c) }})
	for i := range segs {
		a.Add(&segs[i])
		checkBounds(t, a)
		if !look {
			a.foretellNothing()
		}
	}
	if look {
		a.Live(a.now, nil, func(c *Conversation) bool { live = append(live, c); return true })
	}
	for _, f := range a.Close() {
		checkFrames(t, f, len(segs))
	}
	if len(a.conns) != 0 || len(a.table.first) != 0 {
		t.Errorf("%d conversations and %d tuples are left over", len(a.conns), len(a.table.first))
	}
	return all, live
}

// checkBounds holds what is kept of each conversation to its limits.
func checkBounds(t *testing.T, a *Analyzer) {
	for _, c := range a.conns {
		var seen observations
		if c.obs != nil {
			seen = *c.obs
		}
		if len(c.log) > maxLog+16 || len(c.rst) > maxResets || len(seen) > 2*int(obsLostBefore+1) {
			t.Fatalf("conversation %d keeps %d segments, %d RSTs, %d observations", c.id, len(c.log), len(c.rst), len(seen))
		}
	}
}

// checkTotals finds every segment in just one conversation.
func checkTotals(t *testing.T, all []*Conversation, segs []tcp.Segment) {
	n, resets, rows := 0, 0, 0
	ids := make([]bool, len(all))
	for _, c := range all {
		n += c.Segments
		rows += len(c.Rows) + c.RowsOmitted
		resets += c.Endpoints[0].Resets + c.Endpoints[1].Resets
		if c.ID < 0 || c.ID >= len(all) || ids[c.ID] {
			t.Fatalf("%d conversations, and one of them has id %d", len(all), c.ID)
		}
		ids[c.ID] = true
	}
	sent := 0
	for i := range segs {
		if segs[i].Flags.Has(tcp.RST) {
			sent++
		}
	}
	if n != len(segs) || rows != len(segs) || resets < sent {
		t.Errorf("%d segments with %d RSTs make conversations of %d with %d, and %d rows", len(segs), sent, n, resets, rows)
	}
}

func checkConversation(t *testing.T, c *Conversation, segs []tcp.Segment) {
	if n := c.Endpoints[0].Segments + c.Endpoints[1].Segments; n != c.Segments {
		t.Errorf("conversation %d has %d segments, its sides sent %d", c.ID, c.Segments, n)
	}
	if c.FirstFrame < 1 || c.FirstFrame > c.LastFrame || c.LastFrame > len(segs) ||
		segs[c.FirstFrame-1].Time != c.First || segs[c.LastFrame-1].Time != c.Last {
		t.Errorf("conversation %d reaches from frame %d to %d, from %d to %d ns", c.ID, c.FirstFrame, c.LastFrame, c.First, c.Last)
	}
	if c.Opened == "" || c.Closed == "" || c.ClosedBy == "" || c.Verdict == "" || c.Facts == nil {
		t.Errorf("conversation %d is said to be %q, %q by %q, %q, %v", c.ID, c.Opened, c.Closed, c.ClosedBy, c.Verdict, c.Facts)
	}
	for _, f := range c.Findings {
		checkFrames(t, f, len(segs))
	}
	for i := range c.Endpoints {
		checkTimeline(t, &c.Endpoints[i], segs)
	}
}

// checkTimeline walks e's timeline along the arrows of the state machine.
func checkTimeline(t *testing.T, e *Endpoint, segs []tcp.Segment) {
	var state tcp.State
	for i, tr := range e.Timeline {
		if i == 0 && (tr.Event == tcp.RecvSYN || tr.Event == tcp.SentSYN && state == tcp.Closed) {
			state = tcp.Listen
		}
		arrow, ok := tcp.Next(state, tr.Event)
		switch {
		case tr.Cause == "" || i > 0 && tr.State == state:
			t.Errorf("%s into %s at frame %d: no cause, or no change", state, tr.State, tr.Frame)
		case tr.Event != tcp.NoEvent && (!ok || arrow.To != tr.State || tr.Ref == ""):
			t.Errorf("%s on %s at frame %d: no arrow goes to %s (%q)", state, tr.Event, tr.Frame, tr.State, tr.Ref)
		case tr.Evidence == Adopted && (i > 0 || tr.Event != tcp.NoEvent):
			t.Errorf("%s is adopted at frame %d, after %s", tr.State, tr.Frame, state)
		case tr.Frame == 0 && tr.Evidence != Timer || tr.Frame < 0 || tr.Frame > len(segs):
			t.Errorf("%s at frame %d with evidence %s", tr.State, tr.Frame, tr.Evidence)
		case tr.Frame > 0 && tr.Time != segs[tr.Frame-1].Time:
			t.Errorf("%s at %d ns, but frame %d is at %d", tr.State, tr.Time, tr.Frame, segs[tr.Frame-1].Time)
		case tr.Evidence == Sent && segs[tr.Frame-1].Tuple.Source() != e.Addr:
			t.Errorf("%s: %s is said to be sent in frame %d, which its peer sent", e.Addr, tr.State, tr.Frame)
		}
		state = tr.State
	}
	if e.State != state && !(len(e.Timeline) == 0 && e.State == tcp.Closed) {
		t.Errorf("ends in %s, its timeline in %s", e.State, state)
	}
}

func checkFrames(t *testing.T, f Finding, frames int) {
	if len(f.Frames) == 0 || f.Summary == "" || f.Detail == "" {
		t.Errorf("finding %s has frames %v, summary %q and detail %q", f.ID, f.Frames, f.Summary, f.Detail)
	}
	for _, n := range f.Frames {
		if n < 1 || n > frames {
			t.Errorf("finding %s cites frame %d of %d", f.ID, n, frames)
		}
	}
}

// A segment of the fuzzer is segmentBytes long: which side sent it and which of
// some addresses, initial numbers and payload lengths it has; flags; time since
// the one before; sequence and acknowledgement numbers relative to the initial
// ones; window, timestamps, IP ID, option bits.
const segmentBytes = 14

var (
	fuzzISNs  = [8]tcp.Seq{1000, 5000, 70000, 90000, 0, 1 << 31, 0xfffffff0, 0xffff0000}
	fuzzGaps  = [16]int64{0, 1e3, 1e5, 1e6, 1e7, 5e7, 1e8, 2e8, 1e9, 2e9, 1e10, 3e10, 61e9, 200e9, -1e6, -1e9}
	fuzzPorts = [4]uint16{80, 81, 40000, 40000}
)

func decodeSegments(data []byte) []tcp.Segment {
	const most = 400
	var out []tcp.Segment
	now := int64(1_704_067_200e9)
	for ; len(data) >= segmentBytes && len(out) < most; data = data[segmentBytes:] {
		b := data[:segmentBytes]
		now += fuzzGaps[b[2]&15]
		s := tcp.Segment{Frame: len(out) + 1, Time: now, Flags: tcp.Flags(b[1]) & (1<<6 - 1), Interface: uint32(b[1] >> 7),
			Len: uint32(b[8]), Window: uint16(b[9]) << 8, IPID: uint16(b[10]), TTL: 64}
		s.Tuple = tcp.Tuple{Src: tcp.AddrFrom4([]byte{10, 0, 0, 1}), Dst: tcp.AddrFrom4([]byte{10, 0, 0, 2}), SrcPort: 40000, DstPort: fuzzPorts[b[0]>>1&3]}
		if b[0]&1 != 0 {
			s.Tuple = s.Tuple.Reverse()
		}
		s.Seq = fuzzISNs[b[0]>>3&7] + tcp.Seq(int16(uint16(b[3])<<8|uint16(b[4])))
		s.Ack = fuzzISNs[b[2]>>4&7] + tcp.Seq(int16(uint16(b[5])<<8|uint16(b[6])))
		s.Scope = uint32(b[7] & 1)
		if b[13]&1 != 0 {
			s.Options.Set |= tcp.OptTimestamps
			s.Options.TSVal, s.Options.TSEcr = 10*uint32(b[11]), 10*uint32(b[12])
		}
		if b[13]&2 != 0 {
			s.Options.Set |= tcp.OptSACK
			s.Options.SACKBlocks, s.Options.SACK[0] = 1, tcp.Block{Left: s.Ack, Right: s.Ack.Add(uint32(b[12]))}
		}
		if b[13]&4 != 0 && s.Flags.Has(tcp.SYN) {
			s.Options.Set |= tcp.OptMSS | tcp.OptWindowScale
			s.Options.MSS, s.Options.WindowScale = 1460, b[12]
		}
		out = append(out, s)
	}
	return out
}

// encodeSegments is the inverse of decodeSegments, as near as it gets.
func encodeSegments(segs []tcp.Segment) []byte {
	var out []byte
	tuples := make(map[tcp.Tuple]byte)
	offset := func(at tcp.Seq) (sel byte, off uint16) {
		best := int64(1 << 40)
		for i, isn := range fuzzISNs {
			if d := int64(at.Sub(isn)); max(d, -d) < best {
				best, sel, off = max(d, -d), byte(i), uint16(d)
			}
		}
		return sel, off
	}
	for i := range segs {
		s := &segs[i]
		b := make([]byte, segmentBytes)
		gap, pick := int64(0), byte(0)
		if i > 0 {
			gap = s.Time - segs[i-1].Time
		}
		for j, g := range fuzzGaps {
			if g >= 0 && g <= gap {
				pick = byte(j)
			}
		}
		seq, seqOff := offset(s.Seq)
		ack, ackOff := offset(s.Ack)
		b[0] = seq << 3
		if s.Tuple.Src != segs[0].Tuple.Src {
			b[0] |= 1
		}
		key, _ := s.Tuple.Canonical()
		if _, ok := tuples[key]; !ok {
			tuples[key] = byte(len(tuples))
		}
		b[0] |= tuples[key] & 3 << 1
		b[1], b[2] = byte(s.Flags&(1<<6-1)), ack<<4|pick
		b[3], b[4], b[5], b[6] = byte(seqOff>>8), byte(seqOff), byte(ackOff>>8), byte(ackOff)
		b[8], b[9], b[10] = byte(min(s.Len, 255)), byte(s.Window>>8), byte(s.IPID)
		if s.Options.Has(tcp.OptTimestamps) {
			b[13], b[11], b[12] = 1, byte(s.Options.TSVal/10), byte(s.Options.TSEcr/10)
		}
		out = append(out, b...)
	}
	return out
}
