package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"regexp"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
)

func htmlOf(t *testing.T, o HTMLOptions, c *Capture, conversations ...*analyzer.Conversation) string {
	t.Helper()
	var out bytes.Buffer
	w := NewHTML(&out, o)
	for _, conversation := range conversations {
		if err := w.Conversation(conversation); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(c, nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Every script that runs, and the style, are those that the policy names.
func TestHTMLPolicyNamesWhatIsThere(t *testing.T) {
	page := htmlOf(t, HTMLOptions{}, &Capture{Frames: 6}, halfClosed())
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if policy == nil || !strings.Contains(policy[1], "default-src &#39;none&#39;") {
		t.Fatalf("policy: %q", policy)
	}
	parts := regexp.MustCompile(`(?s)<(?:style|script)>(.*?)</(?:style|script)>`).FindAllStringSubmatch(page, -1)
	if len(parts) != 3 {
		t.Fatalf("%d styles and scripts, want 3", len(parts))
	}
	for _, part := range parts {
		sum := sha256.Sum256([]byte(part[1]))
		want := strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;")
		if !strings.Contains(policy[1], want) {
			t.Errorf("the policy lacks the hash of %.40q…", part[1])
		}
	}
	for _, never := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://", "https://"} {
		if strings.Contains(strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""), never) {
			t.Errorf("the page has %s", never)
		}
	}
}

func TestHTMLEscapesTheCapture(t *testing.T) {
	hostile := `</script><script>alert(1)</script><!--`
	c := halfClosed()
	c.Verdict = hostile
	page := htmlOf(t, HTMLOptions{Title: hostile}, &Capture{Inputs: []Input{{Name: hostile}}}, c)
	if strings.Contains(page, "alert(1)</script") {
		t.Error("markup of the capture is in the page")
	}
}

func TestHTMLIsDeterministic(t *testing.T) {
	page := htmlOf(t, HTMLOptions{}, &Capture{}, halfClosed())
	if again := htmlOf(t, HTMLOptions{}, &Capture{}, halfClosed()); page != again {
		t.Error("the same conversations gave two pages")
	}
}

// The detail budget keeps what is rare and severe, and is kept.
func TestHTMLDetailBudget(t *testing.T) {
	var all []*analyzer.Conversation
	for id := range 400 {
		c := halfClosed()
		c.ID = id
		if id == 300 {
			c.Findings = []analyzer.Finding{{ID: "zero-window", Severity: analyzer.Error, Frames: []int{1}}}
		}
		all = append(all, c)
	}
	const budget = 8000
	page := htmlOf(t, HTMLOptions{DetailBytes: budget}, &Capture{}, all...)
	details := regexp.MustCompile(`id="d(\d+)">([^<]*)`).FindAllStringSubmatch(page, -1)
	size, found := 0, false
	for _, d := range details {
		size += len(d[2])
		found = found || d[1] == "300"
	}
	if size == 0 || size > budget || len(details) == len(all) {
		t.Errorf("%d details in %d bytes, want some, in at most %d", len(details), size, budget)
	}
	if !found {
		t.Error("the one conversation with an error lost its detail")
	}
	if none := htmlOf(t, HTMLOptions{DetailBytes: -1}, &Capture{}, all...); strings.Contains(none, `id="d0"`) {
		t.Error("DetailBytes -1 kept details")
	}
}

// Ladders are loaded of those alone whose details the page may hold; of the others the
// writer lets go.
func TestHTMLLoadsFewLadders(t *testing.T) {
	const n = 3 * mostWaiting
	loaded, waiting := 0, 0
	h := NewHTML(io.Discard, HTMLOptions{DetailBytes: 40_000})
	for i := range n {
		c := halfClosed()
		rows := c.Rows
		c.ID, c.Rows, c.Segments = i, nil, i%90 // the later, the more interesting, again and again
		c.LoadRows = func() { loaded++; c.Rows = rows }
		if err := h.Conversation(c); err != nil {
			t.Fatal(err)
		}
		if c.Rows == nil && c.LoadRows != nil {
			waiting++
		}
	}
	if err := h.End(&Capture{}, nil); err != nil {
		t.Fatal(err)
	}
	if loaded == 0 || loaded > n/10 || waiting > n/2 {
		t.Errorf("of %d conversations %d waited and %d ladders were loaded", n, waiting, loaded)
	}
}

func TestRelativeSequenceNumbersGrowOverTheWrap(t *testing.T) {
	c := &analyzer.Conversation{}
	c.Endpoints[0].ISN, c.Endpoints[0].ISNKnown = 0xffffff00, true
	r := analyzer.NewRelative(c)
	for _, tt := range []struct {
		seq  uint32
		want int64
	}{{0xffffff00, 0}, {0xffffff01, 1}, {0x100, 0x200}, {0xffffff01, 1}, {0x30000100, 0x30000200}, {0x60000100, 0x60000200}, {0x90000100, 0x90000200}, {0xc0000100, 0xc0000200}, {0xf0000100, 0xf0000200}, {0x100, 0x100000200}} {
		row := analyzer.Row{Seq: 0}
		row.Seq = row.Seq.Add(tt.seq)
		if got, _ := r.Of(&row); got != tt.want {
			t.Errorf("relative(%#x) = %#x, want %#x", tt.seq, got, tt.want)
		}
	}
}
