package capture

// UDP ports of tunnels (IANA, but for 8472: the Linux kernel's first choice,
// which flannel and others keep).
const (
	portL2TP     = 1701
	portGTPU     = 2152
	portTeredo   = 3544
	portVXLAN    = 4789
	portVXLANGPE = 4790
	portGeneve   = 6081
	portMPLS     = 6635
	portVXLANOld = 8472
	portTZSP     = 37008
)

// datagram decodes UDP, for the tunnels in it. Both directions of a tunnel are
// sent to its port; only Teredo and GTP-U also answer from it.
func (d *Decoder) datagram(b []byte) reason {
	if len(b) < 8 {
		return truncated
	}
	if d.udp.DecodeFromBytes(b, noFeedback) != nil {
		return malformed
	}
	src, dst := d.udp.SrcPort, d.udp.DstPort
	if length := int(d.udp.Length); length != 0 {
		b = d.limit(b, length)
	}
	payload := b[8:]
	switch dst {
	case portVXLAN, portVXLANOld:
		return d.vxlanFrame(payload)
	case portVXLANGPE:
		return d.vxlanGPE(payload)
	case portGeneve:
		return d.geneve(payload)
	case portMPLS:
		return d.mpls(payload)
	case portTZSP:
		return tzsp
	}
	switch {
	case dst == portL2TP || src == portL2TP: // control messages, too
		return l2tp
	case dst == portGTPU || src == portGTPU:
		return d.gtpu(payload)
	case dst == portTeredo || src == portTeredo:
		return d.teredo(payload)
	}
	return udp
}

// vxlanFrame decodes RFC 7348.
func (d *Decoder) vxlanFrame(b []byte) reason {
	if len(b) < 8 {
		return truncated
	}
	if d.vxlan.DecodeFromBytes(b, noFeedback) != nil || !d.vxlan.ValidIDFlag {
		return udp
	}
	d.inScope(scopeVNI, d.vxlan.VNI)
	return d.ether(b[8:])
}

// vxlanGPE decodes VXLAN with a protocol field (draft-ietf-nvo3-vxlan-gpe).
func (d *Decoder) vxlanGPE(b []byte) reason {
	if len(b) < 8 {
		return truncated
	}
	const validID, typed = 0x08, 0x04
	if b[0]&validID != 0 {
		d.inScope(scopeVNI, be32(b[4:])>>8)
	}
	if b[0]&typed == 0 {
		return d.ether(b[8:])
	}
	switch b[3] {
	case 1:
		return d.ipv4(b[8:])
	case 2:
		return d.ipv6(b[8:])
	case 3:
		return d.ether(b[8:])
	case 5:
		return d.mpls(b[8:])
	}
	return otherEtherType
}

// geneve decodes RFC 8926; layers.Geneve allocates for its options.
func (d *Decoder) geneve(b []byte) reason {
	if len(b) < 8 {
		return truncated
	}
	header := 8 + int(b[0]&0x3f)*4
	if b[0]>>6 != 0 {
		return udp
	}
	if len(b) < header {
		return truncated
	}
	d.inScope(scopeVNI, be32(b[4:])>>8)
	return d.etherType(be16(b[2:]), b[header:])
}

// gtpu decodes user data of GTPv1 (3GPP TS 29.281 section 5). Its tunnel
// endpoint id differs by direction and is no part of the scope.
func (d *Decoder) gtpu(b []byte) reason {
	if len(b) < 8 {
		return truncated
	}
	const version1, notPrime, extended, anyOptional, userData = 1, 0x10, 0x04, 0x07, 0xff
	if b[0]>>5 != version1 || b[0]&notPrime == 0 || b[1] != userData {
		return udp
	}
	flags, length := b[0], int(be16(b[2:]))
	rest := d.limit(b[8:], length)
	if flags&anyOptional != 0 {
		if len(rest) < 4 {
			return truncated
		}
		next := rest[3]
		rest = rest[4:]
		for flags&extended != 0 && next != 0 {
			if len(rest) == 0 || len(rest) < int(rest[0])*4 {
				return truncated
			}
			n := int(rest[0]) * 4
			if n == 0 {
				return malformed
			}
			next, rest = rest[n-1], rest[n:]
		}
	}
	return d.ip(rest)
}

