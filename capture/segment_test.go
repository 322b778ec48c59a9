package capture

import (
	"testing"

	"tcpreplay-fsm/tcp"
)

func TestOptions(t *testing.T) {
	for name, c := range map[string]struct {
		options string
		want    tcp.Options
	}{
		"none": {"", tcp.Options{}},
		"of a SYN": {"\x02\x04\x05\xb4\x04\x02\x08\x0a\x00\x00\x00\x07\x00\x00\x00\x09\x01\x03\x03\x0e",
			tcp.Options{Set: tcp.OptMSS | tcp.OptSACKPermitted | tcp.OptTimestamps | tcp.OptWindowScale, MSS: 1460, WindowScale: 14, TSVal: 7, TSEcr: 9}},
		"SACK": {"\x05\x12\x00\x00\x00\x01\x00\x00\x00\x02\xff\xff\xff\xff\x00\x00\x00\x05",
			tcp.Options{Set: tcp.OptSACK, SACKBlocks: 2, SACK: [4]tcp.Block{{Left: 1, Right: 2}, {Left: 0xffffffff, Right: 5}}}},
		"SACK of no whole blocks": {"\x05\x0b123456789", tcp.Options{Set: tcp.OptOther}},
		"fast open":               {"\x22\x0a12345678", tcp.Options{Set: tcp.OptFastOpen, FastOpenCookie: 8}},
		"fast open, asking":       {"\x22\x02", tcp.Options{Set: tcp.OptFastOpen}},
		"fast open, experimental": {"\xfe\x08\xf9\x891234", tcp.Options{Set: tcp.OptFastOpen, FastOpenCookie: 4}},
		"another experiment":      {"\xfe\x04\x00\x01", tcp.Options{Set: tcp.OptOther}},
		"MPTCP":                   {"\x1e\x04\x20\x00", tcp.Options{Set: tcp.OptMPTCP, MPTCPSubtype: 2}},
		"MD5, AO, user timeout":   {"\x13\x121234567890123456\x1d\x04\x01\x02\x1c\x04\x80\x05", tcp.Options{Set: tcp.OptMD5 | tcp.OptAO | tcp.OptUserTimeout}},
		"unknown":                 {"\x4d\x03\x00", tcp.Options{Set: tcp.OptOther}},
		"after the end":           {"\x00\x02\x04\x05", tcp.Options{}},
		"length 0 after an MSS":   {"\x02\x04\x05\xb4\x08\x00\x01\x01", tcp.Options{Set: tcp.OptMSS | tcp.OptMalformed, MSS: 1460}},
		"length 1":                {"\x08\x01\x01\x01", tcp.Options{Set: tcp.OptMalformed}},
		"length beyond the end":   {"\x02\x04\x05\xb4\x08\x0a\x00\x00", tcp.Options{Set: tcp.OptMSS | tcp.OptMalformed, MSS: 1460}},
		"kind without length":     {"\x01\x01\x01\x08", tcp.Options{Set: tcp.OptMalformed}},
	} {
		d := NewDecoder(Options{})
		data := ip4(protoTCP, tcpBytes(tcp.SYN, c.options, "after"))
		if d.Decode(&Frame{Data: data, WireLen: len(data), Link: LinkRaw}) != Segment {
			t.Errorf("%s: %v", name, d.Skipped())
			continue
		}
		if got := d.Segment(); got.Options != c.want || string(got.Payload) != "after" {
			t.Errorf("%s: %+v and %q, want %+v", name, got.Options, got.Payload, c.want)
		}
	}
}

