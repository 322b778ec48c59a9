package analyzer_test

import (
	"fmt"
	"math"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// tcptraceMeasures are the files whose measures are compared: those of ours that
// tcptrace can read.
var tcptraceMeasures = []string{"chdlc.pcap", "duplicates.pcap", "fast_open.pcap", "keepalive.pcap", "normal_close.pcap", "overlap_conflict.pcap",
	"reordering.pcap", "reset_unread_data.pcap", "seq_wrap.pcap", "simultaneous_close.pcap", "time_wait_reuse.pcap", "urgent.pcap",
	"limits/close_behind_zero_window.pcap", "limits/gave_up_data.pcap", "limits/gave_up_last_fin.pcap", "limits/linger_0.pcap",
	"resets/tw_old_data.pcap", "resets/unread_close_server.pcap"}

// tcptraceOtherwise says why figures differ, by file and figure;
// docs/differences.md has the same.
var tcptraceOtherwise = map[string]string{
	"chdlc.pcap min win adv":                    "tcptrace counts the window of a SYN",
	"chdlc.pcap max win adv":                    "tcptrace counts the window of a SYN",
	"overlap_conflict.pcap min win adv":         "tcptrace counts the window of a SYN",
	"overlap_conflict.pcap rexmt data pkts":     "three that fill a hole have newer IP IDs than what came before: sent again; tcptrace takes them for overtaken",
	"overlap_conflict.pcap outoforder pkts":     "three that fill a hole have newer IP IDs than what came before: sent again; tcptrace takes them for overtaken",
	"overlap_conflict.pcap rexmt data bytes":    "the same three; and a FIN sent again is a byte to tcptrace",
	"gave_up_last_fin.pcap rexmt data bytes":    "a FIN sent again is a byte to tcptrace",
	"close_behind_zero_window.pcap min win adv": "tcptrace leaves windows of 0 out",
	"duplicates.pcap rexmt data pkts":           "the network doubled packets; tcptrace takes the copies for sent again",
	"duplicates.pcap rexmt data bytes":          "the network doubled packets; tcptrace takes the copies for sent again",
	"duplicates.pcap actual data bytes":         "what the capture recorded twice counts once here",
	"duplicates.pcap RTT from 3WHS":             "tcptrace has none where the SYN or SYN,ACK came twice",
	"fast_open.pcap RTT from 3WHS":              "tcptrace has none where data comes before the handshake's last ACK",
	"tw_old_data.pcap rexmt data pkts":          "an old duplicate that its receiver drops: no retransmission",
	"tw_old_data.pcap rexmt data bytes":         "an old duplicate that its receiver drops: no retransmission",
}

// TestMeasuresAsTcptrace holds measures to those that tcptrace defines alike. Set
// MEASURES_PCAPS to a glob of other files to see how these compare.
func TestMeasuresAsTcptrace(t *testing.T) {
	if _, err := exec.LookPath("tcptrace"); err != nil {
		t.Skip("tcptrace is not installed: nothing to compare with")
	}
	files := []string{}
	for _, name := range tcptraceMeasures {
		files = append(files, filepath.Join(pcaps, name))
	}
	glob := os.Getenv("MEASURES_PCAPS")
	if glob != "" {
		files, _ = filepath.Glob(glob)
	}
	compared, read10 := 0, 0
	for _, file := range files {
		name := filepath.Base(file)
		theirs := tcptraceRead(t, file)
		before := compared
		nth := map[string]int{}
		for _, c := range read(t, []string{file}, nil) {
			pair := fmt.Sprint(c.Endpoints[0].Addr, c.Endpoints[1].Addr)
			nth[pair]++
			for side := range c.Endpoints {
				e, p := &c.Endpoints[side], &c.Endpoints[1-side]
				w := theirs[fmt.Sprintf("%v %v %d", e.Addr, p.Addr, nth[pair])]
				if w == nil {
					continue
				}
				compared++
				m := &e.Measures
				for _, f := range []struct {
					theirs string
					got    float64
				}{
					{"total packets", float64(e.Segments)},
					{"unique bytes sent", float64(e.Bytes)},
					{"actual data bytes", float64(m.PayloadBytes)},
					{"rexmt data pkts", float64(e.Retransmissions)},
					{"rexmt data bytes", float64(m.RetransmittedBytes)},
					{"outoforder pkts", float64(m.OutOfOrder)},
					{"sack pkts sent", float64(m.SACKs)},
					{"dsack pkts sent", float64(m.DSACKs)},
					{"max win adv", float64(m.WindowMax)},
					{"min win adv", float64(m.WindowMin)},
					{"initial window", float64(m.InitialWindow)},
					{"data xmit time", float64(m.DataTime) / 1e9},
					{"RTT from 3WHS", float64(p.Measures.HandshakeRTT) / 1e6},
				} {
					want, ok := w[f.theirs]
					if !ok || math.Abs(want-f.got) <= 0.0501 && strings.HasPrefix(f.theirs, "RTT") || math.Abs(want-f.got) <= 0.0006 {
						continue
					}
					if why := tcptraceOtherwise[name+" "+f.theirs]; why != "" {
						t.Logf("%s conversation %d %s: %s %v, tcptrace %v: %s", name, c.ID, analyzer.Side(side), f.theirs, f.got, want, why)
						continue
					}
					t.Errorf("%s conversation %d %s: %s %v, tcptrace %v", name, c.ID, analyzer.Side(side), f.theirs, f.got, want)
				}
				if mss := float64(e.Offered.MSS); e.Offered.Has(tcp.OptMSS) && w["mss requested"] != mss {
					t.Errorf("%s conversation %d %s: MSS %v, tcptrace %v", name, c.ID, analyzer.Side(side), mss, w["mss requested"])
				}
			}
		}
		if compared > before {
			read10++
		}
	}
	if glob == "" && read10 < 10 {
		t.Errorf("only %d files were compared", read10)
	}
	t.Logf("%d directions of %d files compared", compared, read10)
}

var (
	tcptraceHost = regexp.MustCompile(`^\s+host \S+:\s+(\S+):(\d+)$`)
	tcptraceLine = regexp.MustCompile(`^\s+(.+?):\s+([\d.]+)(?: \w+)?\s+(.+?):\s+([\d.]+)(?: \w+)?\s*$`)
)

// tcptraceRead returns tcptrace's figures of each direction, by its ends and which
// of their conversations it is.
func tcptraceRead(t *testing.T, file string) map[string]map[string]float64 {
	t.Helper()
	out, err := exec.Command("tcptrace", "-l", "-r", "-n", file).Output()
	if err != nil {
		t.Fatalf("tcptrace %s: %v", file, err)
	}
	all := map[string]map[string]float64{}
	nth := map[string]int{}
	var ends []string
	var figures [2]map[string]float64
	for l := range strings.Lines(string(out)) {
		l = strings.TrimRight(l, "\n")
		if h := tcptraceHost.FindStringSubmatch(l); h != nil {
			addr, err := netip.ParseAddr(h[1])
			if err != nil {
				t.Fatal(err)
			}
			port, _ := strconv.ParseUint(h[2], 10, 16)
			if ends = append(ends, netip.AddrPortFrom(addr, uint16(port)).String()); len(ends) == 2 {
				n := nth[ends[0]+ends[1]] + nth[ends[1]+ends[0]] + 1
				nth[ends[0]+ends[1]]++
				for i := range figures {
					figures[i] = map[string]float64{}
					all[fmt.Sprintf("%v %v %d", ends[i], ends[1-i], n)] = figures[i]
				}
			}
			continue
		}
		if strings.HasPrefix(l, "TCP connection ") {
			ends = nil
		}
		m := tcptraceLine.FindStringSubmatch(l)
		if m == nil || figures[0] == nil || m[1] != m[3] {
			continue
		}
		for i := range figures {
			if _, again := figures[i][m[1]]; !again { // "initial window" is in bytes, then in packets
				figures[i][m[1]], _ = strconv.ParseFloat(m[2+2*i], 64)
			}
		}
	}
	return all
}
