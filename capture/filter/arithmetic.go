package filter

// A relation compares two values.
type relation struct {
	op   op
	a, b *value
}

// holds compares. It fails if a value has none.
func (r *relation) holds(data []byte, wireLen uint32) (holds, ok bool) {
	a, ok := r.a.eval(data, wireLen)
	if !ok {
		return false, false
	}
	b, ok := r.b.eval(data, wireLen)
	return ok && r.op.holds(a, b), ok
}

// A value is an arithmetic expression over 32-bit unsigned numbers.
type value struct {
	op   byte   // '#' number, 'L' length, '[' load, '~' negation, '{' and '}' shifts, or the operator itself
	a, b *value // operands; a is the index of a load

	constant bool
	k        uint32 // the value, if constant

	// Of loads.
	proto proto
	size  uint8
	base  uint32 // where the header is; set when a program is built
	ipAt  uint32 // where the IPv4 header is whose length is added
	hasIP bool

	registers int // that libpcap would need
	height    int
}

// eval computes v. It fails on a load outside of data and on a division by zero,
// as BPF does.
func (v *value) eval(data []byte, wireLen uint32) (uint32, bool) {
	switch {
	case v.constant:
		return v.k, true
	case v.op == 'L':
		return wireLen, true
	}
	a, ok := v.a.eval(data, wireLen)
	if !ok {
		return 0, false
	}
	switch v.op {
	case '~':
		return -a, true
	case '[':
		if v.hasIP {
			n, ok := ipHeaderLen(data, v.ipAt)
			if !ok {
				return 0, false
			}
			a += n // wraps
		}
		return fetch(data, uint64(a)+uint64(v.base), v.size)
	}
	b, ok := v.b.eval(data, wireLen)
	if !ok {
		return 0, false
	}
	return calculate(v.op, a, b)
}

func calculate(op byte, a, b uint32) (uint32, bool) {
	switch op {
	case '+':
		return a + b, true
	case '-':
		return a - b, true
	case '*':
		return a * b, true
	case '/':
		if b == 0 {
			return 0, false
		}
		return a / b, true
	case '%':
		if b == 0 {
			return 0, false
		}
		return a % b, true
	case '&':
		return a & b, true
	case '|':
		return a | b, true
	case '^':
		return a ^ b, true
	case '{':
		return a << b, true // Go, like BPF, shifts everything out
	}
	return a >> b, true
}

// firstImmediate returns the number that v's code would begin with.
func (v *value) firstImmediate() (k uint32, ok bool) {
	for v.a != nil {
		v = v.a
	}
	return v.k, v.op == '#'
}

// relate builds "a op b". First come the protocol checks of both sides, then the
// loads: a check that fails is a plain no, but a load that fails ends it all.
func (l *layout) relate(o op, negate bool, a, b *value) *tree {
	a, checkA := l.place(a)
	b, checkB := l.place(b)
	t := &tree{test: test{load: loadRelation, relation: &relation{o, a, b}}}
	if negate {
		t = not(t)
	}
	if check := both(checkA, checkB); check != nil {
		t = and(check, t)
	}
	return t
}

// both is a and b, where either may be nil.
func both(a, b *tree) *tree {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return and(a, b)
}

// place returns v with the offsets of l, and the checks that its loads need, nil
// for none.
func (l *layout) place(v *value) (*value, *tree) {
	if v.a == nil {
		return v, nil
	}
	w := *v
	var check *tree
	w.a, check = l.place(v.a)
	if v.b != nil {
		// libpcap keeps the checks of the left operand only: in "1 * tcp[13]" the
		// byte is loaded from whatever the frame is.
		w.b, _ = l.place(v.b)
	}
	if v.op != '[' {
		return &w, check
	}
	switch v.proto {
	case protoLink:
		return &w, check
	case protoIP, protoIP6, protoARP, protoRARP:
		w.base = l.net
		return &w, both(check, l.abbreviation(v.proto))
	case protoICMP6:
		w.base = l.net + 40
		check = both(check, l.abbreviation(protoIP6))
		return &w, both(check, compare(byte1, l.net+6, numICMP6))
	}
	w.base, w.ipAt, w.hasIP = l.net, l.net, true
	check = both(check, and(l.abbreviation(v.proto), l.firstFragment()))
	return &w, and(l.abbreviation(protoIP), check)
}