// teredo decodes RFC 4380 section 5.1.1: optional authentication and origin
// indications before an IPv6 packet.
func (d *Decoder) teredo(b []byte) reason {
	if len(b) >= 4 && b[0] == 0 && b[1] == 1 {
		n := 4 + int(b[2]) + int(b[3]) + 9
		if len(b) < n {
			return truncated
		}
		b = b[n:]
	}
	if len(b) >= 8 && b[0] == 0 && b[1] == 0 {
		b = b[8:]
	}
	if len(b) == 0 || b[0]>>4 != 6 {
		return udp
	}
	return d.ipv6(b)
}

// mpls decodes a label stack (RFC 3032). What follows is not told by it.
// Heuristic: an IP version in the first four bits, as all take it; 16 bits of
// zero are the control word of an Ethernet pseudowire (RFC 4448 section 4.6);
// else it is Ethernet without one.
func (d *Decoder) mpls(b []byte) reason {
	for bottom := false; !bottom; b = b[4:] {
		if len(b) < 4 {
			return truncated
		}
		if d.enter() {
			return nested
		}
		bottom = b[2]&1 != 0
		d.inScope(scopeMPLS, be32(b)>>12)
	}
	if len(b) < 2 {
		return truncated
	}
	switch version := b[0] >> 4; {
	case version == 4:
		return d.ipv4(b)
	case version == 6:
		return d.ipv6(b)
	case version == 1: // an associated channel, for operation and maintenance (RFC 4385 section 5)
		return otherEtherType
	case be16(b) == 0:
		return d.after(b, 4, d.ether)
	}
	return d.ether(b)
}

// gre decodes RFC 2784 and 2890, and PPTP's version of it (RFC 2637). layers.GRE
// panics when it is cut.
func (d *Decoder) gre(b []byte) reason {
	if len(b) < 4 {
		return truncated
	}
	const hasChecksum, hasRouting, hasKey, hasSequence, hasAck = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
	flags, protocol := be16(b), be16(b[2:])
	version := flags & 7
	if version > 1 || flags&hasRouting != 0 {
		return otherIP
	}
	at := 4
	if flags&hasChecksum != 0 {
		at += 4
	}
	if flags&hasKey != 0 {
		// PPTP's key is a length and a call number, which differs by direction.
		if version == 0 && len(b) >= at+4 {
			d.inScope(scopeGRE, be32(b[at:]))
		}
		at += 4
	}
	if flags&hasSequence != 0 {
		at += 4
	}
	if version == 1 && flags&hasAck != 0 {
		at += 4
	}
	if len(b) < at {
		return truncated
	}
	b = b[at:]
	switch protocol {
	case 0x88be: // ERSPAN: without a sequence number of type I, which has no header
		if flags&hasSequence == 0 {
			return d.ether(b)
		}
		return d.erspan(b, 8)
	case 0x22eb: // ERSPAN type III; its last bit announces 8 bytes more
		if len(b) >= 12 && b[11]&1 != 0 {
			return d.erspan(b, 20)
		}
		return d.erspan(b, 12)
	case 0x883e: // WCCP: IPv4, in version 2 behind a header of 4 bytes
		if len(b) > 0 && b[0]>>4 != 4 {
			return d.after(b, 4, d.ipv4)
		}
		return d.ipv4(b)
	}
	if protocol <= maxEtherLen { // Cisco's keepalive (0), OSI
		return otherEtherType
	}
	return d.etherType(protocol, b)
}

// erspan decodes a mirrored frame (draft-foschiano-erspan). The VLAN it was in
// stands in the header.
func (d *Decoder) erspan(b []byte, header int) reason {
	if len(b) < header {
		return truncated
	}
	if id := be16(b) & 0xfff; id != 0 && !d.options.MergeVLANs {
		d.inScope(scopeVLAN, uint32(id))
	}
	return d.ether(b[header:])
}
