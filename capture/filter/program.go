package filter

import "encoding/binary"

// A tree is a test, or trees that and, or and not combine.
type tree struct {
	kind kind
	a, b *tree
	test test
}

type kind uint8

const (
	isTest kind = iota
	isAnd
	isOr
	isNot
	isConst // test.k tells which
)

var (
	always = &tree{kind: isConst, test: test{k: 1}}
	never  = &tree{kind: isConst}
)

func and(a, b *tree) *tree { return &tree{kind: isAnd, a: a, b: b} }

func or(a, b *tree) *tree { return &tree{kind: isOr, a: a, b: b} }

func not(a *tree) *tree { return &tree{kind: isNot, a: a} }

// A test loads a value, masks it and compares it with k, in network byte order
// and unsigned.
type test struct {
	load         load
	op           op
	off, mask, k uint32
	relation     *relation // of loadRelation only, instead of the fields above
	yes, no      int32     // the tests that follow, or accept or reject
}

// load is what a test loads.
type load uint8

const (
	byte1 load = iota
	half
	word
	ipPayloadHalf // off is from the end of the IPv4 header at mask
	length        // on the wire
	loadRelation
)

// op is how a test or relation compares.
type op uint8

const (
	equal op = iota
	greaterEqual
	greater
	anyBit
)

func (o op) holds(v, k uint32) bool {
	switch o {
	case equal:
		return v == k
	case greaterEqual:
		return v >= k
	case greater:
		return v > k
	}
	return v&k != 0
}

func compare(w load, off, k uint32) *tree { return masked(w, off, 1<<32-1, k) }

func masked(w load, off, mask, k uint32) *tree {
	return &tree{test: test{load: w, off: off, mask: mask, k: k}}
}

// A program is a tree made flat.
type program struct {
	tests []test
	entry int32
}

// The ends of a program.
const (
	accept = -1
	reject = -2
	failed = -3 // a load or division had no value
)

// emit appends t to the program and returns its first test, or yes or no if t
// tests nothing.
func (p *program) emit(t *tree, yes, no int32) int32 {
	switch t.kind {
	case isAnd:
		return p.emit(t.a, p.emit(t.b, yes, no), no)
	case isOr:
		return p.emit(t.a, yes, p.emit(t.b, yes, no))
	case isNot:
		return p.emit(t.a, no, yes)
	case isConst:
		if t.test.k != 0 {
			return yes
		}
		return no
	}
	test := t.test
	test.yes, test.no = yes, no
	p.tests = append(p.tests, test)
	return int32(len(p.tests) - 1)
}

// run judges a frame and returns how it ended. Every test goes on to one that was emitted before it, so
// that it ends.
func (p *program) run(data []byte, wireLen uint32) (end int32) {
	next := p.entry
	for next >= 0 {
		t := &p.tests[next]
		var holds, ok bool
		switch t.load {
		case loadRelation:
			holds, ok = t.relation.holds(data, wireLen)
		case length:
			holds, ok = t.op.holds(wireLen, t.k), true
		case ipPayloadHalf:
			var v uint32
			if v, ok = ipHeaderLen(data, t.mask); ok {
				v, ok = fetch(data, uint64(v)+uint64(t.off), 2)
			}
			holds = t.op.holds(v, t.k)
		default:
			var v uint32
			v, ok = fetch(data, uint64(t.off), 1<<t.load)
			holds = t.op.holds(v&t.mask, t.k)
		}
		switch {
		case !ok:
			return failed
		case holds:
			next = t.yes
		default:
			next = t.no
		}
	}
	return next
}

// fetch reads 1, 2 or 4 bytes. It fails beyond the end of data.
func fetch(data []byte, off uint64, size uint8) (v uint32, ok bool) {
	if off+uint64(size) > uint64(len(data)) {
		return 0, false
	}
	switch size {
	case 1:
		return uint32(data[off]), true
	case 2:
		return uint32(binary.BigEndian.Uint16(data[off:])), true
	}
	return binary.BigEndian.Uint32(data[off:]), true
}

// ipHeaderLen returns the length in bytes that the IPv4 header at off claims.
func ipHeaderLen(data []byte, off uint32) (n uint32, ok bool) {
	if uint64(off) >= uint64(len(data)) {
		return 0, false
	}
	return uint32(data[off]&0xf) * 4, true
}
