package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable returns s safe for a terminal and on one line. File names and
// packet comments come from strangers: a control character could move the
// cursor or rename the window, a bidirectional or invisible one could make a
// line read as something it is not. They are written as \x1b or \u{202e}; line
// ends and tabs become spaces.
func printable(s string) string {
	if isPrintable(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case !unprintable(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
		i += size
	}
	return b.String()
}

// isPrintable reports whether nothing in s is unprintable. Nearly all that a report
// says is ASCII, which a look at the bytes tells in a fifth of the time.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return !strings.ContainsFunc(s[i:], unprintable)
		}
	}
	return true
}

// unprintable is what must not reach a terminal as it is: everything but
// letters, marks, numbers, punctuation, symbols and the ASCII space. That
// leaves out controls, the bidirectional and invisible format characters, the
// line separators and the private use areas. RuneError stands for bytes that
// are not UTF-8.
func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// wrap breaks s into lines of at most width columns at spaces, each made
// printable. Paragraphs (lines of s) stay apart. A word that is too long for a
// line stands alone and overflows, as an address that is cut is of no use.
func wrap(s string, width int) []string {
	var lines []string
	for para := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		line, used := "", 0
		for word := range strings.FieldsSeq(printable(para)) {
			n := utf8.RuneCountInString(word)
			if used > 0 && used+1+n > width {
				lines = append(lines, line)
				line, used = "", 0
			}
			if used > 0 {
				line, used = line+" ", used+1
			}
			line, used = line+word, used+n
		}
		lines = append(lines, line)
	}
	return lines
}

// columns is how many terminal columns a printable s takes, by its runes.
func columns(s string) int { return utf8.RuneCountInString(s) }

// pad fills s with spaces on the right to n columns.
func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-columns(s))) }

// padLeft fills s with spaces on the left to n columns.
func padLeft(s string, n int) string { return strings.Repeat(" ", max(0, n-columns(s))) + s }
