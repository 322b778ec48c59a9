package analyzer_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// The same connection goes through the same states wherever it was captured: at
// the client, in the middle or at the server, though the segments pass those
// points in different orders and not all pass all of them.
func TestVantages(t *testing.T) {
	middles, err := filepath.Glob(pcaps + "/vantages/*.middle.pcap")
	if err != nil || len(middles) == 0 {
		t.Fatal("no captures", err)
	}
	for _, middle := range middles {
		t.Run(strings.TrimSuffix(filepath.Base(middle), ".middle.pcap"), func(t *testing.T) {
			want := states(read(t, []string{middle}, nil))
			for _, at := range []string{"client", "server"} {
				got := states(read(t, []string{strings.Replace(middle, ".middle.", "."+at+".", 1)}, nil))
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("at the %s (-middle +%s):\n%s", at, at, d)
				}
			}
		})
	}
}

// states returns those of both ends of each conversation, by their addresses: who is
// the client of a simultaneous open depends on whose SYN passed first.
func states(all []*analyzer.Conversation) (out []map[string][]tcp.State) {
	for _, c := range all {
		both := make(map[string][]tcp.State)
		for _, e := range c.Endpoints {
			for _, tr := range e.Timeline {
				both[e.Addr.String()] = append(both[e.Addr.String()], tr.State)
			}
		}
		out = append(out, both)
	}
	return out
}
