package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"tcpreplay-fsm/internal/golden"
)

// example is a command in README.md and the output that is shown under it, from
// the "$ " line to the end of its block.
var example = regexp.MustCompile("(?m)^```console\n\\$ ((?:go run ./cmd/)?tcpreplay-fsm .*)\n((?s:.*?))^```$")

// What README.md shows is what the command prints.
func TestReadme(t *testing.T) {
	t.Chdir("../..")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	current := example.ReplaceAllFunc(readme, func(block []byte) []byte {
		n++
		m := example.FindSubmatch(block)
		args := strings.Fields(strings.TrimPrefix(string(m[1]), "go run ./cmd/"))[1:]
		var stdout, stderr bytes.Buffer
		if status := run(args, strings.NewReader(""), &stdout, &stderr); status != exitOK || stderr.Len() > 0 {
			t.Errorf("$ %s: status %d, %s", m[1], status, &stderr)
		}
		return []byte("```console\n$ " + string(m[1]) + "\n" + stdout.String() + "```")
	})
	if n == 0 {
		t.Error("README.md shows no run")
	}
	golden.Compare(t, "README.md", string(current))
}
