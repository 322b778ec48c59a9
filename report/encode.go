package report

import (
	"strconv"

	"tcpreplay-fsm/internal/jsonenc"
)

// The encoder appends to a byte slice, because encoding/json spends most of a
// report's time on reflection.

// appendSeconds appends nanoseconds as a number of seconds.
func appendSeconds(b []byte, ns int64) []byte {
	return strconv.AppendFloat(b, float64(ns)/1e9, 'f', -1, 64)
}

// object appends the members of one JSON object.
type object struct {
	b     []byte
	comma bool
}

// next begins a member or an element.
func (o *object) next() {
	if o.comma {
		o.b = append(o.b, ',')
	}
	o.comma = true
}

func (o *object) key(name string) {
	o.next()
	o.b = jsonenc.AppendString(o.b, name)
	o.b = append(o.b, ':')
}

// open begins the value of name, an object or an array; close ends it.
func (o *object) open(name string, bracket byte) {
	o.key(name)
	o.b = append(o.b, bracket)
	o.comma = false
}

// element begins the next element of an array, an object or an array.
func (o *object) element(bracket byte) {
	o.next()
	o.b = append(o.b, bracket)
	o.comma = false
}

func (o *object) close(bracket byte) {
	o.b = append(o.b, bracket)
	o.comma = true
}

func (o *object) string(name, v string)         { o.key(name); o.b = jsonenc.AppendString(o.b, v) }
func (o *object) int(name string, v int64)      { o.key(name); o.number(v) }
func (o *object) null(name string)              { o.key(name); o.b = append(o.b, "null"...) }
func (o *object) number(v int64)                { o.b = strconv.AppendInt(o.b, v, 10) }
func (o *object) unsigned(v uint64)             { o.b = strconv.AppendUint(o.b, v, 10) }
func (o *object) bool(name string, v bool)      { o.key(name); o.b = strconv.AppendBool(o.b, v) }
func (o *object) time(name string, ns int64)    { o.key(name); o.b = jsonenc.AppendTime(o.b, ns) }
func (o *object) seconds(name string, ns int64) { o.key(name); o.b = appendSeconds(o.b, ns) }
func (o *object) strings(name string, vs []string) {
	o.open(name, '[')
	for _, v := range vs {
		o.next()
		o.b = jsonenc.AppendString(o.b, v)
	}
	o.close(']')
}

func (o *object) ints(name string, vs []int) {
	o.open(name, '[')
	for _, v := range vs {
		o.next()
		o.number(int64(v))
	}
	o.close(']')
}
