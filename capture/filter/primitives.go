package filter

import "net/netip"

// proto is a protocol qualifier.
type proto uint8

const (
	anyProto proto = iota
	protoLink
	protoIP
	protoIP6
	protoARP
	protoRARP
	protoTCP
	protoUDP
	protoSCTP
	protoICMP
	protoICMP6
	protoIGMP
	protoPIM
	protoAH
	protoESP
)

// direction is a direction qualifier; anyDirection means source or destination.
type direction uint8

const (
	anyDirection direction = iota
	srcOnly
	dstOnly
	srcAndDst
)

// place says what a qualifier makes of a bare value.
type place uint8

const (
	noPlace place = iota // what came before has no qualifier to lend
	anyPlace
	host
	network
	port
	portRange
	protoNumber
)

// qualifiers precede a value, or are lent by the value before.
type qualifiers struct {
	proto proto
	dir   direction
	place place
}

// IP protocol numbers.
const (
	numICMP     = 1
	numIGMP     = 2
	numTCP      = 6
	numUDP      = 17
	numFragment = 44
	numESP      = 50
	numAH       = 51
	numICMP6    = 58
	numPIM      = 103
	numSCTP     = 132
)

var protoNumbers = map[proto]uint32{
	protoTCP: numTCP, protoUDP: numUDP, protoSCTP: numSCTP, protoICMP: numICMP, protoICMP6: numICMP6,
	protoIGMP: numIGMP, protoPIM: numPIM, protoAH: numAH, protoESP: numESP,
}

// abbreviation is the test of a protocol's name alone.
func (l *layout) abbreviation(p proto) *tree {
	switch p {
	case protoIP:
		return l.is(l, etherIPv4)
	case protoIP6:
		return l.is(l, etherIPv6)
	case protoARP:
		return l.is(l, etherARP)
	case protoRARP:
		return l.is(l, etherRARP)
	case protoICMP, protoIGMP:
		return l.carries(protoIP, protoNumbers[p])
	case protoICMP6:
		return l.carries(protoIP6, numICMP6)
	}
	return l.carries(anyProto, protoNumbers[p])
}

// carries tests for the protocol number n in an IP header. In IPv6 it may stand
// in the header or in a fragment header right after; other extension headers
// are not looked into.
func (l *layout) carries(p proto, n uint32) *tree {
	switch p {
	case protoIP:
		return and(l.is(l, etherIPv4), compare(byte1, l.net+9, n))
	case protoIP6:
		behind := and(compare(byte1, l.net+6, numFragment), compare(byte1, l.net+40, n))
		return and(l.is(l, etherIPv6), or(compare(byte1, l.net+6, n), behind))
	}
	return or(l.carries(protoIP, n), l.carries(protoIP6, n))
}

// firstFragment tests that an IPv4 packet begins with its transport header.
func (l *layout) firstFragment() *tree {
	return not(&tree{test: test{load: half, op: anyBit, off: l.net + 6, mask: 1<<32 - 1, k: 0x1fff}})
}

// directed combines the tests of source and destination.
func directed(d direction, side func(src bool) *tree) *tree {
	switch d {
	case srcOnly:
		return side(true)
	case dstOnly:
		return side(false)
	case srcAndDst:
		return and(side(true), side(false))
	}
	return or(side(true), side(false))
}

// host4 tests IPv4 addresses in IPv4, ARP and RARP.
func (l *layout) host4(p proto, d direction, addr, mask uint32) *tree {
	ethertype, src, dst := uint32(etherIPv4), uint32(12), uint32(16)
	switch p {
	case anyProto:
		t := or(l.host4(protoIP, d, addr, mask), l.host4(protoARP, d, addr, mask))
		return or(t, l.host4(protoRARP, d, addr, mask))
	case protoARP:
		ethertype, src, dst = etherARP, 14, 24
	case protoRARP:
		ethertype, src, dst = etherRARP, 14, 24
	}
	return directed(d, func(isSrc bool) *tree {
		off := dst
		if isSrc {
			off = src
		}
		return and(l.is(l, ethertype), masked(word, l.net+off, mask, addr))
	})
}

// host6 tests IPv6 addresses.
func (l *layout) host6(d direction, net netip.Prefix) *tree {
	b, mask := net.Addr().As16(), maskOf(net.Bits())
	return directed(d, func(src bool) *tree {
		off := l.net + 24
		if src {
			off = l.net + 8
		}
		var t *tree
		for i := uint32(0); i < 16; i += 4 {
			addr, _ := fetch(b[:], uint64(i), 4)
			m, _ := fetch(mask[:], uint64(i), 4)
			t = both(t, masked(word, off+i, m, addr))
		}
		return and(l.is(l, etherIPv6), t)
	})
}

func maskOf(bits int) (mask [16]byte) {
	for i := range bits {
		mask[i/8] |= 0x80 >> (i % 8)
	}
	return mask
}

// etherHost tests Ethernet addresses, the last four bytes first.
func (l *layout) etherHost(d direction, mac [6]byte) *tree {
	if l.name != layouts[ethernet].name {
		return l.fail("no Ethernet addresses in %s", l.name)
	}
	head, _ := fetch(mac[:], 0, 2)
	tail, _ := fetch(mac[:], 2, 4)
	return directed(d, func(src bool) *tree {
		off := uint32(0)
		if src {
			off = 6
		}
		return and(compare(word, off+2, tail), compare(half, off, head))
	})
}

// ports tests for port numbers from lo to hi of a protocol, or of all three that
// have ports, in IPv6 and IPv4.
func (l *layout) ports(p proto, d direction, lo, hi uint32) *tree {
	each := func(one func(number uint32) *tree) *tree {
		if p != anyProto {
			return one(protoNumbers[p])
		}
		return or(one(numSCTP), or(one(numTCP), one(numUDP)))
	}
	within := func(load load, off, at uint32) *tree {
		t := func(o op, k uint32) *tree {
			mask := uint32(1<<32 - 1)
			if load == ipPayloadHalf {
				mask = at
			}
			return &tree{test: test{load: load, op: o, off: off, mask: mask, k: k}}
		}
		if lo == hi {
			return t(equal, lo)
		}
		return and(t(greaterEqual, lo), not(t(greater, hi)))
	}
	v6 := each(func(number uint32) *tree {
		return and(compare(byte1, l.net+6, number), directed(d, func(src bool) *tree {
			return within(half, l.net+40+portAt(src), 0)
		}))
	})
	v4 := each(func(number uint32) *tree {
		first := and(compare(byte1, l.net+9, number), l.firstFragment())
		return and(first, directed(d, func(src bool) *tree {
			return within(ipPayloadHalf, l.net+portAt(src), l.net)
		}))
	})
	return or(and(l.is(l, etherIPv6), v6), and(l.is(l, etherIPv4), v4))
}

// portAt is the offset of a port in a TCP, UDP or SCTP header.
func portAt(src bool) uint32 {
	if src {
		return 0
	}
	return 2
}
