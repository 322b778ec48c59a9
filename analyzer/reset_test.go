package analyzer_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
)

// What is said of each RST holds against the kernel that sent it: its reason, as
// its tracepoint tcp:tcp_send_reset told it when the captures were made, is among
// those that fit. A RST that no kernel sent is said to be injected, or nothing.
func TestResetsHaveTheKernelsReasons(t *testing.T) {
	const dir = pcaps + "/resets/"
	table, err := os.ReadFile(dir + "REASONS.tsv")
	if err != nil {
		t.Fatal(err)
	}
	told := make(map[string]map[int]analyzer.Reset)
	checked := 0
	for line := range strings.Lines(string(table)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 4 || f[0] == "file" {
			continue
		}
		name, reason, cause := f[0], f[2], f[3]
		frame, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatal(err)
		}
		if told[name] == nil {
			told[name] = make(map[int]analyzer.Reset)
			for _, c := range read(t, []string{dir + name + ".pcap"}, nil) {
				for _, r := range c.Resets {
					told[name][r.Frame] = r
				}
			}
		}
		r, ok := told[name][frame]
		if !ok {
			t.Errorf("%s: nothing is said of the RST in frame %d", name, frame)
			continue
		}
		if !slices.Contains(r.Reasons, reason) || r.Cause != cause {
			t.Errorf("%s, frame %d: cause %s, reasons %v; want %s, %s", name, frame, r.Cause, r.Reasons, cause, reason)
		}
		if len(r.Injected) > 0 {
			t.Errorf("%s, frame %d: looks injected (%v), but the kernel sent it", name, frame, r.Injected)
		}
		checked++
		delete(told[name], frame)
	}
	if checked < 20 {
		t.Errorf("only %d RSTs checked", checked)
	}
	for name, rest := range told {
		for frame, r := range rest {
			if r.Cause != "injected" && r.Cause != "unknown" {
				t.Errorf("%s, frame %d: no kernel sent it, but it is said to be %s", name, frame, r.Cause)
			}
		}
	}
}
