package filter

import (
	"fmt"
	"sync"
)

// maxExpr is how long an expression may be, in bytes.
const maxExpr = 64 << 10

// A Filter is a compiled expression. It is safe for concurrent use.
type Filter struct {
	build    builder
	programs [numLayouts]struct {
		once sync.Once
		code program
		err  error
	}
}

// An Error says what of an expression cannot be used.
type Error struct {
	Column int // of the word it is about, in characters, from 1
	Msg    string
}

func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Msg) }

// Compile reads an expression. An empty one matches every frame. Its error is an
// *Error.
func Compile(expr string) (*Filter, error) {
	b, err := parse(expr)
	if err != nil {
		return nil, err
	}
	return &Filter{build: b}, nil
}

// Supports returns nil if f can judge frames of the link type, and else why it
// cannot: some link types are unknown here, and some have no Ethernet addresses
// or no VLAN tags.
func (f *Filter) Supports(link uint32) error {
	i, ok := layoutOf(link)
	if !ok {
		return fmt.Errorf("filters do not know link type %d", link)
	}
	f.prepare(i)
	return f.programs[i].err
}

// Match tells whether a frame passes. The link type is the LINKTYPE value of the
// capture, data what was captured of the frame, and wireLen its length on the
// wire in bytes. Frames of a link type that f does not support do not pass.
// Nothing of data is kept.
func (f *Filter) Match(link uint32, data []byte, wireLen int) bool {
	i, ok := layoutOf(link)
	if !ok {
		return false
	}
	f.prepare(i)
	p := &f.programs[i]
	return p.err == nil && p.code.run(data, uint32(wireLen)) == accept
}

// prepare builds the program of a layout, once.
func (f *Filter) prepare(i int) {
	p := &f.programs[i]
	p.once.Do(func() {
		l := layouts[i]
		t := f.build(&l)
		if p.err = l.err; p.err == nil {
			p.code.entry = p.code.emit(t, accept, reject)
		}
	})
}
