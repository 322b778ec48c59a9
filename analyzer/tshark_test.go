package analyzer_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tcpreplay-fsm/analyzer"
)

// tsharkFigures are those of one direction of a tcp.stream.
type tsharkFigures struct {
	payload        uint64
	samples        int
	least, most    int64
	inFlight       uint32
	winMin, winMax uint32
	initial        int64
	dups           int
}

// tsharkMeasures are the files whose measures are compared.
var tsharkMeasures = []string{"big_endian.pcap", "chdlc.pcap", "duplicates.pcap", "fast_open.pcap", "keepalive.pcap", "nano.pcap", "normal_close.pcap",
	"reordering.pcap", "reset_unread_data.pcap", "seq_wrap.pcap", "simultaneous_close.pcap", "sll2.pcap", "time_wait_reuse.pcap", "urgent.pcap"}

// tsharkMeasuresOtherwise says why figures differ, by file and figure;
// docs/differences.md has the same.
var tsharkMeasuresOtherwise = map[string]string{
	"big_endian.pcap payload":        "every segment of the server was recorded twice",
	"big_endian.pcap duplicate ACKs": "every segment of the server was recorded twice",
	"duplicates.pcap payload":        "the capture recorded segments twice",
	"duplicates.pcap duplicate ACKs": "the network doubled ACKs",
	"duplicates.pcap handshake":      "the network doubled the SYN; we measure from the newest copy before the answer",
	"fast_open.pcap handshake":       "tshark takes the server's data for the end of the handshake",
	"fast_open.pcap in flight":       "tshark counts the SYN of the SYN,ACK as a byte under way",
	"reordering.pcap in flight":      "tshark counts what was sent again once more",
	"reordering.pcap RTT samples":    "tshark times what was sent again, or held up by that",
	"reordering.pcap greatest RTT":   "tshark times what was sent again, or held up by that",
}

// TestMeasuresAsTshark holds measures to those that Wireshark defines alike. Set
// MEASURES_PCAPS to a glob of other files to see how these compare.
func TestMeasuresAsTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed: nothing to compare with")
	}
	if testing.Short() {
		t.Skip("tshark takes its time")
	}
	compared := 0
	var files []string
	for _, name := range tsharkMeasures {
		files = append(files, filepath.Join(pcaps, name))
	}
	if glob := os.Getenv("MEASURES_PCAPS"); glob != "" {
		files, _ = filepath.Glob(glob)
	}
	for _, file := range files {
		name := filepath.Base(file)
		theirs := tsharkRead(t, file)
		for _, c := range read(t, []string{file}, nil) {
			for side := range c.Endpoints {
				e := &c.Endpoints[side]
				w := theirs[fmt.Sprintf("%d %s", c.ID, e.Addr)]
				if w == nil {
					continue
				}
				compared++
				m := &e.Measures
				for _, f := range []struct {
					name      string
					got, want int64
				}{
					{"payload", int64(m.PayloadBytes), int64(w.payload)},
					{"RTT samples", int64(m.RTTSamples), int64(w.samples)},
					{"least RTT", m.RTTMin, w.least},
					{"greatest RTT", m.RTTMax, w.most},
					{"in flight", int64(m.InFlightMax), int64(w.inFlight)},
					{"least window", int64(m.WindowMin), int64(w.winMin)},
					{"greatest window", int64(m.WindowMax), int64(w.winMax)},
					{"handshake", c.Endpoints[0].Measures.HandshakeRTT + c.Endpoints[1].Measures.HandshakeRTT, w.initial},
					{"duplicate ACKs", int64(m.DuplicateACKs), int64(w.dups)},
				} {
					if f.got != f.want {
						if why := tsharkMeasuresOtherwise[name+" "+f.name]; why != "" {
							t.Logf("%s conversation %d %s: %s %d, tshark %d: %s", name, c.ID, analyzer.Side(side), f.name, f.got, f.want, why)
							continue
						}
						t.Errorf("%s conversation %d %s: %s %d, tshark %d", name, c.ID, analyzer.Side(side), f.name, f.got, f.want)
					}
				}
			}
		}
	}
	if compared < 2*len(tsharkMeasures) && os.Getenv("MEASURES_PCAPS") == "" {
		t.Errorf("only %d directions were compared", compared)
	}
	t.Logf("%d directions compared", compared)
}

func tsharkRead(t *testing.T, file string) map[string]*tsharkFigures {
	t.Helper()
	fields := []string{"tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "tcp.len", "tcp.analysis.ack_rtt", "tcp.analysis.acks_frame",
		"tcp.analysis.bytes_in_flight", "tcp.window_size", "tcp.flags", "tcp.analysis.initial_rtt", "tcp.analysis.duplicate_ack", "frame.number"}
	args := []string{"-n", "-r", file, "-Y", "tcp", "-T", "fields", "-E", "occurrence=l"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*tsharkFigures{}
	syns := map[string]bool{}
	for l := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
		end := func(v4, v6, port int) string {
			if f[v6] != "" {
				return fmt.Sprintf("%s [%s]:%s", f[0], f[v6], f[port])
			}
			return fmt.Sprintf("%s %s:%s", f[0], f[v4], f[port])
		}
		of := func(key string) *tsharkFigures {
			if all[key] == nil {
				all[key] = &tsharkFigures{}
			}
			return all[key]
		}
		n := func(i int) uint64 { v, _ := strconv.ParseUint(f[i], 0, 64); return v }
		from, to := of(end(1, 2, 3)), of(end(4, 5, 6))
		syn, rst := n(12)&2 != 0, n(12)&4 != 0
		if syn {
			syns[f[15]] = true
		}
		from.payload += n(7)
		if f[8] != "" && !syns[f[9]] {
			d := nanoseconds(t, f[8])
			if to.samples == 0 || d < to.least {
				to.least = d
			}
			to.most = max(to.most, d)
			to.samples++
		}
		if f[13] != "" {
			from.initial, to.initial = nanoseconds(t, f[13]), nanoseconds(t, f[13])
		}
		from.inFlight = max(from.inFlight, uint32(n(10)))
		if f[14] != "" {
			from.dups++
		}
		if !syn && !rst {
			w := uint32(n(11))
			if from.winMax == 0 && from.winMin == 0 {
				from.winMin = w
			}
			from.winMin, from.winMax = min(from.winMin, w), max(from.winMax, w)
		}
	}
	return all
}

// nanoseconds reads seconds with nine digits.
func nanoseconds(t *testing.T, s string) int64 {
	t.Helper()
	d, err := time.ParseDuration(s + "s")
	if err != nil {
		t.Fatal(err)
	}
	return int64(d)
}
