package capture

// Point-to-point protocols and serial lines.

// ppp decodes a PPP frame, with or without the address and control bytes ff 03,
// with a protocol of two bytes or, compressed, of one (RFC 1661 section 2, 6.5).
func (d *Decoder) ppp(b []byte) reason {
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		b = b[2:]
	}
	if len(b) < 2 {
		return truncated
	}
	// Cisco's own HDLC framing in place of PPP's (LINKTYPE_PPP_HDLC says either).
	if (b[0] == 0x0f || b[0] == 0x8f) && b[1] == 0 {
		return d.typed(b, 2)
	}
	protocol, rest := uint16(b[0]), b[1:]
	if protocol&1 == 0 {
		protocol, rest = be16(b), b[2:]
	}
	switch protocol {
	case 0x0021:
		return d.ipv4(rest)
	case 0x0057:
		return d.ipv6(rest)
	case 0x0281, 0x0283:
		return d.mpls(rest)
	case 0x0031: // bridging (RFC 3518): flags, MAC type 1 is Ethernet
		if len(rest) >= 2 && rest[1] == 1 {
			return d.ether(rest[2:])
		}
	case 0x00fd, 0x0053: // compressed (and with MPPE encrypted) or encrypted datagrams
		return encrypted
	}
	return pppControl
}

// pppoe decodes a PPPoE session (RFC 2516). layers.PPPoE panics when its
// length exceeds what was captured.
func (d *Decoder) pppoe(b []byte) reason {
	if len(b) < 6 {
		return truncated
	}
	if b[1] != 0 {
		return pppControl // discovery
	}
	d.inScope(scopePPPoE, uint32(be16(b[2:])))
	return d.ppp(d.limit(b[6:], int(be16(b[4:]))))
}

// chdlc decodes Cisco's HDLC: address, control, EtherType.
func (d *Decoder) chdlc(b []byte) reason {
	return d.typed(b, 2)
}

// frameRelay decodes RFC 2427: an address of two to four bytes, of which the
// last has its lowest bit set, then a control byte and a network layer protocol
// id; or Cisco's encapsulation, an EtherType.
func (d *Decoder) frameRelay(b []byte) reason {
	at := 0
	for at < len(b) && at < 4 && b[at]&1 == 0 {
		at++
	}
	at++
	if len(b) < at+2 {
		return truncated
	}
	const unnumbered, pad = 0x03, 0x00
	if b[at] != unnumbered {
		return d.typed(b, at)
	}
	at++
	if b[at] == pad {
		at++
	}
	if len(b) <= at {
		return truncated
	}
	switch b[at] {
	case 0xcc:
		return d.ipv4(b[at+1:])
	case 0x8e:
		return d.ipv6(b[at+1:])
	case 0x80:
		return d.subnetworkAccess(b[at+1:])
	case 0xcf:
		return d.ppp(b[at+1:])
	}
	return llc
}
