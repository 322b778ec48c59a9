package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"tcpreplay-fsm/analyzer"
)

// Who pipes a capture in may wait for lines; who reads a file does not.
func TestLinesOfAPipeAreNotHeldBack(t *testing.T) {
	for _, tt := range []struct {
		input string
		want  bool
	}{{"-", true}, {"x.pcap", false}} {
		o, err := parse([]string{"--format", "ndjson", tt.input})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		out, err := openOutput("", nil, &b)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.newWriter(out).Conversation(&analyzer.Conversation{}); err != nil {
			t.Fatal(err)
		}
		if got := b.Len() > 0; got != tt.want {
			t.Errorf("from %s: a line is written at once: %v, want %v", tt.input, got, tt.want)
		}
	}
}

// A report that is not completed leaves what was there before, and nothing else.
func TestAbandonedOutput(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "report.json")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink("report.json", link); err != nil {
		t.Skip(err)
	}
	write := func(text string) *destination {
		t.Helper()
		d, err := openOutput(link, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.WriteString(text); err != nil {
			t.Fatal(err)
		}
		return d
	}
	read := func() string {
		t.Helper()
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	write("half").abandon()
	if got := read(); got != "old" {
		t.Errorf("after an abandoned report the file holds %q", got)
	}
	d := write("new")
	if err := d.complete(); err != nil {
		t.Fatal(err)
	}
	d.abandon() // must do nothing now
	if got := read(); got != "new" {
		t.Errorf("after a complete report the file behind the link holds %q", got)
	}
	if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the report's mode is %v, %v; want that of the one before", info.Mode(), err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 2 {
		t.Errorf("%d files are left, want the report and the link", len(files))
	}
}