// TestCutHeader cuts a SYN at every length of its header.
func TestCutHeader(t *testing.T) {
	data := tcpBytes(tcp.SYN, "\x02\x04\x05\xb4\x04\x02\x08\x0a\x00\x00\x00\x07\x00\x00\x00\x09\x01\x03\x03\x0e", "")
	packet := ip4(protoTCP, data)
	for n := 20; n < len(packet); n++ {
		d := NewDecoder(Options{})
		verdict := d.Decode(&Frame{Data: packet[:n], WireLen: len(packet), Link: LinkRaw})
		if n-20 < tcpUsable {
			if verdict != Skipped || d.counts[truncated] != 1 {
				t.Errorf("%d bytes: %v", n-20, d.Skipped())
			}
			continue
		}
		s := d.Segment()
		want := tcp.OptCut
		for _, option := range []struct {
			end int
			set tcp.OptionSet
		}{{24, tcp.OptMSS}, {26, tcp.OptSACKPermitted}, {36, tcp.OptTimestamps}} {
			if (n-20)&^3 >= option.end {
				want |= option.set
			}
		}
		if verdict != Segment || s.Options.Set != want || s.Len != 0 || s.Seq != 1000 || s.Window != 1024 {
			t.Errorf("%d bytes: %+v, want the options %b", n-20, s, want)
		}
	}
}

func TestICMP(t *testing.T) {
	about4, about6 := packet4(), packet6()
	later := ip4Fragment(protoTCP, 100, hello())
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"port":          {ip4(protoICMP, join(hex("03 03 00 00"), u32(0), about4)), "port unreachable from 10.0.0.1 about 10.0.0.1:1234 > 10.0.0.2:80"},
		"host":          {ip4(protoICMP, join(hex("03 01 00 00"), u32(0), about4)), "unreachable from 10.0.0.1 about 10.0.0.1:1234 > 10.0.0.2:80"},
		"only 8 bytes":  {ip4(protoICMP, join(hex("0b 00 00 00"), u32(0), about4[:28])), "time exceeded from 10.0.0.1 about 10.0.0.1:1234 > 10.0.0.2:80"},
		"only 7 bytes":  {ip4(protoICMP, join(hex("0b 00 00 00"), u32(0), about4[:27])), "icmp"},
		"redirect":      {ip4(protoICMP, join(hex("05 01 00 00"), u32(0), about4)), "icmp"},
		"about UDP":     {ip4(protoICMP, join(hex("03 03 00 00"), u32(0), ip4(protoUDP, udpBytes(53, nil)))), "icmp"},
		"later part":    {ip4(protoICMP, join(hex("03 03 00 00"), u32(0), later)), "icmp"},
		"port, IPv6":    {ip6(protoICMPv6, join(hex("01 04 00 00"), u32(0), about6)), "port unreachable from fd00::1 about [fd00::1]:1234 > [fd00::2]:80"},
		"too big, IPv6": {ip6(protoICMPv6, join(hex("02 00 00 00"), u32(1400), about6)), "fragmentation needed from fd00::1 about [fd00::1]:1234 > [fd00::2]:80"},
		"IPv6 about an extended packet": {ip6(protoICMPv6, join(hex("03 00 00 00"), u32(0), ip6(protoDest, join([]byte{protoTCP, 0, 1, 4, 0, 0, 0, 0}, hello())))),
			"time exceeded from fd00::1 about [fd00::1]:1234 > [fd00::2]:80"},
		"IPv6 about UDP": {ip6(protoICMPv6, join(hex("03 00 00 00"), u32(0), ip6(protoUDP, udpBytes(53, nil)))), "icmp"},
	} {
		d := NewDecoder(Options{})
		if got := outcome(d, LinkRaw, c.data); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if frames := d.counts[icmpError] + d.counts[icmpOther]; frames != 1 {
			t.Errorf("%s: counted %v", name, d.Skipped())
		}
	}
	d := NewDecoder(Options{})
	outcome(d, LinkEthernet, ether(0x8100, vlan(4, 0x0800, ip4(protoICMP, join(hex("03 04 00 00 00 00 05 78"), about4)))))
	if e := d.ICMP(); e.MTU != 1400 || e.Seq != 1000 || e.Type != 3 || e.Code != 4 || e.Frame != 1 || d.ScopeName(e.Scope) != "vlan 4" {
		t.Errorf("fragmentation needed: %+v", *e)
	}
}
