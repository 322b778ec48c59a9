package capture

import "tcpreplay-fsm/tcp"

// Protocol numbers of IP (IANA).
const (
	protoHopByHop  = 0
	protoICMP      = 1
	protoIGMP      = 2
	protoIPv4      = 4
	protoTCP       = 6
	protoUDP       = 17
	protoIPv6      = 41
	protoRouting   = 43
	protoFragment  = 44
	protoGRE       = 47
	protoESP       = 50
	protoAH        = 51
	protoICMPv6    = 58
	protoNone      = 59
	protoDest      = 60
	protoEtherIP   = 97
	protoL2TP      = 115 // version 3 (RFC 3931)
	protoSCTP      = 132
	protoMobility  = 135
	protoMPLSInIP  = 137
	protoHIP       = 139
	protoShim6     = 140
	ipv4HeaderLen  = 20
	ipv6HeaderLen  = 40
	fragHeaderLen  = 8
	maxDatagramLen = 65535
)

// ip decodes a packet of either version, told by its first four bits.
func (d *Decoder) ip(b []byte) reason {
	if len(b) == 0 {
		return truncated
	}
	switch b[0] >> 4 {
	case 4:
		return d.ipv4(b)
	case 6:
		return d.ipv6(b)
	}
	return otherEtherType
}

// ipv4 decodes RFC 791. layers.IPv4 is not used, as it refuses a packet for an
// option of length 2, which is legal.
func (d *Decoder) ipv4(b []byte) reason {
	if len(b) < ipv4HeaderLen {
		return truncated
	}
	header, total := int(b[0]&0xf)*4, int(be16(b[2:]))
	if b[0]>>4 != 4 || header < ipv4HeaderLen {
		return malformed
	}
	// A length of 0 is what segmentation offload leaves to the network card: then
	// the packet ends with the frame.
	if total != 0 {
		if total < header {
			return malformed
		}
		b = d.limit(b, total)
	}
	if len(b) < header {
		return truncated
	}
	if d.options.VerifyChecksums && checksum(0, b[:header]) != 0 {
		return badChecksum
	}
	s := &d.segment
	s.Tuple.Src, s.Tuple.Dst = tcp.AddrFrom4(b[12:]), tcp.AddrFrom4(b[16:])
	s.TOS, s.TTL, s.IPID, s.IPv6 = b[1], b[8], be16(b[4:]), false
	flags, protocol := be16(b[6:]), b[9]
	s.DF = flags&0x4000 != 0
	if flags&0x3fff == 0 {
		return d.transport(protocol, b[header:])
	}
	if total == 0 {
		return malformed
	}
	piece := fragment{
		key:    fragmentKey{s.Tuple.Src, s.Tuple.Dst, uint32(s.IPID), s.Scope, protocol, false},
		offset: int(flags&0x1fff) * 8, more: flags&0x2000 != 0,
		protocol: protocol, data: b[header:], wireLen: len(b) - header + d.cut,
	}
	return d.reassemble(&piece)
}

// ipv6 decodes RFC 8200 with its extension headers.
func (d *Decoder) ipv6(b []byte) reason {
	if len(b) < ipv6HeaderLen {
		return truncated
	}
	if b[0]>>4 != 6 {
		return malformed
	}
	// A length of 0 is a jumbogram (RFC 2675) or what segmentation offload leaves
	// to the network card ("BIG TCP"): then the packet ends with the frame.
	payloadLen := int(be16(b[4:]))
	if payloadLen != 0 {
		b = d.limit(b, ipv6HeaderLen+payloadLen)
	}
	s := &d.segment
	s.Tuple.Src, s.Tuple.Dst = tcp.AddrFrom16(b[8:]), tcp.AddrFrom16(b[24:])
	s.TOS, s.TTL, s.IPID, s.IPv6, s.DF = b[0]<<4|b[1]>>4, b[7], 0, true, false
	return d.extensions(b[6], b[ipv6HeaderLen:], payloadLen != 0)
}

