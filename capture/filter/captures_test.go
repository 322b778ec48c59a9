package filter

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// captures are files of ../../testdata/pcaps of many kinds.
var captures = []string{
	"twovlan.pcap", "sll2.pcap", "keepalive.pcap", "fragmented_syn.pcap", "urgent.pcap", "gre.pcap", "pppoe.pcap",
	"synth/en_qinq88a8.pcap", "synth/en_qinq9100.pcap", "synth/en_ip6frag2.pcap", "synth/en_ip4frag_tiny.pcap", "synth/en_ip4opts.pcap",
	"synth/en_v6_hbh.pcap", "synth/en_tcp_cut_opts.pcap", "synth/en_llcsnap.pcap", "synth/en_mpls1.pcap", "synth/lt_113_sll.pcap",
	"synth/lt_276_sll2.pcap", "synth/lt_101_raw.pcap", "synth/lt_228_ipv4.pcap", "synth/lt_229_ipv6.pcap", "synth/lt_000_null_le.pcap",
	"synth/lt_108_loop.pcap", "synth/lt_009_ppp.pcap",
}

// readByTcpdump returns a capture's link type and frames. tcpdump reads it, so
// that both sides of the comparison see the same frames.
func readByTcpdump(t *testing.T, name string) corpus {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("../../testdata/pcaps", name))
	if err != nil {
		t.Fatal(err)
	}
	out, err := rewrite(file, "", nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	le := binary.LittleEndian
	c := corpus{link: le.Uint32(out[20:]), file: file}
	for b := out[24:]; len(b) >= 16; {
		n := le.Uint32(b[8:])
		c.frames = append(c.frames, frame{b[16 : 16+n], int(le.Uint32(b[12:]))})
		b = b[16+n:]
	}
	if len(c.frames) == 0 {
		t.Fatalf("%s: no frames", name)
	}
	return c
}

func TestCapturesLikeTcpdump(t *testing.T) {
	needTcpdump(t)
	var all []corpus
	for _, name := range captures {
		all = append(all, readByTcpdump(t, name))
	}
	inParallel(t, len(expressions), func(i int) {
		expr := expressions[i]
		f, err := Compile(expr)
		if err != nil {
			t.Errorf("Compile(%q): %v", expr, err)
			return
		}
		for _, j := range []int{i % len(all), (i*7 + 3) % len(all)} {
			c := all[j]
			if f.Supports(c.link) != nil {
				continue
			}
			want, err := rewrite(c.file, expr, []string{"-O"})
			if err != nil {
				t.Errorf("%s: %q: %v", captures[j], expr, err)
				continue
			}
			var got []byte
			for _, fr := range c.frames {
				if f.Match(c.link, fr.data, fr.wireLen) {
					got = append(got, fr.data...)
				}
			}
			if string(got) != string(payloads(want)) {
				t.Errorf("%s: %q: %d bytes of frames pass, with tcpdump %d", captures[j], expr, len(got), len(payloads(want)))
			}
		}
	})
}

// payloads joins the frames of a capture file as tcpdump writes it.
func payloads(file []byte) (out []byte) {
	for b := file[24:]; len(b) >= 16; {
		n := binary.LittleEndian.Uint32(b[8:])
		out = append(out, b[16:16+n]...)
		b = b[16+n:]
	}
	return out
}
