package filter

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tokenKind is what a token is.
type tokenKind uint8

const (
	end    tokenKind = iota
	symbol           // text is the operator or bracket; && || == ! are and, or, =, not
	keyword
	name // a word without a meaning, or one after a backslash
	number
	ip4 // two to four numbers with dots between
	ip6
	mac
)

type token struct {
	kind tokenKind
	text string
	at   int    // in the expression, bytes
	num  uint32 // of a number, or of an ip4, then not yet shifted
	bits int    // of an ip4: 8 for each of its numbers
	addr netip.Addr
	mac  [6]byte
	pair int // of a parenthesis: the index of the other, or -1
}

func (t *token) is(text string) bool {
	return (t.kind == symbol || t.kind == keyword) && t.text == text
}

var symbols = []string{"&&", "||", "==", "!=", ">=", "<=", "<<", ">>", "+", "-", "*", "/", "%", ":", "[", "]", "!", "<", ">", "(", ")", "&", "|", "^", "="}

// lex cuts an expression into tokens, each the longest that fits, as libpcap's
// scanner does: 80-90 and len-5 are one word. The last is of kind end.
func lex(expr string) ([]token, error) {
	var out []token
	var open []int
	for at := 0; ; {
		for at < len(expr) && strings.IndexByte(" \r\n\t", expr[at]) >= 0 {
			at++
		}
		if at == len(expr) {
			return append(out, token{kind: end, at: at}), nil
		}
		t, err := lexOne(expr[at:])
		if err != nil {
			return nil, failAt(expr, at, "%v", err)
		}
		n := len(t.text)
		t.at, t.pair = at, -1
		switch {
		case t.kind == name && t.text[0] == '\\':
			t.text = t.text[1:]
		case t.kind == symbol || t.kind == keyword:
			t.text = canonical(t.text)
		}
		if t.is("(") {
			open = append(open, len(out))
		}
		if t.is(")") && len(open) > 0 {
			t.pair = open[len(open)-1]
			out[t.pair].pair = len(out)
			open = open[:len(open)-1]
		}
		out = append(out, t)
		at += n
	}
}

// canonical spells synonyms in one way.
func canonical(text string) string {
	switch text {
	case "&&":
		return "and"
	case "||":
		return "or"
	case "==":
		return "="
	case "!":
		return "not"
	case "length":
		return "len"
	}
	return text
}

func failAt(expr string, at int, format string, args ...any) *Error {
	return &Error{Column: utf8.RuneCountInString(expr[:at]) + 1, Msg: fmt.Sprintf(format, args...)}
}

func lexOne(s string) (token, error) {
	if s[0] == '\\' {
		n := strings.IndexAny(s, " !()\n\t")
		if n < 0 {
			n = len(s)
		}
		if n < 2 {
			return token{}, errors.New(`a name must follow \`)
		}
		return token{kind: name, text: s[:n]}, nil
	}
	w := wordPrefix(s)
	a := addressPrefix(s)
	if len(a.text) > len(w) || len(a.text) == len(w) && a.kind == mac {
		return a, nil
	}
	if w == "" {
		for _, sym := range symbols {
			if strings.HasPrefix(s, sym) {
				return token{kind: symbol, text: sym}, nil
			}
		}
		r, _ := utf8.DecodeRuneInString(s)
		return token{}, fmt.Errorf("%q has no meaning in a filter", r)
	}
	return wordToken(w)
}

// wordPrefix is the longest word that s begins with.
func wordPrefix(s string) string {
	n := 0
	for n < len(s) && (isAlnum(s[n]) || n > 0 && strings.IndexByte("-_.", s[n]) >= 0) {
		n++
	}
	return strings.TrimRight(s[:n], "-_")
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func wordToken(w string) (token, error) {
	t := token{kind: name, text: w}
	_, isProto := protoNames[w]
	_, isPlace := placeNames[w]
	if num, ok := numberNames[w]; ok {
		t.kind, t.num = number, num
		return t, nil
	}
	switch {
	case isProto || isPlace || slices.Contains(grammarNames, w) || slices.Contains(refusedNames, w):
		t.kind = keyword
	case isNumber(w):
		n, err := strconv.ParseUint(w, 0, 32)
		if err != nil {
			return t, fmt.Errorf("%q is no number of 32 bits", w)
		}
		t.kind, t.num = number, uint32(n)
	case strings.Trim(w, "0123456789.") == "" && strings.Count(w, ".") <= 3 && !strings.Contains("."+w+".", ".."):
		t.kind = ip4
		for part := range strings.SplitSeq(w, ".") {
			n, err := strconv.ParseUint(part, 10, 8)
			if err != nil {
				return t, fmt.Errorf("%q is no IPv4 address", w)
			}
			t.num = t.num<<8 | uint32(n)
			t.bits += 8
		}
	}
	return t, nil
}

// isNumber tells whether libpcap takes w for a number: digits, with 0x for
// hexadecimal or 0 for octal.
func isNumber(w string) bool {
	if len(w) > 2 && (w[:2] == "0x" || w[:2] == "0X") {
		return strings.Trim(w[2:], "0123456789abcdefABCDEF") == ""
	}
	return strings.Trim(w, "0123456789") == ""
}

// maxAddress is the longest text of an IPv6 address.
const maxAddress = 45

// addressPrefix is the longest Ethernet or IPv6 address that s begins with; its
// text is empty if there is none.
func addressPrefix(s string) token {
	n := 0
	for n < len(s) && n < maxAddress && strings.IndexByte("0123456789abcdefABCDEF:.-", s[n]) >= 0 {
		n++
	}
	for ; n >= 2; n-- {
		if m, ok := parseMAC(s[:n]); ok {
			return token{kind: mac, text: s[:n], mac: m}
		}
		if strings.IndexByte(s[:n], ':') < 0 {
			continue
		}
		if a, err := netip.ParseAddr(s[:n]); err == nil {
			return token{kind: ip6, text: s[:n], addr: a}
		}
	}
	return token{}
}

// parseMAC reads the spellings of an Ethernet address: six numbers of one or two
// hexadecimal digits with colons, dashes or dots between, three of four digits
// with dots, or twelve digits.
func parseMAC(s string) (m [6]byte, ok bool) {
	var digits string
	switch {
	case len(s) == 12:
		digits = s
	case len(s) == 14 && strings.Count(s, ".") == 2 && s[4] == '.' && s[9] == '.':
		digits = s[:4] + s[5:9] + s[10:]
	}
	if digits != "" {
		if n, err := hex.Decode(m[:], []byte(digits)); err == nil && n == len(m) {
			return m, true
		}
	}
	for _, sep := range []string{":", "-", "."} {
		parts := strings.Split(s, sep)
		if len(parts) != len(m) {
			continue
		}
		ok = true
		for i, part := range parts {
			n, err := strconv.ParseUint(part, 16, 8)
			m[i], ok = byte(n), ok && err == nil && len(part) <= 2
		}
		return m, ok
	}
	return m, false
}
