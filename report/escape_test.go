package report

import (
	"testing"
	"unicode"
)

func TestPrintable(t *testing.T) {
	for _, tt := range [][2]string{
		{"plain", "plain"}, {"größer ✓ 日本", "größer ✓ 日本"}, {"a\tb\nc", "a b c"},
		{"\x00\x1b\x7f\u009b", `\x00\x1b\x7f\x9b`}, {"\xc3(", `\xc3(`}, {"\u200b\u2066\ufeff\u2028", `\u{200b}\u{2066}\u{feff}\u{2028}`},
		{"\U000f0000", `\u{f0000}`}, {"\ufffd", `\u{fffd}`},
	} {
		if got := printable(tt[0]); got != tt[1] {
			t.Errorf("printable(%q) = %q, want %q", tt[0], got, tt[1])
		}
	}
}

func TestWrap(t *testing.T) {
	got := wrap("one two  three\nfour fiiiiiiiiive\n", 9)
	want := []string{"one two", "three", "four", "fiiiiiiiiive"}
	if len(got) != len(want) {
		t.Fatalf("wrap gives %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d is %q, want %q", i, got[i], want[i])
		}
	}
}

// Whatever a capture holds, lines of text stay lines of text.
func FuzzWrap(f *testing.F) {
	f.Add("evil \x1b[2J\u202e text\r\n\x00", 20)
	f.Fuzz(func(t *testing.T, s string, width int) {
		for _, line := range wrap(s, width) {
			words := 0
			for _, r := range line {
				if !unicode.IsPrint(r) {
					t.Errorf("wrap(%q) lets %q through", s, r)
				}
				if r == ' ' {
					words++
				}
			}
			if words > 0 && columns(line) > width {
				t.Errorf("wrap(%q, %d): %q has %d columns", s, width, line, columns(line))
			}
		}
	})
}
