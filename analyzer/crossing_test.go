package analyzer_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/streams"
)

// A SYN forged in the server's name comes first, so the server passes for the client
// until it answers the real one. By then the bytes are followed: they stay with who sent
// them, under the ends as they were told first, and what is found of them is the side's
// that the conversation tells in the end.
func TestFollowWhereClientAndServerChangePlaces(t *testing.T) {
	script, err := pcaptest.Parse(`
B SYN 70000
A SYN 0 mss=1460 +0.001
B SYN,ACK 0 1 mss=1460 +0.03
A SYN,ACK 0 70001 +0.01
A ACK 1 1 +0.01
A PSH,ACK 1 1 len=4 fill=a
B PSH,ACK 1 5 len=6 fill=b +0.03
A PSH,ACK 1 1 len=4 fill=x +0.01
A PSH,ACK 5 7 len=3 fill=c +0.01
B ACK 7 8 +0.03
`)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	follow := streams.NewFollow(&out, 0, streams.Text, streams.Options{})
	var all []*analyzer.Conversation
	a := analyzer.New(analyzer.Options{Sink: follow, Done: func(c *analyzer.Conversation) { all = append(all, c) }})
	for _, s := range script.Segments() {
		a.Add(&s)
	}
	a.Close()
	if err := follow.Close(); err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("%d conversations, want 1", len(all))
	}
	c := all[0]
	if got := c.Endpoints[analyzer.Client].Addr.String(); got != "10.0.0.1:40000" {
		t.Errorf("the client is %s, want A, 10.0.0.1:40000", got)
	}
	const want = "Node 0: 10.0.0.2:80\nNode 1: 10.0.0.1:40000\n" +
		"\t4\naaaa\n" +
		"6\nbbbbbb\n" +
		"\t3\nccc\n"
	if !strings.Contains(out.String(), want) {
		t.Errorf("followed:\n%s\nwant in it\n%s", out.String(), want)
	}
	i := slices.IndexFunc(c.Findings, func(f analyzer.Finding) bool { return f.ID == "overlap-conflict" })
	if i < 0 || c.Findings[i].Side != analyzer.Client || !slices.Equal(c.Findings[i].Frames, []int{6, 8}) {
		t.Errorf("findings %+v, want an overlap-conflict of the client in frames 6 and 8", c.Findings)
	}
}
