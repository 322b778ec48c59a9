package streams

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

// tsharkStream is one tcp.stream of a file as tshark tells it: its segments, and
// the bytes of each direction that its own reassembly makes of them.
type tsharkStream struct {
	ends     [2]netip.AddrPort // who sent the first segment, and the other
	segments []tsharkSegment
	bytes    [2][]byte
	missing  [2]uint64
}

type tsharkSegment struct {
	from reassembly.Side
	seg  tcp.Segment
}

// TestSameBytesAsTshark holds both directions of every conversation of the test
// captures against tshark -z follow. Set STREAMS_PCAPS to a directory to compare
// other files.
func TestSameBytesAsTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed: nothing to compare with")
	}
	if testing.Short() {
		t.Skip("tshark takes its time")
	}
	dir, pattern := filepath.Join("..", "testdata", "pcaps"), "*cap"
	if other := os.Getenv("STREAMS_PCAPS"); other != "" {
		dir, pattern = other, "*"
	}
	files, _ := filepath.Glob(filepath.Join(dir, pattern))
	compared, differ := 0, 0
	for _, file := range files {
		for id, s := range tsharkStreams(t, file) {
			if s == nil {
				continue
			}
			compared++
			if d := s.compare(); d != "" {
				why, known := tsharkDiffers[fmt.Sprintf("%s/%d", filepath.Base(file), id)]
				if known {
					differ++
					t.Logf("%s stream %d: %s: %s", file, id, d, why)
					continue
				}
				t.Errorf("%s stream %d: %s", file, id, d)
			}
		}
	}
	if compared == 0 {
		t.Skipf("no TCP capture in %s to compare", dir)
	}
	t.Logf("%d conversations of %d files compared, %d differ for known reasons", compared, len(files), differ)
}

// tsharkDiffers explains the conversations in which tshark's bytes are not ours.
// Those of files that are not here matter with STREAMS_PCAPS.
var tsharkDiffers = map[string]string{
	"overlap_conflict.pcap/0":                                            "retransmissions differ from what they repeat: tshark shows the version that was captured last, we the first",
	"zeek--tcp--reassembly.pcap/0":                                       "as overlap_conflict.pcap",
	"PcapPlusPlus--unidirectional_tcp_stream_with_missing_packet.pcap/0": "tshark shows nothing behind a hole that nobody acknowledges, we mark the hole and go on",
	"PcapPlusPlus--many-protocols.pcap/1":                                "the capture begins with keep-alives of one zero byte, which tshark takes for data",
	"spindump--trace_tcp_medium_snap80.pcap/0":                           "the snap length leaves 14 bytes of each segment: tshark neither marks the cut nor shows every segment",
	"tcptrace--single_byte_rexmit.dmp.gz/0":                              "as spindump--trace_tcp_medium_snap80.pcap, with 39 bytes of each",
	"synth--ng_spb_snap.pcapng/0":                                        "a segment cut by the snap length, then captured whole: tshark shows the second, we went on at the first",
	"tcpdump--tcp_rst_data.pcap/0":                                       "tshark shows the text of a RST as data",
}

func (s *tsharkStream) compare() string {
	var d reassembly.Duplex
	var got [2][]byte
	var missing [2]uint64
	var o Options
	o.prepare(&d, func(side reassembly.Side, c reassembly.Chunk) {
		got[side] = append(got[side], c.Bytes...)
		missing[side] += uint64(c.Missing)
	})
	for i := range s.segments {
		d.Insert(s.segments[i].from, &s.segments[i].seg)
	}
	d.Close()
	for i := range got {
		if !bytes.Equal(got[i], s.bytes[i]) {
			at := 0
			for at < len(got[i]) && at < len(s.bytes[i]) && got[i][at] == s.bytes[i][at] {
				at++
			}
			return fmt.Sprintf("%v: we have %d bytes and %d missing, tshark %d and %d; the same up to %d", s.ends[i], len(got[i]), missing[i], len(s.bytes[i]), s.missing[i], at)
		}
	}
	return ""
}

