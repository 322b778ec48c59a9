package report

import (
	"bytes"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/golden"
)

func TestRulesGolden(t *testing.T) {
	rules := []analyzer.Rule{
		{ID: "syn-retransmit", Title: "A SYN was sent again", Severity: analyzer.Notice, About: "opening"},
		{ID: "rst-on-close-unread-data", Title: "An application closed its socket with data in it that it had not read",
			Severity: analyzer.Warning, About: "resets",
			Seen:  "A RST,ACK with the closer's next sequence number, where a FIN was due, after data that it had not read.",
			Means: "close() found unread bytes in the receive buffer, and told the peer by a reset that they are lost.",
			Apps:  "The peer's next read fails with ECONNRESET.\nIn Go: \"read: connection reset by peer\".",
			Check: "Read to the end of the stream before close().", Sources: "RFC 9293 section 3.10.4; RFC 2525 section 2.17"},
		{ID: "abort", Title: "An application aborted the connection", Severity: analyzer.Info, About: "resets"},
	}
	var b bytes.Buffer
	if err := ListRules(&b, rules, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	b.WriteString("--\n")
	if err := Explain(&b, &rules[1], TextOptions{}); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/rules.golden", b.String())
}
