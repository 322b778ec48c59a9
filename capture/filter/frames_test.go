package filter

import (
	"encoding/binary"
	"math/rand/v2"
)

// A frame as a capture has it; cut frames are shorter than wireLen.
type frame struct {
	data    []byte
	wireLen int
}

// bytesOf joins bytes, 16-bit numbers in network byte order, slices and strings.
func bytesOf(parts ...any) (b []byte) {
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = append(b, byte(p))
		case uint16:
			b = binary.BigEndian.AppendUint16(b, p)
		case []byte:
			b = append(b, p...)
		case string:
			b = append(b, p...)
		}
	}
	return b
}

var (
	addrs4 = [][]byte{{10, 0, 0, 1}, {10, 0, 0, 2}, {192, 168, 1, 77}}
	addrs6 = [][]byte{
		bytesOf(0x20, 0x01, 0x0d, 0xb8, make([]byte, 11), 1), bytesOf(0x20, 0x01, 0x0d, 0xb8, 0x80, make([]byte, 10), 2),
		bytesOf(0xfe, 0x80, make([]byte, 13), 9),
	}
)

func ipv4(protocol, fragment int, options []byte, src, dst int, payload []byte) []byte {
	return bytesOf(0x45+len(options)/4, 0, uint16(20+len(options)+len(payload)), uint16(7), uint16(fragment), 64, protocol, uint16(0),
		addrs4[src], addrs4[dst], options, payload)
}

func ipv6(next, src, dst int, payload []byte) []byte {
	return bytesOf(0x60, 0, 0, 0, uint16(len(payload)), next, 64, addrs6[src], addrs6[dst], payload)
}

func transport(src, dst uint16, flags int) []byte {
	return bytesOf(src, dst, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, flags, uint16(512), uint16(0), uint16(0), "data")
}

// packets are IP packets of every kind that the tests of a filter tell apart.
func packets() (v4, v6 [][]byte) {
	syn, data, dns := transport(40000, 80, 2), transport(443, 40000, 0x18), transport(5353, 53, 0)
	v4 = [][]byte{
		ipv4(6, 0, nil, 0, 1, syn), ipv4(6, 0, nil, 1, 0, data), ipv4(6, 0x4000, make([]byte, 8), 0, 2, transport(80, 81, 0x11)),
		ipv4(6, 0x2000, nil, 0, 1, syn), ipv4(6, 3, nil, 0, 1, syn), ipv4(17, 0, nil, 2, 1, dns), ipv4(17, 0x2005, nil, 2, 1, dns),
		ipv4(1, 0, nil, 0, 2, bytesOf(8, 0, "echo echo")), ipv4(1, 0, nil, 2, 0, bytesOf(3, 4, "unreachable")),
		ipv4(132, 0, nil, 1, 2, transport(80, 9, 0)), ipv4(47, 0, nil, 0, 0, syn), ipv4(6, 0, nil, 1, 2, transport(22, 8085, 4)),
		ipv4(51, 0, nil, 1, 2, syn), ipv4(2, 0, nil, 1, 2, syn), ipv4(6, 0, nil, 0, 1, nil),
	}
	v6 = [][]byte{
		ipv6(6, 0, 1, syn), ipv6(6, 1, 2, data), ipv6(17, 2, 0, dns), ipv6(58, 0, 1, bytesOf(128, 0, "echo")), ipv6(58, 2, 1, bytesOf(1, 3, "gone")),
		ipv6(44, 0, 1, bytesOf(6, 0, uint16(1), "frag", syn)), ipv6(44, 0, 2, bytesOf(17, 0, uint16(0x100), "frag", dns)),
		ipv6(0, 0, 1, bytesOf(6, 0, "options", syn)), ipv6(132, 0, 1, transport(9, 80, 0)), ipv6(44, 1, 0, bytesOf(58, 0, uint16(1), "frag", 128, 0)),
	}
	return v4, v6
}

func arp(op int) []byte {
	return bytesOf(uint16(1), uint16(0x800), 6, 4, 0, op, "\x01\x02\x03\x04\x05\x06", addrs4[0], "\x00\x00\x00\x00\x00\x00", addrs4[1])
}

