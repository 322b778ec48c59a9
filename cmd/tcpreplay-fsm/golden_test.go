package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"tcpreplay-fsm/internal/golden"
)

// The whole way through, on real captures: what the command prints of them is
// kept beside this test, for a reader to judge and for a change to show.
func TestGolden(t *testing.T) {
	dir, err := filepath.Abs("testdata/golden")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../../testdata/pcaps")
	for _, name := range []string{"normal_close.txt", "reset_unread_data.txt", "keepalive.txt", "time_wait_reuse.txt",
		"fast_open.txt", "seq_wrap.txt", "keepalive.json", "time_wait_reuse.ndjson", "reordering.csv", "fast_open.ndjson"} {
		t.Run(name, func(t *testing.T) {
			input := strings.TrimSuffix(name, filepath.Ext(name)) + ".pcap"
			var got, stderr bytes.Buffer
			args := []string{"--format", formatOf(name), input}
			if strings.HasSuffix(name, ".csv") || name == "fast_open.ndjson" {
				args = append(args, "--series", "0")
			}
			if status := run(args, nil, &got, &stderr); status != exitOK || stderr.Len() > 0 {
				t.Fatalf("status %d, %s", status, &stderr)
			}
			golden.Compare(t, filepath.Join(dir, name), got.String())
		})
	}
}
