package filter

import (
	"fmt"
	"slices"
	"strings"
)

// A builder makes the tests of an expression for a layout. Builders run in the
// order of the text, as "vlan" changes the layout.
type builder func(*layout) *tree

// maxDepth is how deep parentheses, negations and arithmetic may nest.
const maxDepth = 100

type parser struct {
	expr   string
	tokens []token
	next   int
	depth  int
}

// parse reads an expression. "and" and "or" bind alike, from left to right.
func parse(expr string) (b builder, err error) {
	if len(expr) > maxExpr {
		return nil, &Error{1, fmt.Sprintf("the expression is longer than %d bytes", maxExpr)}
	}
	p := &parser{expr: expr}
	if p.tokens, err = lex(expr); err != nil {
		return nil, err
	}
	if p.peek().kind == end {
		return func(*layout) *tree { return always }, nil
	}
	// Grammar rules give up by panicking with an *Error: it saves an error check
	// in each line of them.
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			b, err = nil, e
		}
	}()
	b = p.expression(qualifiers{})
	if t := p.peek(); t.kind != end {
		p.fail(t, `unexpected %q: "and" or "or" is missing`, t.text)
	}
	return b, nil
}

func (p *parser) fail(t *token, format string, args ...any) {
	panic(failAt(p.expr, t.at, format, args...))
}

// unqualified refuses a word that says nothing by itself.
func (p *parser) unqualified(t *token) {
	p.refuseField(t)
	p.fail(t, "%q has no qualifier before it, such as host, net or port", t.text)
}

// refuseField tells who writes a field such as tcp.port which language this is.
func (p *parser) refuseField(t *token) {
	if proto, field, _ := strings.Cut(t.text, "."); field != "" && t.kind == name && slices.Contains(displayProtocols, proto) {
		p.fail(t, "%q is of Wireshark's display filters; this is tcpdump's language: host 10.0.0.1 and port 443, tcp[tcpflags] & tcp-rst != 0", t.text)
	}
}

// displayProtocols are those whose fields display filters name most.
var displayProtocols = []string{"eth", "frame", "ip", "ipv6", "tcp", "udp", "icmp", "vlan", "http", "tls", "dns"}

func (p *parser) peek() *token { return &p.tokens[p.next] }

// take returns the next token and moves on; the end stays.
func (p *parser) take() *token {
	t := p.peek()
	if t.kind != end {
		p.next++
	}
	return t
}

// accept takes the next token if it is text.
func (p *parser) accept(text string) bool {
	if p.peek().is(text) {
		p.next++
		return true
	}
	return false
}

func (p *parser) want(text string) {
	if t := p.peek(); !p.accept(text) {
		p.fail(t, "%q is missing before %s", text, shown(t))
	}
}

// shown names a token in an error.
func shown(t *token) string {
	if t.kind == end {
		return "the end"
	}
	return fmt.Sprintf("%q", t.text)
}

// deeper guards a rule that calls itself; the caller defers p.shallower.
func (p *parser) deeper() {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.peek(), "nested deeper than %d", maxDepth)
	}
}

func (p *parser) shallower() { p.depth-- }

// expression reads terms with and and or between. A bare value after the first
// takes the qualifiers of the term before it, so they are passed along.
func (p *parser) expression(q qualifiers) builder {
	b, q := p.term(q)
	for {
		combine, ok := p.conjunction()
		if !ok {
			return b
		}
		a := b
		if p.bareValue() {
			b = p.value(q)
		} else {
			b, q = p.term(q)
		}
		b = combined(combine, a, b)
	}
}

func (p *parser) conjunction() (combine func(a, b *tree) *tree, ok bool) {
	switch {
	case p.accept("and"):
		return and, true
	case p.accept("or"):
		return or, true
	}
	return nil, false
}

func combined(combine func(a, b *tree) *tree, a, b builder) builder {
	return func(l *layout) *tree {
		left := a(l)
		return combine(left, b(l))
	}
}

func negated(b builder) builder { return func(l *layout) *tree { return not(b(l)) } }

// bareValue tells whether what follows is a value without qualifiers rather than
// a term. A number may also begin a relation.
func (p *parser) bareValue() bool {
	i := p.next
	for p.tokens[i].is("(") || p.tokens[i].is("not") {
		i++
	}
	switch p.tokens[i].kind {
	case name, ip4, ip6, mac:
		return true
	case number:
		for i++; p.tokens[i].is(")"); i++ {
		}
		return !isOperator(&p.tokens[i])
	}
	return false
}

// isOperator tells whether t can follow a number in arithmetic.
func isOperator(t *token) bool {
	if t.kind != symbol {
		return false
	}
	_, binary := operators[t.text]
	_, relation := relations[t.text]
	return binary || relation
}

