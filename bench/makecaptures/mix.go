package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/tcp"
)

// mix is rounds of the same traces and transfers, in each round under other
// addresses.
type mix struct {
	traces    []*trace
	of        int // conversations in the traces
	transfers int // a round
	length    int // packets of a transfer
	payload   int // bytes of its segments
	rounds    int
}

// newMix reads the captures. Such as are kept for tests are short: transfers
// make up for it, as many and as long as it takes to come to mixedPackets a
// conversation and mixedBytes a packet.
func newMix(captures []string, conversations int) (mix, error) {
	var m mix
	packets, bytes := 0, 0
	for _, name := range captures {
		t, err := readTrace(name)
		if err != nil {
			return m, err
		}
		if t.why != "" {
			fmt.Fprintf(os.Stderr, "makecaptures: %s is left out: %s\n", name, t.why)
			continue
		}
		m.traces = append(m.traces, t)
		m.of += t.conversations
		packets += len(t.frames)
		bytes += t.bytes
	}
	if m.of == 0 {
		return m, errors.New("no conversations in the captures")
	}
	if packets < mixedPackets*m.of {
		m.transfers = max(1, m.of/8)
		m.length = (mixedPackets*(m.of+m.transfers) - packets) / m.transfers
		want := mixedBytes*mixedPackets*(m.of+m.transfers) - bytes - m.transfers*m.length*(16+headers)
		m.payload = min(max(want/(m.transfers*m.length*2/3), 1), 1460)
	}
	m.rounds = max(1, int(math.Round(float64(conversations)/float64(m.of+m.transfers))))
	if m.jobs() > 1<<16 {
		return m, fmt.Errorf("%d traces in %d rounds are more than there are addresses for", len(m.traces), m.rounds)
	}
	return m, nil
}

func (m mix) conversations() int { return (m.of + m.transfers) * m.rounds }
func (m mix) jobs() int          { return (len(m.traces) + m.transfers) * m.rounds }

func (m mix) job(i int) job {
	round, k := i/(len(m.traces)+m.transfers), i%(len(m.traces)+m.transfers)
	if k < len(m.traces) {
		return &playback{trace: m.traces[k], mask: uint16(i)}
	}
	return &transfer{n: round*m.transfers + k - len(m.traces), packets: m.length, payload: m.payload, snap: math.MaxInt, gap: 20_000}
}

// trace is a capture of Ethernet frames without tunnels, in memory.
type trace struct {
	frames        []frame
	bytes         int
	conversations int
	why           string // it cannot be used
}

type frame struct {
	after int64 // microseconds since the first
	data  []byte
	wire  int
	ip    int // where the IP header is; 0 if nowhere
}

func readTrace(name string) (*trace, error) {
	in, err := capture.Open([]string{name}, nil, capture.Options{})
	if err != nil {
		return nil, err
	}
	defer in.Close()
	d := capture.NewDecoder(capture.Options{})
	t, first, tuples := &trace{}, int64(0), map[tcp.Tuple]bool{}
	for {
		f, err := in.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		if f.Link != capture.LinkEthernet {
			t.why = "not Ethernet"
			return t, nil
		}
		if first == 0 {
			first = f.Time
		}
		x := frame{after: max(0, f.Time-first) / 1000, data: append([]byte(nil), f.Data...), wire: f.WireLen, ip: header(f.Data)}
		if d.Decode(f) == capture.Segment {
			s := d.Segment()
			if x.ip == 0 || !carries(x.data[x.ip:], s.Tuple) {
				t.why = "in a tunnel"
				return t, nil
			}
			key, _ := s.Tuple.Canonical()
			tuples[key] = true
		}
		t.frames = append(t.frames, x)
		t.bytes += len(x.data) + 16
	}
	t.conversations = len(tuples)
	if t.conversations == 0 {
		t.why = "no TCP"
	}
	return t, nil
}

// header finds the IP header of an Ethernet frame, behind VLAN tags too.
func header(b []byte) int {
	for at := 12; at+2+20 <= len(b); at += 4 {
		switch kind := binary.BigEndian.Uint16(b[at:]); {
		case kind == 0x0800, kind == 0x86dd && at+2+40 <= len(b):
			return at + 2
		case kind != 0x8100 && kind != 0x88a8:
			return 0
		}
	}
	return 0
}

// carries tells whether an IP header is that of the segment, not of a tunnel.
func carries(ip []byte, t tcp.Tuple) bool {
	src := t.Src.Netip().AsSlice()
	if ip[0]>>4 == 4 {
		return string(ip[12:16]) == string(src)
	}
	return string(ip[8:24]) == string(src)
}

// playback is a trace under other addresses: the second and third byte of an
// IPv4 address, the fifth and sixth of an IPv6 address are XORed with mask.
// Checksums are left as they are.
type playback struct {
	*trace
	mask uint16
	at   int
	copy []byte
}

// longest is how long a trace may go on; what is later follows at once.
const longest = 60_000_000

func (p *playback) next() (int64, []byte, int, bool) {
	if p.at == len(p.frames) {
		return 0, nil, 0, false
	}
	f := &p.frames[p.at]
	p.at++
	p.copy = append(p.copy[:0], f.data...)
	if f.ip > 0 {
		at, step := f.ip+13, 4 // of the source address; to the destination's
		if p.copy[f.ip]>>4 == 6 {
			at, step = f.ip+12, 16
		}
		for _, a := range []int{at, at + step} {
			p.copy[a] ^= byte(p.mask >> 8)
			p.copy[a+1] ^= byte(p.mask)
		}
	}
	return min(f.after, longest), p.copy, f.wire, true
}
