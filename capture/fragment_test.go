package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"

	"tcpreplay-fsm/tcp"
)

// cutUp makes IPv4 fragments of a TCP segment, each but the last of size bytes.
func cutUp(segment []byte, size int) [][]byte {
	var out [][]byte
	for at := 0; at < len(segment); at += size {
		end, more := at+size, 0x2000
		if end >= len(segment) {
			end, more = len(segment), 0
		}
		out = append(out, ip4Fragment(protoTCP, more|at/8, segment[at:end]))
	}
	return out
}

func cutUp6(segment []byte, size int) [][]byte {
	var out [][]byte
	for at := 0; at < len(segment); at += size {
		end, more := at+size, 1
		if end >= len(segment) {
			end, more = len(segment), 0
		}
		out = append(out, ip6(protoFragment, join([]byte{protoTCP, 0}, u16(at|more), u32(7), segment[at:end])))
	}
	return out
}

// TestFragmentsOfExtensions: what an IPv6 fragment header announces may be an
// extension header, another fragment header among them (RFC 8200 section 4.5).
func TestFragmentsOfExtensions(t *testing.T) {
	const want = "[fd00::1]:1234 > [fd00::2]:80 ACK 0123456789"
	segment := tcpBytes(tcp.ACK, "", "0123456789")
	options := join([]byte{protoTCP, 0, 1, 4, 0, 0, 0, 0}, segment)
	cut := func(next byte, id, size int, b []byte) (packets [][]byte) {
		return [][]byte{
			ip6(protoFragment, join([]byte{next, 0}, u16(1), u32(id), b[:size])),
			ip6(protoFragment, join([]byte{next, 0}, u16(size), u32(id), b[size:])),
		}
	}
	inner := cut(protoTCP, 8, 16, segment)
	for name, packets := range map[string][][]byte{
		"destination options": cut(protoDest, 7, 16, options),
		"fragments again":     append(cut(protoFragment, 7, 16, inner[0][ipv6HeaderLen:]), cut(protoFragment, 9, 16, inner[1][ipv6HeaderLen:])...),
	} {
		d := NewDecoder(Options{})
		var got string
		for _, p := range packets {
			got = outcome(d, LinkRaw, p)
		}
		if got != want || d.counts[ipFragment] != len(packets)-1 {
			t.Errorf("%s: %s, %d fragments before; want %s, %d", name, got, d.counts[ipFragment], want, len(packets)-1)
		}
	}
}

func TestFragments(t *testing.T) {
	segment := tcpBytes(tcp.ACK, "", "0123456789abcdefghijklmnopqrstuv")
	const whole = "10.0.0.1:1234 > 10.0.0.2:80 ACK 0123456789abcdefghijklmnopqrstuv"
	const whole6 = "[fd00::1]:1234 > [fd00::2]:80 ACK 0123456789abcdefghijklmnopqrstuv"
	const waits, overlap, bad = "ip-fragment-incomplete", "ip-fragment-overlap", "ip-fragment-malformed"
	f, f6 := cutUp(segment, 16), cutUp6(segment, 24) // four, three
	reversed := slices.Clone(f)
	slices.Reverse(reversed)
	for name, c := range map[string]struct {
		packets [][]byte
		want    []string
	}{
		"in order":             {f, []string{waits, waits, waits, whole}},
		"reversed":             {reversed, []string{waits, waits, waits, whole}},
		"tiny first":           {cutUp(segment, 8), []string{waits, waits, waits, waits, waits, waits, whole}},
		"IPv6":                 {f6, []string{waits, waits, whole6}},
		"IPv6, last first":     {[][]byte{f6[2], f6[0], f6[1]}, []string{waits, waits, whole6}},
		"each captured twice":  {[][]byte{f[0], f[0], f[1], f[1], f[2], f[2], f[3]}, []string{waits, waits, waits, waits, waits, waits, whole}},
		"last captured twice":  {[][]byte{f[3], f[3], f[0], f[1], f[2]}, []string{waits, waits, waits, waits, whole}},
		"twice, other content": {[][]byte{f[0], f[1], ip4Fragment(protoTCP, 0x2002, make([]byte, 16)), f[2], f[3]}, []string{waits, waits, overlap, overlap, overlap}},
		"overlap":              {[][]byte{f[0], ip4Fragment(protoTCP, 0x2001, make([]byte, 16)), f[1], f[2]}, []string{waits, overlap, overlap, overlap}},
		"overlap from before":  {[][]byte{f[1], ip4Fragment(protoTCP, 0x2001, make([]byte, 16))}, []string{waits, overlap}},
		"two ends":             {[][]byte{f[3], ip4Fragment(protoTCP, 8, make([]byte, 16))}, []string{waits, overlap}},
		"end before another":   {[][]byte{f[2], ip4Fragment(protoTCP, 2, make([]byte, 8))}, []string{waits, overlap}},
		"beyond 64 KiB":        {[][]byte{ip4Fragment(protoTCP, 0x1fff, make([]byte, 16))}, []string{bad}},
		"not a multiple of 8":  {[][]byte{ip4Fragment(protoTCP, 0x2000, make([]byte, 15))}, []string{bad}},
		"without data":         {[][]byte{ip4Fragment(protoTCP, 0x2000, nil)}, []string{bad}},
	} {
		d := NewDecoder(Options{})
		for i, p := range c.packets {
			if got := outcome(d, LinkRaw, p); got != c.want[i] {
				t.Errorf("%s: packet %d: %s, want %s", name, i+1, got, c.want[i])
			}
		}
	}
}

