package streams

import (
	"strconv"
	"unicode/utf8"
)

// appendText appends b as text that is safe on a terminal: line ends, tabs and
// printable characters as they are, a backslash doubled, and everything else
// (control characters, what is not UTF-8, invisible and direction-changing
// characters) escaped as in a Go string.
func appendText(dst, b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == '\n' || r == '\t':
			dst = append(dst, byte(r))
		case r == '\r' && len(b) > 1 && b[1] == '\n':
			// A line end: the newline follows.
		case r == '\\':
			dst = append(dst, `\\`...)
		case r == utf8.RuneError && n == 1:
			dst = append(dst, '\\', 'x', "0123456789abcdef"[b[0]>>4], "0123456789abcdef"[b[0]&15])
		case strconv.IsPrint(r):
			dst = append(dst, b[:n]...)
		default:
			quoted := strconv.QuoteRune(r)
			dst = append(dst, quoted[1:len(quoted)-1]...)
		}
		b = b[n:]
	}
	return dst
}
