package filter

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzFilter holds that compiling ends with a filter or an error that points into
// the expression; that a verdict is repeatable and negation turns it round, but
// for frames on which a load fails; and that no byte beyond a frame is read.
func FuzzFilter(f *testing.F) {
	v4, v6 := packets()
	for i, expr := range expressions {
		f.Add(expr, uint32(links[i%len(links)]), v4[i%len(v4)])
		f.Add(expr, uint32(1), bytesOf(make([]byte, 12), uint16(0x86dd), v6[i%len(v6)]))
	}
	for _, c := range refused {
		f.Add(c.expr, uint32(1), []byte(nil))
	}
	f.Fuzz(func(t *testing.T, expr string, link uint32, data []byte) {
		filter, err := Compile(expr)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Column < 1 || e.Column > utf8.RuneCountInString(expr)+1 || e.Msg == "" {
				t.Fatalf("Compile(%q): %#v", expr, err)
			}
			return
		}
		got := filter.Match(link, data, len(data))
		if got != filter.Match(link, data[:len(data):len(data)], len(data)) {
			t.Fatalf("%q: two verdicts on one frame", expr)
		}
		i, known := layoutOf(link)
		if filter.Supports(link) != nil || !known {
			if got {
				t.Fatalf("%q matches link type %d, which it does not support", expr, link)
			}
			return
		}
		if strings.TrimSpace(expr) == "" {
			return
		}
		negated, err := Compile("not (" + expr + ")")
		if err != nil {
			if strings.Contains(err.Error(), "nested deeper") || len(expr) > maxExpr-10 {
				return
			}
			t.Fatalf("%q compiles, its negation does not: %v", expr, err)
		}
		end := filter.programs[i].code.run(data, uint32(len(data)))
		if not := negated.Match(link, data, len(data)); not != (end == reject) {
			t.Fatalf("%q ends with %d, its negation matches: %v", expr, end, not)
		}
	})
}
