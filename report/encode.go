package report

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// The encoder appends to a byte slice, because encoding/json spends most of a
// report's time on reflection. FuzzString holds it to encoding/json's output.

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string, byte for byte as encoding/json does
// with EscapeHTML off, but with "<" escaped as well, so that a report may stand
// inside a script element. Bytes that are not UTF-8 become U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != '<' {
				i++
				continue
			}
			b = append(b, s[done:i]...)
			b = appendEscaped(b, c)
			i++
			done = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, s[done:i]...)
			b = append(b, `\ufffd`...)
			done = i + size
		case r == '\u2028' || r == '\u2029': // line ends to JavaScript
			b = append(b, s[done:i]...)
			b = append(b, `\u202`...)
			b = append(b, hexDigits[r&0xf])
			done = i + size
		}
		i += size
	}
	b = append(b, s[done:]...)
	return append(b, '"')
}

func appendEscaped(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}

// timeLayout is RFC 3339 with all nine digits, so that columns line up.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

// appendTime appends Unix nanoseconds as a JSON string.
func appendTime(b []byte, ns int64) []byte {
	b = append(b, '"')
	b = time.Unix(0, ns).UTC().AppendFormat(b, timeLayout)
	return append(b, '"')
}

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
	o.b = appendString(o.b, name)
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

func (o *object) string(name, v string)         { o.key(name); o.b = appendString(o.b, v) }
func (o *object) int(name string, v int64)      { o.key(name); o.number(v) }
func (o *object) null(name string)              { o.key(name); o.b = append(o.b, "null"...) }
func (o *object) number(v int64)                { o.b = strconv.AppendInt(o.b, v, 10) }
func (o *object) unsigned(v uint64)             { o.b = strconv.AppendUint(o.b, v, 10) }
func (o *object) bool(name string, v bool)      { o.key(name); o.b = strconv.AppendBool(o.b, v) }
func (o *object) time(name string, ns int64)    { o.key(name); o.b = appendTime(o.b, ns) }
func (o *object) seconds(name string, ns int64) { o.key(name); o.b = appendSeconds(o.b, ns) }
func (o *object) strings(name string, vs []string) {
	o.open(name, '[')
	for _, v := range vs {
		o.next()
		o.b = appendString(o.b, v)
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
