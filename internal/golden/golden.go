// Package golden compares what tests make with files that are kept for it.
package golden

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update says that what is kept is to be written anew.
var Update = flag.Bool("update", false, "write what is kept to compare with anew")

// Compare fails the test if got is not what the file at path holds; with -update it
// writes the file.
func Compare(t *testing.T, path, got string) {
	t.Helper()
	if *Update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (-want +got); if it should, run this test with -update\n%s", path, d)
	}
}
