package capture

import "tcpreplay-fsm/tcp"

// icmpv4 decodes errors of RFC 792 that quote a TCP segment.
func (d *Decoder) icmpv4(b []byte) reason {
	if len(b) < 8 {
		return truncated
	}
	const unreachable, sourceQuench, timeExceeded, parameterProblem = 3, 4, 11, 12
	const portUnreachable, fragNeeded = 3, 4
	kind, code := b[0], b[1]
	e := tcp.ICMPError{Type: kind, Code: code}
	switch {
	case kind == unreachable && code == portUnreachable:
		e.Kind = tcp.ICMPPortUnreachable
	case kind == unreachable && code == fragNeeded:
		e.Kind = tcp.ICMPFragNeeded
		e.MTU = uint32(be16(b[6:])) // RFC 1191 section 4
	case kind == unreachable:
		e.Kind = tcp.ICMPUnreachable
	case kind == timeExceeded:
		e.Kind = tcp.ICMPTimeExceeded
	case kind == sourceQuench, kind == parameterProblem:
		e.Kind = tcp.ICMPOther
	default:
		return icmpOther
	}
	quote := b[8:]
	if len(quote) < ipv4HeaderLen || quote[0]>>4 != 4 || quote[9] != protoTCP || be16(quote[6:])&0x1fff != 0 {
		return icmpOther
	}
	header := int(quote[0]&0xf) * 4
	if header < ipv4HeaderLen || len(quote) < header {
		return icmpOther
	}
	e.Quoted.Src, e.Quoted.Dst = tcp.AddrFrom4(quote[12:]), tcp.AddrFrom4(quote[16:])
	return d.quoted(&e, quote[header:])
}

// icmpv6 decodes errors of RFC 4443 section 3 that quote a TCP segment.
func (d *Decoder) icmpv6(b []byte) reason {
	if len(b) < 8 {
		return truncated
	}
	const unreachable, tooBig, timeExceeded, parameterProblem = 1, 2, 3, 4
	const portUnreachable = 4
	kind, code := b[0], b[1]
	e := tcp.ICMPError{Type: kind, Code: code}
	switch {
	case kind == unreachable && code == portUnreachable:
		e.Kind = tcp.ICMPPortUnreachable
	case kind == unreachable:
		e.Kind = tcp.ICMPUnreachable
	case kind == tooBig:
		e.Kind = tcp.ICMPFragNeeded
		e.MTU = be32(b[4:])
	case kind == timeExceeded:
		e.Kind = tcp.ICMPTimeExceeded
	case kind == parameterProblem:
		e.Kind = tcp.ICMPOther
	default:
		return icmpOther
	}
	quote := b[8:]
	if len(quote) < ipv6HeaderLen || quote[0]>>4 != 6 {
		return icmpOther
	}
	e.Quoted.Src, e.Quoted.Dst = tcp.AddrFrom16(quote[8:]), tcp.AddrFrom16(quote[24:])
	next, rest := quote[6], quote[ipv6HeaderLen:]
	for {
		length, ok := extensionLen(next, rest)
		if !ok || next == protoFragment && be16(rest[2:])&^7 != 0 {
			return icmpOther
		}
		if length == 0 {
			break
		}
		next, rest = rest[0], rest[length:]
	}
	if next != protoTCP {
		return icmpOther
	}
	return d.quoted(&e, rest)
}

// quoted takes what RFC 792 promises of the quoted header: ports and sequence
// number.
func (d *Decoder) quoted(e *tcp.ICMPError, header []byte) reason {
	if len(header) < 8 {
		return icmpOther
	}
	s := &d.segment
	e.Frame, e.Time, e.From, e.Scope = s.Frame, s.Time, s.Tuple.Src, s.Scope
	e.Quoted.SrcPort, e.Quoted.DstPort = be16(header), be16(header[2:])
	e.Seq = tcp.Seq(be32(header[4:]))
	d.icmp = *e
	return icmpError
}