// linkFrames wraps the packets for a link type, and how long its header is.
func linkFrames(link uint32) (out [][]byte, header int) {
	v4, v6 := packets()
	// wrap adds packets behind the header that head makes of an EtherType.
	wrap := func(head func(ethertype uint16) []byte) {
		for _, p := range v4 {
			out = append(out, bytesOf(head(0x800), p))
		}
		for _, p := range v6 {
			out = append(out, bytesOf(head(0x86dd), p))
		}
		header = len(head(0))
	}
	ether := func(tags ...any) func(uint16) []byte {
		return func(t uint16) []byte {
			return bytesOf("\x0a\x00\x00\x00\x00\x01", "\x01\x02\x03\x04\x05\x06", bytesOf(tags...), t)
		}
	}
	switch link {
	case 0:
		wrap(func(t uint16) []byte {
			if t == 0x800 {
				return []byte{2, 0, 0, 0}
			}
			return []byte{30, 0, 0, 0}
		})
	case 108:
		wrap(func(t uint16) []byte {
			if t == 0x800 {
				return []byte{0, 0, 0, 2}
			}
			return []byte{0, 0, 0, 24}
		})
	case 9:
		wrap(func(t uint16) []byte {
			if t == 0x800 {
				return []byte{0xff, 3, 0, 0x21}
			}
			return []byte{0xff, 3, 0, 0x57}
		})
		out = append(out, bytesOf(0xff, 3, uint16(0x806), arp(1)))
	case 113:
		sll := func(t uint16) []byte {
			return bytesOf(uint16(0), uint16(1), uint16(6), "\x01\x02\x03\x04\x05\x06\x00\x00", t)
		}
		wrap(sll)
		out = append(out, bytesOf(sll(0x806), arp(1)), bytesOf(sll(4), "\xaa\xaa\x03"))
	case 276:
		sll2 := func(t uint16) []byte {
			return bytesOf(t, uint16(0), "\x00\x00\x00\x02", uint16(1), 0, 6, "\x01\x02\x03\x04\x05\x06\x00\x00")
		}
		wrap(sll2)
		out = append(out, bytesOf(sll2(0x806), arp(1)))
	case 1:
		wrap(ether(uint16(0x8100), uint16(0x2005)))
		wrap(ether(uint16(0x88a8), uint16(7), uint16(0x8100), uint16(5)))
		wrap(ether(uint16(0x9100), uint16(100)))
		wrap(ether())
		out = append(out, bytesOf(ether()(0x806), arp(1)), bytesOf(ether()(0x8035), arp(3)), bytesOf(ether(uint16(0x8100), uint16(5))(0x806), arp(2)),
			bytesOf(ether()(40), "\x42\x42\x03 spanning tree"), bytesOf(ether()(0x8847), "\x00\x01\x01\x40", v4[0]))
	default:
		wrap(func(uint16) []byte { return nil })
	}
	return out, header
}

// framesOf returns frames of a link type: whole ones, and after them hostile
// ones, cut at every length or with bytes changed.
func framesOf(link uint32) (out []frame) {
	whole, header := linkFrames(link)
	for _, f := range whole {
		// Padding keeps loads within the frame, so that they cannot fail.
		out = append(out, frame{bytesOf(f, make([]byte, 64)), len(f) + 64})
	}
	r := rand.New(rand.NewPCG(1, uint64(link)))
	for i, f := range whole {
		for n := i % 3; n <= len(f); n += 3 {
			out = append(out, frame{f[:n], len(f)})
		}
		for range 12 {
			g := bytesOf(f)
			for range 1 + r.IntN(4) {
				// Loopback families are left alone: here they may be in either byte order.
				if at := r.IntN(min(len(g), header+44)); link != 0 && link != 108 || at >= header {
					g[at] = [...]byte{0, 1, 2, 4, 5, 6, 8, 17, 44, 58, 0x45, 0x46, 0x4f, 0x60, 0x81, 0xff}[r.IntN(16)]
				}
			}
			n := len(g) - r.IntN(2)*r.IntN(len(g)+1)
			out = append(out, frame{g[:n], len(g)})
		}
	}
	return out
}
