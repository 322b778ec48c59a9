package filter

import "net/netip"

// value reads what qualifiers apply to: one address, port, number or name, a
// negated one, or several in parentheses.
func (p *parser) value(q qualifiers) builder {
	p.deeper()
	defer p.shallower()
	switch {
	case p.accept("not"):
		return negated(p.value(q))
	case !p.peek().is("("):
		return p.single(q)
	}
	if inner := p.next + 1; p.tokens[inner].kind == number || p.tokens[inner].is("(") {
		// "(80)" and "((80) or 443)", but not "((a or b) or c)".
		return p.parenthesized(q)
	}
	p.take()
	return p.alternatives(p.value(q), q)
}

// parenthesized reads a list in parentheses that begins with a number.
func (p *parser) parenthesized(q qualifiers) builder {
	at := p.next
	for p.tokens[at].is("(") {
		at++
	}
	if n := &p.tokens[at]; n.kind != number {
		p.fail(n, "only numbers may begin with two parentheses, not %s", shown(n))
	}
	p.take()
	return p.alternatives(p.number(p.plainNumber(), q), q)
}

// alternatives reads the rest of a list, if there is one, and its closing parenthesis.
func (p *parser) alternatives(b builder, q qualifiers) builder {
	for {
		combine, ok := p.conjunction()
		if !ok {
			p.want(")")
			return b
		}
		b = combined(combine, b, p.value(q))
	}
}

// single reads one value.
func (p *parser) single(q qualifiers) builder {
	t := p.take()
	if q.place == noPlace && t.kind != end {
		p.unqualified(t)
	}
	switch t.kind {
	case number:
		return p.number(t, q)
	case ip4:
		return p.ip4(t, q)
	case ip6:
		return p.ip6(t, q)
	case mac:
		if q.proto != protoLink || q.place != host && q.place != anyPlace {
			p.fail(t, "an Ethernet address needs ether host before it")
		}
		return func(l *layout) *tree { return l.etherHost(q.dir, t.mac) }
	case name:
		if q.place != host {
			p.refuseField(t)
		}
		return p.named(t, q)
	}
	p.fail(t, "a value must follow, not %s", shown(t))
	return nil
}

// number reads a bare number: an address, a port or a protocol.
func (p *parser) number(t *token, q qualifiers) builder {
	switch q.place {
	case noPlace:
		p.unqualified(t)
	case port, portRange:
		return p.ports(t, q, t.num, t.num)
	case protoNumber:
		return p.protocol(t, q, t.num)
	case network: // a short network number is made long
		addr, mask := t.num, uint32(1<<32-1)
		for addr != 0 && addr>>24 == 0 {
			addr, mask = addr<<8, mask<<8
		}
		return p.host4(t, q, addr, mask)
	}
	return p.host4(t, q, t.num, 1<<32-1)
}

func (p *parser) ip4(t *token, q qualifiers) builder {
	addr, mask := t.long()
	masked := true
	switch {
	case p.accept("/"):
		mask = ^uint32(1<<(32-p.prefixLength(32)) - 1)
	case p.accept("mask"):
		m := p.take()
		if m.kind != ip4 {
			p.fail(m, "a mask must follow, not %s", shown(m))
		}
		mask, _ = m.long()
	default:
		masked = false
	}
	if masked && q.place != network {
		p.fail(t, "a mask needs net before the address")
	}
	if addr&^mask != 0 {
		p.fail(t, "%q has bits set that are not of the network", t.text)
	}
	return p.host4(t, q, addr, mask)
}

// prefixLength reads what follows the slash of an address of so many bits.
func (p *parser) prefixLength(bits uint32) uint32 {
	n := p.take()
	if n.kind != number || n.num > bits {
		p.fail(n, "a prefix length of at most %d must follow, not %s", bits, shown(n))
	}
	return n.num
}

// long returns an address of one to four numbers in 32 bits, and the mask of
// what was written.
func (t *token) long() (addr, mask uint32) {
	shift := 32 - t.bits
	return t.num << shift, uint32(1<<32-1) << shift
}

func (p *parser) host4(t *token, q qualifiers, addr, mask uint32) builder {
	p.checkPlace(t, q)
	switch q.proto {
	case anyProto, protoIP, protoARP, protoRARP:
		return func(l *layout) *tree { return l.host4(q.proto, q.dir, addr, mask) }
	}
	p.fail(t, "the protocol before it does not go with an IPv4 address")
	return nil
}

// checkPlace refuses an address after port, portrange or proto.
func (p *parser) checkPlace(t *token, q qualifiers) {
	switch q.place {
	case port, portRange, protoNumber:
		p.fail(t, "%q is an address, not a number or name", t.text)
	}
}

func (p *parser) ip6(t *token, q qualifiers) builder {
	p.checkPlace(t, q)
	bits := 128
	if p.accept("/") {
		bits = int(p.prefixLength(128))
	}
	if bits != 128 && q.place != network {
		p.fail(t, "a prefix length needs net before the address")
	}
	net := netip.PrefixFrom(t.addr, bits)
	b := t.addr.As16()
	for i, m := range maskOf(bits) {
		if b[i]&^m != 0 {
			p.fail(t, "%q has bits set that are not of the network", t.text)
		}
	}
	if q.proto != anyProto && q.proto != protoIP6 {
		p.fail(t, "the protocol before it does not go with an IPv6 address")
	}
	return func(l *layout) *tree { return l.host6(q.dir, net) }
}

func (p *parser) ports(t *token, q qualifiers, lo, hi uint32) builder {
	switch q.proto {
	case anyProto, protoTCP, protoUDP, protoSCTP:
	default:
		p.fail(t, "only tcp, udp and sctp have ports")
	}
	if lo > hi {
		lo, hi = hi, lo
	}
	if hi > 65535 {
		p.fail(t, "port %d is greater than 65535", hi)
	}
	return func(l *layout) *tree { return l.ports(q.proto, q.dir, lo, hi) }
}

func (p *parser) protocol(t *token, q qualifiers, n uint32) builder {
	switch q.proto {
	case protoLink:
		// Up to 1500 the field is a length and libpcap looks at the 802.2 header;
		// AppleTalk may also come in an 802.2 header.
		if n <= 1500 || n > 65535 || n == 0x809b || n == 0x80f3 {
			p.fail(t, "ether proto %s is not supported", t.text)
		}
		return func(l *layout) *tree { return l.is(l, n) }
	case anyProto, protoIP, protoIP6:
		if n > 255 {
			p.fail(t, "protocol %s is greater than 255", t.text)
		}
		return func(l *layout) *tree { return l.carries(q.proto, n) }
	}
	p.fail(t, "only ether, ip and ip6 can stand before proto")
	return nil
}