// term reads what and and or combine, and returns the qualifiers that it lends
// to a bare value behind it.
func (p *parser) term(q qualifiers) (builder, qualifiers) {
	p.deeper()
	defer p.shallower()
	t := p.peek()
	switch {
	case t.is("not"):
		p.take()
		b, q := p.term(q)
		return negated(b), q
	case t.is("("):
		if t.pair < 0 {
			p.fail(t, "a parenthesis is not closed")
		}
		if isOperator(&p.tokens[t.pair+1]) {
			return p.relation(), qualifiers{}
		}
		p.take()
		b := p.expression(q)
		p.want(")")
		return b, q // what stood before the parenthesis, not what is in it
	case t.kind == number || t.is("-") || t.is("len"):
		return p.relation(), qualifiers{}
	}
	return p.primitive()
}

// primitive reads a term that begins with a word.
func (p *parser) primitive() (builder, qualifiers) {
	t := p.peek()
	if t.kind == keyword && slices.Contains(refusedNames, t.text) {
		p.fail(t, "%q is not supported", t.text)
	}
	switch t.text {
	case "less", "greater":
		if t.kind == keyword {
			return p.lengthTest(), qualifiers{}
		}
	case "vlan":
		if t.kind == keyword {
			return p.vlan(), qualifiers{}
		}
	}
	if proto, ok := protoNames[t.text]; ok && t.kind == keyword {
		follows := &p.tokens[p.next+1]
		if follows.is("[") {
			return p.relation(), qualifiers{}
		}
		if !isQualifier(follows) {
			p.take()
			if follows.kind == keyword && slices.Contains(refusedNames, follows.text) {
				p.fail(follows, "%q is not supported", follows.text)
			}
			if proto == protoLink {
				p.fail(t, "%q needs host, proto or [offset] after it", t.text)
			}
			return func(l *layout) *tree { return l.abbreviation(proto) }, qualifiers{}
		}
	} else if !isQualifier(t) {
		switch t.kind {
		case end:
			p.fail(t, "the expression is not complete")
		case ip4, ip6, mac, name:
			p.unqualified(t)
		}
		p.fail(t, "unexpected %q", t.text)
	}
	q := p.qualifiers()
	return p.value(q), q
}

func (p *parser) lengthTest() builder {
	less := p.take().text == "less"
	t := p.take()
	if t.kind != number {
		p.fail(t, "a number of bytes must follow, not %s", shown(t))
	}
	if less {
		return func(*layout) *tree { return not(&tree{test: test{load: length, op: greater, k: t.num}}) }
	}
	return func(*layout) *tree { return &tree{test: test{load: length, op: greaterEqual, k: t.num}} }
}

func (p *parser) vlan() builder {
	p.take()
	id := -1
	if t := p.peek(); t.is("(") || t.kind == number {
		n := p.plainNumber()
		if n.num > 4095 {
			p.fail(n, "VLAN %s is greater than 4095", n.text)
		}
		id = int(n.num)
	}
	return func(l *layout) *tree { return l.vlan(id) }
}

// plainNumber reads a number that may stand in parentheses.
func (p *parser) plainNumber() *token {
	p.deeper()
	defer p.shallower()
	t := p.take()
	if t.is("(") {
		t = p.plainNumber()
		p.want(")")
		return t
	}
	if t.kind != number {
		p.fail(t, "a number must follow, not %s", shown(t))
	}
	return t
}

func isQualifier(t *token) bool {
	if t.kind != keyword {
		return false
	}
	_, ok := placeNames[t.text]
	return ok || t.text == "src" || t.text == "dst" || t.text == "proto"
}

// qualifiers reads [proto] [direction] [place], at least one of the last two.
func (p *parser) qualifiers() qualifiers {
	q := qualifiers{place: anyPlace}
	if proto, ok := protoNames[p.peek().text]; ok && p.peek().kind == keyword {
		q.proto = proto
		p.take()
	}
	if p.accept("proto") {
		q.place = protoNumber
		return q
	}
	q.dir = p.direction()
	if at, ok := placeNames[p.peek().text]; ok && p.peek().kind == keyword {
		q.place = at
		p.take()
	}
	return q
}

func (p *parser) direction() direction {
	t := p.peek()
	var one, other string
	d := srcOnly
	switch {
	case t.is("src"):
		one, other = "src", "dst"
	case t.is("dst"):
		one, other, d = "dst", "src", dstOnly
	default:
		return anyDirection
	}
	p.take()
	if c := p.peek(); c.is("and") || c.is("or") {
		p.take()
		if t := p.peek(); !p.accept(other) {
			p.fail(t, "after %q must follow %q", one+" "+c.text, other)
		}
		if c.is("and") {
			return srcAndDst
		}
		return anyDirection
	}
	return d
}
