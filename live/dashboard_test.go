package live

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// The dashboard and the documentation name only metrics that exist.
func TestDashboard(t *testing.T) {
	ch := make(chan *prometheus.Desc, 100)
	(&metrics{}).Describe(ch)
	close(ch)
	var known strings.Builder
	for d := range ch {
		known.WriteString(d.String())
	}
	for _, file := range []string{"../docs/grafana.json", "../docs/live.md"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".json") && !json.Valid(b) {
			t.Errorf("%s is not JSON", file)
		}
		names := regexp.MustCompile(`(?:tcpreplay_fsm|…)_\w+`).FindAllString(string(b), -1)
		if len(names) == 0 {
			t.Errorf("%s names no metric", file)
		}
		for _, n := range names {
			if n = strings.Replace(n, "…", "tcpreplay_fsm", 1); !strings.Contains(known.String(), `"`+n+`"`) {
				t.Errorf("%s: there is no metric %s", file, n)
			}
		}
	}
}