// tsharkStreams reads a file; a stream that cannot be compared is nil.
func tsharkStreams(t *testing.T, file string) map[int]*tsharkStream {
	t.Helper()
	tshark := func(args ...string) []byte {
		out, _ := exec.Command("tshark", append([]string{"-n", "-r", file}, args...)...).Output()
		return out // a file cut short is an error at its end, after all frames
	}
	fields := []string{"tcp.stream", "frame.number", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport",
		"tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.len", "tcp.urgent_pointer", "tcp.payload"}
	// Most files have few streams: ask for these in the same run.
	const few = 4
	args := []string{"-o", "tcp.desegment_tcp_streams:FALSE", "-Y", "tcp", "-T", "fields", "-E", "occurrence=a"}
	for id := range few {
		args = append(args, "-z", "follow,tcp,raw,"+strconv.Itoa(id))
	}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	streams := map[int]*tsharkStream{}
	odd := map[int]bool{}
	lines, follows, _ := strings.Cut(string(tshark(args...)), "\n====")
	for line := range strings.Lines(lines) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != len(fields) || strings.Contains(f[4], ",") || f[4] == "" {
			continue // several TCP headers in one frame
		}
		n := func(i, base int) uint64 {
			v, _ := strconv.ParseUint(strings.TrimPrefix(f[i], "0x"), base, 64)
			return v
		}
		end := func(v4, v6, port int) netip.AddrPort {
			ip := f[v4]
			if f[v6] != "" {
				ip = f[v6]
			}
			a, _ := netip.ParseAddr(ip[strings.LastIndexByte(ip, ',')+1:]) // the innermost
			return netip.AddrPortFrom(a, uint16(n(port, 10)))
		}
		src, dst := end(2, 3, 4), end(5, 6, 7)
		id := int(n(0, 10))
		s := streams[id]
		if s == nil {
			s = &tsharkStream{ends: [2]netip.AddrPort{src, dst}}
			streams[id] = s
		}
		from := reassembly.Client
		if src != s.ends[0] {
			from = reassembly.Server
		}
		payload, err := hex.DecodeString(f[13])
		if err != nil || f[11] == "" {
			odd[id] = true
		}
		s.segments = append(s.segments, tsharkSegment{from, tcp.Segment{Frame: int(n(1, 10)), Seq: tcp.Seq(n(8, 10)), Ack: tcp.Seq(n(9, 10)),
			Flags: tcp.Flags(n(10, 16)), Len: uint32(n(11, 10)), Urgent: uint16(n(12, 10)), Payload: payload}})
	}
	parseFollow(t, follows, streams)
	ids := slices.Sorted(maps.Keys(streams))
	for ids = ids[min(few, len(ids)):]; len(ids) > 0; {
		some := ids[:min(100, len(ids))]
		ids = ids[len(some):]
		args := []string{"-q"}
		for _, id := range some {
			args = append(args, "-z", "follow,tcp,raw,"+strconv.Itoa(id))
		}
		parseFollow(t, string(tshark(args...)), streams)
	}
	for id := range odd {
		streams[id] = nil
	}
	return streams
}

// parseFollow reads the output of tshark -z follow,tcp,raw.
func parseFollow(t *testing.T, out string, streams map[int]*tsharkStream) {
	t.Helper()
	var s *tsharkStream
	turned := 0
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		if id, ok := strings.CutPrefix(line, "Filter: tcp.stream eq "); ok {
			n, _ := strconv.Atoi(id)
			s = streams[n]
			continue
		}
		if node, ok := strings.CutPrefix(line, "Node 0: "); ok && s != nil {
			i := strings.LastIndexByte(node, ':')
			turned = 0
			if got := strings.Trim(node[:i], "[]") + node[i:]; got == s.ends[1].Addr().String()+":"+strconv.Itoa(int(s.ends[1].Port())) {
				turned = 1
			}
			continue
		}
		if line == "" || s == nil || strings.HasPrefix(line, "Node 1") || strings.HasPrefix(line, "Follow:") || strings.HasPrefix(line, "===") {
			continue
		}
		side := turned
		digits, ok := strings.CutPrefix(line, "\t")
		if ok {
			side ^= 1
		}
		b, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatalf("tshark: %q", line)
		}
		var gap uint64
		if n, _ := fmt.Sscanf(string(b), "[%d bytes missing in capture file]", &gap); n == 1 {
			s.missing[side] += gap
			continue
		}
		s.bytes[side] = append(s.bytes[side], b...)
	}
}
