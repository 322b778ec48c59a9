package capture

// Linux "cooked" captures, and headers that other capture points put before a
// packet in place of the real link layer.

// cooked decodes LINUX_SLL: type, ARPHRD type, address length, 8 bytes of
// address, protocol. layers.LinuxSLL panics on address lengths above 8, which
// IPoIB has.
func (d *Decoder) cooked(b []byte) reason {
	if len(b) < 16 {
		return truncated
	}
	return d.cookedProtocol(be16(b[14:]), be16(b[2:]), b[16:])
}

// cooked2 decodes LINUX_SLL2: protocol, interface index, ARPHRD type, address.
func (d *Decoder) cooked2(b []byte) reason {
	if len(b) < 20 {
		return truncated
	}
	return d.cookedProtocol(be16(b), be16(b[8:]), b[20:])
}

func (d *Decoder) cookedProtocol(protocol, hardware uint16, b []byte) reason {
	const arphrdNetlink, linux8022 = 824, 0x0004
	switch {
	case hardware == arphrdNetlink:
		return otherEtherType
	case protocol == linux8022:
		return d.logicalLink(b)
	case protocol <= maxEtherLen: // Linux's own numbers of what has no EtherType
		return otherEtherType
	}
	return d.etherType(protocol, b)
}

// pflog decodes the header of OpenBSD's packet filter: its length, then the
// address family. The length does not count the padding to 4 bytes.
func (d *Decoder) pflog(b []byte) reason {
	if len(b) < 2 {
		return truncated
	}
	header := (int(b[0]) + 3) &^ 3
	if len(b) < header {
		return truncated
	}
	return d.family(uint32(b[1]), b[header:])
}

// nflog decodes the type-length-value list that libpcap puts around packets of
// netfilter's log. Lengths are in the order of the host that wrote them.
func (d *Decoder) nflog(b []byte) reason {
	if len(b) < 4 {
		return truncated
	}
	family := uint32(b[0])
	const payload = 9
	for rest := b[4:]; len(rest) >= 4; {
		order := !bigEndian
		if rest[3] != 0 || rest[2] > 63 { // types are small: this end is the low byte
			order = bigEndian
		}
		length, kind := int(order.u16(rest)), order.u16(rest[2:])
		if length < 4 {
			return malformed
		}
		if kind&0x7fff == payload {
			return d.family(family, d.limit(rest[4:], length-4))
		}
		rest = rest[min((length+3)&^3, len(rest)):]
	}
	return truncated
}

// pktap decodes macOS's header of `tcpdump -i pktap`: its length, a record
// type, the link type of what follows.
func (d *Decoder) pktap(b []byte) reason {
	if len(b) < 12 {
		return truncated
	}
	const little = !bigEndian
	header, link := little.u32(b), little.u32(b[8:])
	return d.inner(b, header, link)
}

// ppi decodes the per-packet information header: its length, then the link type
// of what follows, little-endian.
func (d *Decoder) ppi(b []byte) reason {
	if len(b) < 8 {
		return truncated
	}
	const little = !bigEndian
	return d.inner(b, uint32(little.u16(b[2:])), little.u32(b[4:]))
}

func (d *Decoder) inner(b []byte, header, link uint32) reason {
	if uint64(header) > uint64(len(b)) {
		return truncated
	}
	return d.link(LinkType(link), b[header:])
}
