package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"tcpreplay-fsm/tcp"
)

// Packets for tests are built from the inside out: each function puts its header
// before what it is given.

var (
	hostA, hostB   = []byte{10, 0, 0, 1}, []byte{10, 0, 0, 2}
	hostA6, hostB6 = append([]byte(nil), 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
		append([]byte(nil), 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)
)

func u16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func u32(v int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// tcpBytes is a segment from port 1234 to 80 with sequence number 1000, an
// acknowledgment of 2000, and its options padded to 4 bytes.
func tcpBytes(flags tcp.Flags, options string, payload string) []byte {
	for len(options)%4 != 0 {
		options += "\x01"
	}
	return join(u16(1234), u16(80), u32(1000), u32(2000), u16((5+len(options)/4)<<12|int(flags)), u16(1024), u16(0), u16(0),
		[]byte(options), []byte(payload))
}

// hello is what most tests carry: 20 bytes of header, time stamps, 5 of payload.
func hello() []byte {
	return tcpBytes(tcp.PSH|tcp.ACK, "\x01\x01\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x02", "hello")
}

func ip4(protocol byte, payload []byte) []byte { return ip4Fragment(protocol, 0x4000, payload) }

func ip4Fragment(protocol byte, fragment int, payload []byte) []byte {
	h := join([]byte{0x45, 0}, u16(20+len(payload)), u16(77), u16(fragment), []byte{64, protocol, 0, 0}, hostA, hostB)
	binary.BigEndian.PutUint16(h[10:], checksum(0, h))
	return append(h, payload...)
}

func ip6(next byte, payload []byte) []byte {
	return join(u32(0x60000000), u16(len(payload)), []byte{next, 64}, hostA6, hostB6, payload)
}

func ether(etherType int, payload []byte) []byte {
	return join([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}, u16(etherType), payload)
}

func vlan(id, etherType int, payload []byte) []byte {
	return join(u16(id), u16(etherType), payload)
}

func udpBytes(dst int, payload []byte) []byte {
	return join(u16(50000), u16(dst), u16(8+len(payload)), u16(0), payload)
}

// pcapBytes is a little-endian microsecond pcap of frames a second apart.
func pcapBytes(link LinkType, frames ...[]byte) []byte {
	le := binary.LittleEndian
	out := le.AppendUint32(nil, pcapMicro)
	out = le.AppendUint16(le.AppendUint16(out, 2), 4)
	out = le.AppendUint32(append(out, make([]byte, 8)...), 65535)
	out = le.AppendUint32(out, uint32(link))
	for i, f := range frames {
		out = le.AppendUint32(le.AppendUint32(out, uint32(1700000000+i)), 123456)
		out = le.AppendUint32(le.AppendUint32(out, uint32(len(f))), uint32(len(f)))
		out = append(out, f...)
	}
	return out
}

// ngBlock is a little-endian pcapng block.
func ngBlock(kind int, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	le := binary.LittleEndian
	out := le.AppendUint32(le.AppendUint32(nil, uint32(kind)), uint32(len(b)+12))
	return le.AppendUint32(append(out, b...), uint32(len(b)+12))
}

func le16(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }
func le32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

func ngSectionBlock() []byte {
	return ngBlock(ngSection, le32(ngOrderMagic), le16(1), le16(0), bytes.Repeat([]byte{0xff}, 8))
}

func ngInterfaceBlock(link LinkType, options ...[]byte) []byte {
	return ngBlock(ngInterface, append([][]byte{le16(int(link)), le16(0), le32(0)}, options...)...)
}

func ngOption(code int, value string) []byte {
	out := join(le16(code), le16(len(value)), []byte(value))
	return append(out, make([]byte, -len(value)&3)...)
}

func ngPacketBlock(iface int, ticks uint64, data []byte, options ...[]byte) []byte {
	body := [][]byte{le32(iface), le32(int(ticks >> 32)), le32(int(ticks)), le32(len(data)), le32(len(data)), data, make([]byte, -len(data)&3)}
	return ngBlock(ngEnhanced, append(body, options...)...)
}

// openBytes reads a capture from memory as standard input.
func openBytes(t testing.TB, capture []byte) *Reader {
	t.Helper()
	r, err := Open([]string{"-"}, bytes.NewReader(capture), Options{})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// readAll returns all frames of a reader, with copies of their data.
func readAll(t testing.TB, r *Reader) []Frame {
	t.Helper()
	var all []Frame
	for {
		next, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		f := *next
		f.Data = bytes.Clone(f.Data)
		all = append(all, f)
	}
}

// outcome decodes one frame and spells what came of it: the tuple and flags of a
// segment, with its scope, or the reason it was skipped.
func outcome(d *Decoder, link LinkType, data []byte) string {
	f := Frame{Number: 1, Data: data, WireLen: len(data), Link: link}
	before := d.counts
	switch d.Decode(&f) {
	case Segment:
		s := d.Segment()
		out := s.Tuple.String() + " " + s.Flags.String()
		if len(s.Payload) > 0 {
			out += " " + string(s.Payload)
		}
		return strings.TrimRight(out+" "+d.ScopeName(s.Scope), " ")
	case ICMP:
		e := d.ICMP()
		return e.Kind.String() + " from " + e.From.String() + " about " + e.Quoted.String()
	}
	for r := range d.counts {
		if d.counts[r] > before[r] {
			return reasonNames[r]
		}
	}
	return "nothing counted"
}
