package capture

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const capturesDir = "../testdata/pcaps"

// summary reads a whole capture and says what came of it.
func summary(t *testing.T, name string, o Options) (segments int, text string) {
	t.Helper()
	r, err := Open([]string{name}, nil, o)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Close()
	d := NewDecoder(o)
	frames := 0
	for f, err := r.Next(); err == nil; f, err = r.Next() {
		frames++
		if f.Number != frames {
			t.Errorf("%s: frame %d has number %d", name, frames, f.Number)
		}
		d.Decode(f)
	}
	skipped := 0
	for _, s := range d.Skipped() {
		skipped += s.Frames
	}
	if d.Segments()+skipped != frames {
		t.Errorf("%s: %d frames, but %d segments and %v", name, frames, d.Segments(), d.Skipped())
	}
	in := r.Inputs()[0]
	text = fmt.Sprintf("%s %s: %d frames, %d segments", in.Format, strings.Join(in.LinkTypes, ","), frames, d.Segments())
	for _, s := range d.Skipped() {
		text += fmt.Sprintf(", %d %s", s.Frames, s.Reason)
	}
	if len(d.scopes.list) > 0 {
		text += ", last in " + d.ScopeName(uint32(len(d.scopes.list)))
	}
	if in.Err != nil {
		var failed *ReadError
		if !errors.As(in.Err, &failed) || failed.Frame != frames+1 {
			t.Errorf("%s: error %v is no ReadError of frame %d", name, in.Err, frames+1)
		}
		text += "; " + strings.TrimPrefix(in.Err.Error(), name+": ")
	}
	return d.Segments(), text
}

// TestSynthetic reads the small files of testdata/pcaps/synth, which each show
// one feature, and finds as many segments as their manifest says.
func TestSynthetic(t *testing.T) {
	manifest, err := os.Open(filepath.Join(capturesDir, "synth/MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	lines := bufio.NewScanner(manifest)
	lines.Scan() // the head
	for lines.Scan() {
		field := strings.Split(lines.Text(), "\t")
		want, err := strconv.Atoi(field[2])
		if err != nil {
			t.Fatal(err)
		}
		t.Run(field[0], func(t *testing.T) {
			got, text := summary(t, filepath.Join(capturesDir, "synth", field[0]), Options{})
			if got != want {
				t.Errorf("%s (%s): %d segments, want %d", field[3], text, got, want)
			}
		})
	}
}

func TestCaptures(t *testing.T) {
	for name, want := range map[string]string{
		"sll2.pcap":              "pcap SLL2: 5 frames, 5 segments",
		"chdlc.pcap":             "pcap C_HDLC: 17 frames, 17 segments",
		"pppoe.pcap":             "pcap EN10MB: 30 frames, 30 segments, last in pppoe 45",
		"gre.pcap":               "pcap EN10MB: 17 frames, 17 segments",
		"damaged_record.pcap":    "pcap EN10MB: 6 frames, 6 segments; frame 7 (offset 5035): the capture is damaged: a packet says it holds 4325376 bytes, at most 262144 are possible",
		"erspan_vxlan.pcap":      "pcap EN10MB: 7 frames, 7 segments, last in vni 0",
		"nflog.pcap":             "pcap NFLOG: 10 frames, 10 segments",
		"twovlan.pcap":           "pcap EN10MB: 6 frames, 6 segments, last in vlan 201 / vlan 200",
		"y2038.pcap":             "pcap EN10MB: 4 frames, 4 segments",
		"geneve.pcap":            "pcap EN10MB: 10 frames, 10 segments, last in vni 786734",
		"vxlan.pcap":             "pcap EN10MB: 12 frames, 12 segments, last in vni 1",
		"fragmented_syn.pcap":    "pcap EN10MB: 2 frames, 1 segments, 1 ip-fragment",
		"mergecap.pcapng":        "pcapng EN10MB,SLL,ETHERNET_MPACKET: 18 frames, 18 segments, last in vlan 80",
		"many_interfaces.pcapng": "pcapng EN10MB,NULL,RAW: 64 frames, 32 segments, 32 udp",
		"two_orders.pcapng":      "pcapng EN10MB,NULL: 8 frames, 0 segments, 8 udp",
		"nano.pcap":              "pcap SLL: 3 frames, 3 segments",
		"big_endian.pcap":        "pcap EN10MB: 23 frames, 22 segments, 1 ppp-control",
	} {
		if _, got := summary(t, filepath.Join(capturesDir, name), Options{}); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}