// extensions decodes what follows an IPv6 header or, in a datagram that was put
// together, a fragment header: extension headers, then what they carry. sized: its
// length is known.
func (d *Decoder) extensions(next byte, rest []byte, sized bool) reason {
	s := &d.segment
	for {
		length, ok := extensionLen(next, rest)
		if !ok {
			return truncated
		}
		if length == 0 {
			return d.transport(next, rest)
		}
		switch next {
		case protoHopByHop:
			if jumbo := jumboLen(rest[:length]); !sized && jumbo > maxDatagramLen {
				rest = d.limit(rest, jumbo)
			}
		case protoRouting:
			s.Tuple.Dst = finalDestination(rest[:length], s.Tuple.Dst)
		case protoFragment:
			position := be16(rest[2:])
			if position&^6 != 0 { // an atomic fragment, of both 0, is whole (RFC 6946)
				if !sized {
					return malformed
				}
				piece := fragment{
					key:    fragmentKey{s.Tuple.Src, s.Tuple.Dst, be32(rest[4:]), s.Scope, 0, true},
					offset: int(position &^ 7), more: position&1 != 0,
					protocol: rest[0], data: rest[fragHeaderLen:], wireLen: len(rest) - fragHeaderLen + d.cut,
				}
				return d.reassemble(&piece)
			}
		}
		next, rest = rest[0], rest[length:]
	}
}

// extensionLen is the length of the IPv6 extension header that b begins with, 0
// if next is none; false if it was cut. All begin with the next header's number.
func extensionLen(next byte, b []byte) (length int, ok bool) {
	switch next {
	case protoHopByHop, protoRouting, protoDest, protoMobility, protoHIP, protoShim6:
		if len(b) < 2 {
			return 0, false
		}
		length = (int(b[1]) + 1) * 8
	case protoAH:
		if len(b) < 2 {
			return 0, false
		}
		length = (int(b[1]) + 2) * 4 // RFC 4302 section 2.2 counts otherwise
	case protoFragment:
		length = fragHeaderLen
	default:
		return 0, true
	}
	return length, length <= len(b)
}

// jumboLen returns the length in the jumbo payload option (RFC 2675 section 2)
// of a hop-by-hop header, counted as RFC 8200 counts payload: from that header
// on. It is 0 if there is none.
func jumboLen(header []byte) int {
	const pad1, jumbo = 0, 0xc2
	for o := header[2:]; len(o) >= 2; {
		if o[0] == pad1 {
			o = o[1:]
			continue
		}
		if o[0] == jumbo && o[1] == 4 && len(o) >= 6 {
			return int(be32(o[2:]))
		}
		o = o[min(2+int(o[1]), len(o)):]
	}
	return 0
}

// finalDestination is where a packet with this routing header ends: TCP's
// checksum and both endpoints know only that address (RFC 8200 section 8.1).
func finalDestination(header []byte, dst tcp.Addr) tcp.Addr {
	const sourceRoute, mobile, segments = 0, 2, 4
	kind, left := header[2], header[3]
	if left == 0 || len(header) < 8+16 {
		return dst
	}
	switch kind {
	case sourceRoute, mobile:
		return tcp.AddrFrom16(header[(len(header)-8)/16*16-8:])
	case segments: // RFC 8754: listed backwards
		return tcp.AddrFrom16(header[8:])
	}
	return dst
}

// transport decodes what an IP protocol number announces.
func (d *Decoder) transport(protocol byte, b []byte) reason {
	if d.enter() {
		return nested
	}
	switch protocol {
	case protoTCP:
		return d.tcpSegment(b)
	case protoUDP:
		return d.datagram(b)
	case protoICMP:
		return d.icmpv4(b)
	case protoICMPv6:
		return d.icmpv6(b)
	case protoIPv4:
		return d.ipv4(b)
	case protoIPv6:
		return d.ipv6(b)
	case protoGRE:
		return d.gre(b)
	case protoAH: // behind IPv4; extensionLen has it behind IPv6
		length, ok := extensionLen(protoAH, b)
		if !ok {
			return truncated
		}
		return d.transport(b[0], b[length:])
	case protoEtherIP: // RFC 3378: version, reserved bits
		return d.after(b, 2, d.ether)
	case protoMPLSInIP:
		return d.mpls(b)
	case protoESP:
		return encrypted
	case protoSCTP:
		return sctp
	case protoL2TP:
		return l2tp
	case protoIGMP:
		return igmp
	case protoNone:
		return noPayload
	}
	return otherIP
}
