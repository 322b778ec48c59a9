package tcp

import (
	"encoding/binary"
	"net/netip"
)

// Addr is an IP address without pointers, so that millions of them cost the
// garbage collector nothing. IPv4 is held in its IPv4-mapped form
// (RFC 4291 section 2.5.5.2). The zero Addr is the IPv6 address "::".
type Addr struct{ Hi, Lo uint64 }

const mappedV4 = 0xffff << 32 // the lower half of ::ffff:0:0

// AddrFrom4 returns the address of four bytes in network order.
func AddrFrom4(b []byte) Addr {
	return Addr{0, mappedV4 | uint64(binary.BigEndian.Uint32(b))}
}

// AddrFrom16 returns the address of sixteen bytes in network order.
func AddrFrom16(b []byte) Addr {
	return Addr{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

// AddrFrom returns a as an Addr; a zone is dropped, as it is not on the wire.
func AddrFrom(a netip.Addr) Addr {
	b := a.As16()
	return AddrFrom16(b[:])
}

// Netip returns a as a netip.Addr, IPv4 unmapped.
func (a Addr) Netip() netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], a.Hi)
	binary.BigEndian.PutUint64(b[8:], a.Lo)
	return netip.AddrFrom16(b).Unmap()
}

// Is4 reports whether a holds an IPv4 address.
func (a Addr) Is4() bool { return a.Hi == 0 && a.Lo>>32 == 0xffff }

// Less orders addresses by their bytes.
func (a Addr) Less(b Addr) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }

func (a Addr) String() string { return a.Netip().String() }

// Tuple is the 4-tuple of a segment, from its sender to its receiver.
type Tuple struct {
	Src, Dst         Addr
	SrcPort, DstPort uint16
}

// Reverse returns the tuple of the other direction.
func (t Tuple) Reverse() Tuple { return Tuple{t.Dst, t.Src, t.DstPort, t.SrcPort} }

// Equal is t == u in a third of the time: the compiler calls a function for a
// comparison of so many bytes.
func (t *Tuple) Equal(u *Tuple) bool {
	return t.SrcPort == u.SrcPort && t.DstPort == u.DstPort &&
		t.Src.Lo == u.Src.Lo && t.Dst.Lo == u.Dst.Lo && t.Src.Hi == u.Src.Hi && t.Dst.Hi == u.Dst.Hi
}

// Opposes is Equal for t and u.Reverse(): they are the two directions of one
// connection.
func (t *Tuple) Opposes(u *Tuple) bool {
	return t.SrcPort == u.DstPort && t.DstPort == u.SrcPort &&
		t.Src.Lo == u.Dst.Lo && t.Dst.Lo == u.Src.Lo && t.Src.Hi == u.Dst.Hi && t.Dst.Hi == u.Src.Hi
}

// Source returns the sender's address and port.
func (t Tuple) Source() netip.AddrPort { return netip.AddrPortFrom(t.Src.Netip(), t.SrcPort) }

// Destination returns the receiver's address and port.
func (t Tuple) Destination() netip.AddrPort { return netip.AddrPortFrom(t.Dst.Netip(), t.DstPort) }

// Canonical returns the tuple with the lower endpoint as source, the same for
// both directions, and whether that turned it round.
func (t Tuple) Canonical() (c Tuple, reversed bool) {
	if t.Dst.Less(t.Src) || t.Src == t.Dst && t.DstPort < t.SrcPort {
		return t.Reverse(), true
	}
	return t, false
}

func (t Tuple) String() string { return t.Source().String() + " > " + t.Destination().String() }
