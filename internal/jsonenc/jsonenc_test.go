package jsonenc

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// AppendString gives what encoding/json does, but for "<".
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "plain", "a\"b\\c/<>&", "\x00\b\f\n\r\t\x1f\x7f", "\u2028\u2029\ufffd", "\xff\xc3(", "日本 \U0001f600 \xed\xa0\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		got := AppendString(nil, s)
		if w := strings.ReplaceAll(strings.TrimSuffix(want.String(), "\n"), "<", `\u003c`); string(got) != w {
			t.Errorf("AppendString(%q) = %s, encoding/json says %s", s, got, w)
		}
	})
}
