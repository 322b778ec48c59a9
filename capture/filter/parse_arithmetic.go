package filter

// operators are the binary operators by how tightly they bind, as libpcap's
// grammar has it. % and ^ have no place in its order: they always take what is
// to their left and then all that follows, so that 1 ^ 2 + 3 is 1 ^ (2 + 3) and
// 4 * 5 % 3 is 4 * (5 % 3).
var operators = map[string]struct {
	binds int
	op    byte
}{
	"|": {1, '|'}, "&": {2, '&'}, "<<": {3, '{'}, ">>": {3, '}'}, "+": {4, '+'}, "-": {4, '-'}, "*": {5, '*'}, "/": {5, '/'},
	"%": {0, '%'}, "^": {0, '^'},
}

const negationBinds = 6

// relations are the comparisons; those of libpcap are three, and their opposites.
var relations = map[string]struct {
	op     op
	negate bool
}{
	"=": {equal, false}, "!=": {equal, true}, ">": {greater, false}, "<=": {greater, true}, ">=": {greaterEqual, false}, "<": {greaterEqual, true},
}

// maxRegisters is how many values BPF programs can hold at a time.
const maxRegisters = 16

func (p *parser) relation() builder {
	a := p.arithmetic(1)
	t := p.take()
	r, ok := relations[t.text]
	if !ok || t.kind != symbol {
		p.fail(t, "a comparison such as = or > must follow, not %s", shown(t))
	}
	b := p.arithmetic(1)
	if max(a.registers, b.registers+1) > maxRegisters {
		p.fail(t, "the comparison is too complex")
	}
	return func(l *layout) *tree { return l.relate(r.op, r.negate, a, b) }
}

// arithmetic reads operands and those operators that bind at least so tightly.
func (p *parser) arithmetic(binds int) *value {
	p.deeper()
	defer p.shallower()
	a := p.operand()
	for {
		t := p.peek()
		o, ok := operators[t.text]
		if !ok || t.kind != symbol || o.binds != 0 && o.binds < binds {
			return a
		}
		p.take()
		b := p.arithmetic(o.binds + 1)
		if b.constant {
			p.checkOperand(t, o.op, b.k)
		}
		if k, ok := b.firstImmediate(); ok {
			// libpcap looks at the first number in the code of the right side, even
			// where it is not all of it: tcp[13] / tcp[0] is refused.
			p.checkOperand(t, o.op, k)
		}
		a = &value{op: o.op, a: a, b: b, registers: max(a.registers, b.registers+1), height: max(a.height, b.height) + 1}
		if a.a.constant && b.constant {
			a.constant = true
			a.k, _ = calculate(a.op, a.a.k, b.k)
		}
		if a.registers > maxRegisters || a.height > maxDepth {
			p.fail(t, "the arithmetic is too complex")
		}
	}
}

func (p *parser) checkOperand(t *token, op byte, k uint32) {
	switch {
	case (op == '/' || op == '%') && k == 0:
		p.fail(t, "division by zero")
	case (op == '{' || op == '}') && k > 31:
		p.fail(t, "shift by more than 31 bits")
	}
}

func (p *parser) operand() *value {
	t := p.take()
	switch {
	case t.is("-"):
		a := p.arithmetic(negationBinds)
		return &value{op: '~', a: a, k: -a.k, constant: a.constant, registers: a.registers, height: a.height + 1}
	case t.is("("):
		v := p.arithmetic(1)
		p.want(")")
		return v
	case t.is("len"):
		return &value{op: 'L', registers: 1}
	case t.kind == number:
		return &value{op: '#', k: t.num, constant: true, registers: 1}
	}
	proto, ok := protoNames[t.text]
	if !ok || t.kind != keyword || !p.peek().is("[") {
		p.fail(t, "a number, len or a load such as tcp[13] must follow, not %s", shown(t))
	}
	switch proto {
	case protoPIM, protoAH, protoESP:
		p.fail(t, "the bytes of %s cannot be loaded", t.text)
	}
	return p.load(proto)
}

// load reads the index and size of a load.
func (p *parser) load(proto proto) *value {
	p.want("[")
	t := p.peek()
	index := p.arithmetic(1)
	if index.constant && index.k > 1<<31-1 {
		// Where it would point depends on whether libpcap optimizes.
		p.fail(t, "a negative offset is not supported")
	}
	v := &value{op: '[', a: index, proto: proto, size: 1, registers: index.registers, height: index.height + 1}
	if p.accept(":") {
		n := p.take()
		if n.kind != number || n.num != 1 && n.num != 2 && n.num != 4 {
			p.fail(n, "a size of 1, 2 or 4 must follow, not %s", shown(n))
		}
		v.size = uint8(n.num)
	}
	p.want("]")
	return v
}
