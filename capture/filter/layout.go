package filter

import (
	"fmt"
	"math/bits"
)

// A layout says where in the frames of one link type things are. It is copied
// for each program: VLAN tags move its offsets while the program is built.
type layout struct {
	name   string
	typeAt uint32 // offset of the payload's type, if the link type has one
	net    uint32 // offset of the network header
	// is makes the test that the payload is of an EtherType.
	is  func(l *layout, ethertype uint32) *tree
	err error // what of the expression this link type cannot answer
}

// fail notes why an expression has no meaning on a link type.
func (l *layout) fail(format string, args ...any) *tree {
	if l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
	return never
}

// The layouts, by the indices that layoutOf returns.
const (
	ethernet = iota
	null
	loop
	raw
	rawIPv4
	rawIPv6
	ppp
	sll
	sll2
	numLayouts
)

var layouts = [numLayouts]layout{
	ethernet: {name: "Ethernet", typeAt: 12, net: 14, is: typeField},
	null:     {name: "BSD loopback", net: 4, is: nullFamily},
	loop:     {name: "OpenBSD loopback", net: 4, is: loopFamily},
	raw:      {name: "raw IP", is: ipVersion},
	rawIPv4:  {name: "raw IPv4", is: only(etherIPv4)},
	rawIPv6:  {name: "raw IPv6", is: only(etherIPv6)},
	ppp:      {name: "PPP", typeAt: 2, net: 4, is: pppProtocol},
	sll:      {name: "Linux cooked v1", typeAt: 14, net: 16, is: typeField},
	sll2:     {name: "Linux cooked v2", typeAt: 0, net: 20, is: typeField},
}

// layoutOf returns the index of a LINKTYPE's layout. 12 and 14 are values of
// DLT_RAW that some systems write into files.
func layoutOf(link uint32) (i int, ok bool) {
	switch link {
	case 0:
		return null, true
	case 1:
		return ethernet, true
	case 9:
		return ppp, true
	case 12, 14, 101:
		return raw, true
	case 108:
		return loop, true
	case 113:
		return sll, true
	case 228:
		return rawIPv4, true
	case 229:
		return rawIPv6, true
	case 276:
		return sll2, true
	}
	return 0, false
}

const (
	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherRARP = 0x8035
	etherIPv6 = 0x86dd
)

func typeField(l *layout, ethertype uint32) *tree { return compare(half, l.typeAt, ethertype) }

// families are the address family numbers that stand for an EtherType in
// loopback headers: AF_INET is 2 everywhere, AF_INET6 is 24 on NetBSD and
// OpenBSD, 28 on FreeBSD and 30 on Darwin.
func families(ethertype uint32) []uint32 {
	switch ethertype {
	case etherIPv4:
		return []uint32{2}
	case etherIPv6:
		return []uint32{24, 28, 30}
	}
	return nil
}

func loopFamily(_ *layout, ethertype uint32) *tree {
	t := never
	for _, f := range families(ethertype) {
		t = or(t, compare(word, 0, f))
	}
	return t
}

// nullFamily looks for the family in both byte orders: it was written in that of
// the machine that captured. libpcap takes that of the file, which is the same.
func nullFamily(_ *layout, ethertype uint32) *tree {
	t := never
	for _, f := range families(ethertype) {
		t = or(t, or(compare(word, 0, bits.ReverseBytes32(f)), compare(word, 0, f)))
	}
	return t
}

func ipVersion(_ *layout, ethertype uint32) *tree {
	switch ethertype {
	case etherIPv4:
		return masked(byte1, 0, 0xf0, 0x40)
	case etherIPv6:
		return masked(byte1, 0, 0xf0, 0x60)
	}
	return never
}

func only(its uint32) func(*layout, uint32) *tree {
	return func(_ *layout, ethertype uint32) *tree {
		if ethertype == its {
			return always
		}
		return never
	}
}

// pppProtocol tests a PPP protocol number; types without one of their own are
// compared as they are, as libpcap does.
func pppProtocol(l *layout, ethertype uint32) *tree {
	switch ethertype {
	case etherIPv4:
		ethertype = 0x21
	case etherIPv6:
		ethertype = 0x57
	case 0x6003: // DECnet
		ethertype = 0x27
	case 0x0600: // XNS
		ethertype = 0x25
	}
	return typeField(l, ethertype)
}

// vlan tests for a tag, of any of the three EtherTypes that tags have, and of
// one number if id is not negative. What is built after it looks behind the tag.
func (l *layout) vlan(id int) *tree {
	if l.name != layouts[ethernet].name {
		return l.fail("no VLAN support for %s", l.name)
	}
	t := or(or(typeField(l, 0x8100), typeField(l, 0x88a8)), typeField(l, 0x9100))
	if id >= 0 {
		t = and(t, masked(half, l.net, 0x0fff, uint32(id)))
	}
	l.typeAt += 4
	l.net += 4
	return t
}