// TestFragmentsCounted: fragments count by what became of their datagram.
func TestFragmentsCounted(t *testing.T) {
	f := cutUp(tcpBytes(tcp.ACK, "", "0123456789abcdefghijklmnopqrstuv"), 16) // four
	overlapping := ip4Fragment(protoTCP, 0x2001, make([]byte, 16))
	other := func(packet []byte) []byte { return join(packet[:4], u16(99), packet[6:]) }
	for name, c := range map[string]struct {
		packets [][]byte
		want    string
	}{
		"whole":                  {f, "[{ip-fragment 3}]"},
		"one missing":            {f[:3], "[{ip-fragment-incomplete 3}]"},
		"one too late":           {[][]byte{f[0], f[1], f[2], nil, f[3]}, "[{ip-fragment-incomplete 4}]"},
		"an overlap":             {[][]byte{f[0], overlapping, f[2]}, "[{ip-fragment-overlap 3}]"},
		"one whole, one missing": {[][]byte{f[0], other(f[1]), f[1], other(f[0]), f[2], f[3]}, "[{ip-fragment 3} {ip-fragment-incomplete 2}]"},
	} {
		d := NewDecoder(Options{})
		now := int64(0)
		for _, p := range c.packets {
			if now += 1e9; p == nil {
				now += fragmentTimeout
				continue
			}
			d.Decode(&Frame{Time: now, Data: p, WireLen: len(p), Link: LinkRaw})
		}
		if got := fmt.Sprint(d.Skipped()); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestFragmentsCut: what the snap length takes from a fragment makes the payload
// shorter, not the length.
func TestFragmentsCut(t *testing.T) {
	f := cutUp(tcpBytes(tcp.ACK, "", "0123456789abcdefghijklmnopqrstuv"), 32)
	d := NewDecoder(Options{})
	d.Decode(&Frame{Data: f[0][:46], WireLen: len(f[0]), Link: LinkRaw})
	verdict := d.Decode(&Frame{Data: f[1], WireLen: len(f[1]), Link: LinkRaw})
	if s := d.Segment(); verdict != Segment || string(s.Payload) != "012345" || s.Len != 32 {
		t.Errorf("%v: %q of %d", d.Skipped(), s.Payload, s.Len)
	}
}

// TestFragmentsInTunnel has fragments in an IPv4 tunnel whose own packets are
// fragments.
func TestFragmentsInTunnel(t *testing.T) {
	d := NewDecoder(Options{})
	last := ""
	for _, inner := range cutUp(hello(), 24) {
		for _, outer := range cutUp(inner, 16) {
			outer[9] = protoIPv4
			last = outcome(d, LinkRaw, outer)
		}
	}
	if last != v4 {
		t.Errorf("%s, want %s", last, v4)
	}
}

func TestFragmentTimeout(t *testing.T) {
	f := cutUp(hello(), 24)
	for name, c := range map[string]struct {
		first, second int64 // capture times
		want          Verdict
	}{
		"in time":        {0, 29e9, Segment},
		"late":           {0, 31e9, Skipped},
		"clock set back": {0, -31e9, Skipped},
		"absurd":         {math.MinInt64, math.MaxInt64, Skipped},
	} {
		d := NewDecoder(Options{})
		d.Decode(&Frame{Time: c.first, Data: f[0], WireLen: len(f[0]), Link: LinkRaw})
		if got := d.Decode(&Frame{Time: c.second, Data: f[1], WireLen: len(f[1]), Link: LinkRaw}); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestFragmentMemory floods with fragments that never complete.
func TestFragmentMemory(t *testing.T) {
	d := NewDecoder(Options{})
	packet := ip4Fragment(protoTCP, 0x2000, make([]byte, 1480))
	for i := range 40000 {
		binary.BigEndian.PutUint32(packet[12:], uint32(i))
		d.Decode(&Frame{Data: packet, WireLen: len(packet), Link: LinkRaw})
		if d.fragments.cost > fragmentMemory {
			t.Fatalf("%d bytes held after %d fragments", d.fragments.cost, i+1)
		}
	}
	if n := len(d.fragments.byKey); n < 5000 {
		t.Errorf("only %d datagrams held", n)
	}
	checkFragments(t, &d.fragments)
}

// checkFragments checks what holds at any time.
func checkFragments(t *testing.T, s *fragments) {
	t.Helper()
	n, cost := 0, 0
	for dg := s.oldest; dg != nil; dg = dg.newer {
		n++
		own, have, end := datagramCost, 0, 0
		for _, p := range dg.pieces {
			own += len(p.data) + pieceOverhead
			have += p.wireLen
			if p.offset < end || len(p.data) > p.wireLen || p.wireLen == 0 {
				t.Fatalf("piece at %d of %d bytes after one that ends at %d", p.offset, p.wireLen, end)
			}
			end = p.offset + p.wireLen
		}
		if own != dg.cost || have != dg.have && !dg.refused || dg.total >= 0 && end > dg.total || have == dg.total {
			t.Fatalf("a datagram of %d counts %d of %d bytes and costs %d, not %d", dg.total, dg.have, have, dg.cost, own)
		}
		cost += dg.cost
		if s.byKey[dg.key] != dg || dg.newer == nil && s.newest != dg {
			t.Fatal("list and map differ")
		}
	}
	if n != len(s.byKey) || cost != s.cost || cost > fragmentMemory {
		t.Fatalf("%d datagrams of cost %d listed, %d of %d known", n, cost, len(s.byKey), s.cost)
	}
}

// FuzzFragments feeds fragments of one datagram, three bytes each: offset,
// length and flags. A datagram comes out exactly when the pieces tile it, and
// then with the bytes that a painter of bytes gets.
func FuzzFragments(f *testing.F) {
	f.Add([]byte{0, 2, 1, 2, 2, 0})
	f.Add([]byte{2, 2, 0, 0, 2, 1})
	f.Add([]byte{0, 2, 1, 0, 2, 1, 1, 2, 1, 3, 1, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		var s fragments
		paint := make([]byte, maxDatagramLen)
		for now := int64(0); len(script) >= 3; script = script[3:] {
			now++
			offset, length, flags := int(script[0])*8, int(script[1])*8, script[2]
			if flags&2 != 0 {
				length += 5
			}
			data := bytes.Repeat([]byte{flags>>4 + byte(offset/8)}, length)
			whole, wireLen, _, why := s.add(&fragment{offset: offset, more: flags&1 != 0, data: data, wireLen: length}, now)
			checkFragments(t, &s)
			if why == ipFragmentIncomplete || why == isSegment { // taken in, or known already
				copy(paint[offset:], data)
			}
			if (whole != nil) != (why == isSegment) {
				t.Fatalf("a datagram of %d bytes for the reason %q", len(whole), reasonNames[why])
			}
			if whole == nil {
				continue
			}
			if len(whole) != wireLen || !bytes.Equal(whole, paint[:wireLen]) {
				t.Fatalf("%x, want %x", whole, paint[:wireLen])
			}
		}
	})
}
