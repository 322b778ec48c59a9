package capture

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"tcpreplay-fsm/tcp"
)

const (
	v4 = "10.0.0.1:1234 > 10.0.0.2:80 PSH,ACK hello"
	v6 = "[fd00::1]:1234 > [fd00::2]:80 PSH,ACK hello"
)

// packet4 and packet6 are what the link layers and tunnels of the table carry.
func packet4() []byte { return ip4(protoTCP, hello()) }
func packet6() []byte { return ip6(protoTCP, hello()) }

func hex(s string) []byte {
	var out []byte
	for _, c := range strings.Fields(s) {
		var v byte
		for _, digit := range []byte(c) {
			v = v<<4 | byte(strings.IndexByte("0123456789abcdef", digit))
		}
		out = append(out, v)
	}
	return out
}

var snapHeader = hex("aa aa 03 00 00 00")

// radiotapHeader is one of 9 bytes with a flags field.
func radiotapHeader(flags byte) []byte { return join(hex("00 00 09 00 02 00 00 00"), []byte{flags}) }

func wifiHeader(control string, more ...byte) []byte {
	return join(hex(control), u16(0), make([]byte, 18), u16(0), more, snapHeader, u16(0x0800))
}

// decodeCases has a packet of each link type and tunnel, and one of each reason.
var decodeCases = []struct {
	name string
	link LinkType
	data []byte
	want string
}{
	{"ethernet", LinkEthernet, ether(0x0800, packet4()), v4},
	{"ethernet with a trailer", LinkEthernet, append(ether(0x0800, packet4()), "trailer"...), v4},
	{"ethernet, IPv6", LinkEthernet, ether(0x86dd, packet6()), v6},
	{"ethernet, IPv6 with a trailer", LinkEthernet, append(ether(0x86dd, packet6()), "trailer"...), v6},
	{"802.3 and SNAP", LinkEthernet, ether(53+4+8, join(snapHeader, u16(0x0800), packet4(), make([]byte, 9))), v4},
	{"LLC of IP", LinkEthernet, ether(60, join(hex("06 06 03"), packet4())), v4},
	{"802.1Q", LinkEthernet, ether(0x8100, vlan(10, 0x0800, packet4())), v4 + " vlan 10"},
	{"a priority tag", LinkEthernet, ether(0x8100, vlan(0x6000, 0x0800, packet4())), v4},
	{"QinQ", LinkEthernet, ether(0x88a8, vlan(5, 0x8100, vlan(10, 0x86dd, packet6()))), v6 + " vlan 5 / vlan 10"},
	{"QinQ 9100", LinkEthernet, ether(0x9100, vlan(5, 0x8100, vlan(10, 0x0800, packet4()))), v4 + " vlan 5 / vlan 10"},
	{"VN-tag and E-tag", LinkEthernet, ether(0x8926, join(u32(1), u16(0x893f), u32(1), u16(1), u16(0x0800), packet4())), v4},
	{"MPLS", LinkEthernet, ether(0x8847, join(u32(16<<12|64), u32(17<<12|0x100|64), packet4())), v4 + " mpls 16 / mpls 17"},
	{"MPLS, Ethernet with control word", LinkEthernet, ether(0x8847, join(u32(16<<12|0x100), u32(7), ether(0x0800, packet4()))), v4 + " mpls 16"},
	{"MPLS, Ethernet", LinkEthernet, ether(0x8848, join(u32(16<<12|0x100), ether(0x0800, packet4()))), v4 + " mpls 16"},
	{"PPPoE", LinkEthernet, ether(0x8864, join(hex("11 00 00 09"), u16(2+57), u16(0x21), packet4())), v4 + " pppoe 9"},
	{"raw", LinkRaw, packet4(), v4},
	{"raw 12, IPv6", LinkRawDLT, packet6(), v6},
	{"raw 14", LinkRawOpenBSD, packet4(), v4},
	{"IPv4", LinkIPv4, packet4(), v4},
	{"IPv6", LinkIPv6, packet6(), v6},
	{"NULL, little-endian", LinkNull, join(hex("02 00 00 00"), packet4()), v4},
	{"NULL, big-endian macOS", LinkNull, join(u32(30), packet6()), v6},
	{"LOOP", LinkLoop, join(u32(24), packet6()), v6},
	{"SLL", LinkSLL, join(u16(0), u16(1), u16(6), make([]byte, 8), u16(0x0800), packet4()), v4},
	{"SLL with 802.2", LinkSLL, join(u16(0), u16(1), u16(6), make([]byte, 8), u16(4), snapHeader, u16(0x0800), packet4()), v4},
	{"SLL2", LinkSLL2, join(u16(0x86dd), u16(0), u32(3), u16(1), hex("00 06"), make([]byte, 8), packet6()), v6},
	{"PPP", LinkPPP, join(hex("ff 03 00 21"), packet4()), v4},
	{"PPP, compressed", LinkPPP, join(hex("21"), packet4()), v4},
	{"PPP with direction", LinkPPPWithDir, join(hex("00 ff 03 00 57"), packet6()), v6},
	{"PPP_PPPD, in", LinkPPPPppd, join(hex("00 03 00 21"), packet4()), v4},
	{"PPP_PPPD, out", LinkPPPPppd, join(hex("01 03 00 57"), packet6()), v6},
	{"PPP_HDLC, Cisco", LinkPPPHDLC, join(hex("0f 00 08 00"), packet4()), v4},
	{"PPP, bridged", LinkPPP, join(hex("00 31 00 01"), ether(0x0800, packet4())), v4},
	{"C_HDLC", LinkCHDLC, join(hex("0f 00 86 dd"), packet6()), v6},
	{"frame relay", LinkFrameRelay, join(hex("18 41 03 cc"), packet4()), v4},
	{"frame relay, padded SNAP", LinkFrameRelay, join(hex("18 41 03 00 80 00 00 00 08 00"), packet4()), v4},
	{"FDDI", LinkFDDI, join(make([]byte, 13), snapHeader, u16(0x0800), packet4()), v4},
	{"token ring with a route", LinkTokenRing, join(make([]byte, 8), hex("80 00 00 00 00 00 04 00 00 00"), snapHeader, u16(0x0800), packet4()), v4},
	{"RFC 1483, bridged", LinkATM1483, join(hex("aa aa 03 00 80 c2 00 07 00 00"), ether(0x0800, packet4())), v4},
	{"802.11", LinkIEEE80211, join(wifiHeader("08 02"), packet4()), v4},
	{"802.11 QoS", LinkIEEE80211, join(wifiHeader("88 02", 0, 0), packet4()), v4},
	{"802.11 with four addresses", LinkIEEE80211, join(wifiHeader("08 03", 0, 0, 0, 0, 0, 0), packet4()), v4},
	{"radiotap", LinkRadiotap, join(radiotapHeader(0), wifiHeader("08 02"), packet4(), make([]byte, 4)), v4},
	{"radiotap, padded", LinkRadiotap, join(radiotapHeader(0x20), wifiHeader("88 02", 0, 0, 0, 0), packet4()), v4},
	{"PPI", LinkPPI, join(hex("00 00 08 00 01 00 00 00"), ether(0x0800, packet4())), v4},
	{"pktap", LinkPktap, join(hex("10 00 00 00 01 00 00 00 65 00 00 00 00 00 00 00"), packet6()), v6},
	{"pflog", LinkPFLog, join(hex("3d 02"), make([]byte, 62), packet4()), v4},
	{"enc", LinkEnc, join(make([]byte, 12), packet4()), v4},
	{"nflog", LinkNFLog, join(hex("02 00 00 00 05 00 0a 00 00 00 00 00 3d 00 09 00"), packet4()), v4},
	{"nflog, big-endian", LinkNFLog, join(hex("02 00 00 00 00 05 00 0a 00 00 00 00 00 3d 00 09"), packet4()), v4},
	{"IP over 1394", LinkIP1394, join(make([]byte, 16), u16(0x0800), packet4()), v4},
	{"mPacket", LinkEtherMPacket, join(make([]byte, 8), ether(0x0800, packet4())), v4},

	{"IPIP", LinkRaw, ip4(protoIPv4, packet4()), v4},
	{"6in4", LinkRaw, ip4(protoIPv6, packet6()), v6},
	{"4in6", LinkRaw, ip6(protoIPv4, packet4()), v4},
	{"EtherIP", LinkRaw, ip4(protoEtherIP, join(u16(0x3000), ether(0x0800, packet4()))), v4},
	{"MPLS in IP", LinkRaw, ip4(protoMPLSInIP, join(u32(20<<12|0x100), packet4())), v4 + " mpls 20"},
	{"AH", LinkRaw, ip4(protoAH, join([]byte{protoTCP, 4}, make([]byte, 22), hello())), v4},
	{"GRE", LinkRaw, ip4(protoGRE, join(hex("00 00 08 00"), packet4())), v4},
	{"GRE with all fields", LinkRaw, ip4(protoGRE, join(hex("b0 00 86 dd"), u32(0), u32(99), u32(1), packet6())), v6 + " gre key 99"},
	{"GRE of Ethernet", LinkRaw, ip6(protoGRE, join(hex("20 00 65 58"), u32(256), ether(0x8100, vlan(3, 0x0800, packet4())))), v4 + " gre key 256 / vlan 3"},
	{"PPTP", LinkRaw, ip4(protoGRE, join(hex("30 81 88 0b"), u32(1), u32(1), u32(1), hex("ff 03 00 21"), packet4())), v4},
	{"ERSPAN I", LinkRaw, ip4(protoGRE, join(hex("00 00 88 be"), ether(0x0800, packet4()))), v4},
	{"ERSPAN II", LinkRaw, ip4(protoGRE, join(hex("10 00 88 be"), u32(1), u32(0x10070000), u32(0), ether(0x0800, packet4()))), v4 + " vlan 7"},
	{"ERSPAN III, long", LinkRaw, ip4(protoGRE, join(hex("10 00 22 eb"), u32(1), u32(0x20000000), u32(0), u32(1), u32(0), u32(0), ether(0x0800, packet4()))), v4},
	{"WCCP", LinkRaw, ip4(protoGRE, join(hex("00 00 88 3e"), u32(0), packet4())), v4},
	{"VXLAN", LinkRaw, ip4(protoUDP, udpBytes(4789, join(hex("08 00 00 00"), u32(42<<8), ether(0x0800, packet4())))), v4 + " vni 42"},
	{"VXLAN of Linux", LinkRaw, ip6(protoUDP, udpBytes(8472, join(hex("08 00 00 00"), u32(42<<8), ether(0x86dd, packet6())))), v6 + " vni 42"},
	{"VXLAN-GPE", LinkRaw, ip4(protoUDP, udpBytes(4790, join(hex("0c 00 00 02"), u32(42<<8), packet6()))), v6 + " vni 42"},
	{"GENEVE with options", LinkRaw, ip4(protoUDP, udpBytes(6081, join(hex("02 00 65 58"), u32(7<<8), make([]byte, 8), ether(0x0800, packet4())))), v4 + " vni 7"},
	{"GTP-U", LinkRaw, ip4(protoUDP, udpBytes(2152, join(hex("30 ff"), u16(57), u32(1), packet4()))), v4},
	{"GTP-U, extended", LinkRaw, ip4(protoUDP, udpBytes(2152, join(hex("34 ff"), u16(57+8), u32(1), hex("00 00 00 85 01 00 09 00"), packet4()))), v4},
	{"Teredo", LinkRaw, ip4(protoUDP, udpBytes(3544, join(hex("00 01 00 00"), make([]byte, 9), make([]byte, 8), packet6()))), v6},
	{"MPLS in UDP", LinkRaw, ip4(protoUDP, udpBytes(6635, join(u32(20<<12|0x100), packet4()))), v4 + " mpls 20"},

	{"IPv6 extensions", LinkRaw, ip6(protoHopByHop, join([]byte{protoDest, 0, 1, 4, 0, 0, 0, 0}, []byte{protoTCP, 0, 1, 4, 0, 0, 0, 0}, hello())), v6},
	{"IPv6 source route", LinkRaw, ip6(protoRouting, join([]byte{protoTCP, 2, 0, 1, 0, 0, 0, 0}, hostA6, hello())), "[fd00::1]:1234 > [fd00::1]:80 PSH,ACK hello"},
	{"IPv6 segment route", LinkRaw, ip6(protoRouting, join([]byte{protoTCP, 2, 4, 1, 0, 0, 0, 0}, hostA6, hello())), "[fd00::1]:1234 > [fd00::1]:80 PSH,ACK hello"},
	{"IPv6 atomic fragment", LinkRaw, ip6(protoFragment, join([]byte{protoTCP, 0, 0, 0}, u32(1), hello())), v6},
	{"IPv6 AH", LinkRaw, ip6(protoAH, join([]byte{protoTCP, 4}, make([]byte, 22), hello())), v6},

	{"ARP", LinkEthernet, ether(0x0806, make([]byte, 28)), "arp"},
	{"LLDP", LinkEthernet, ether(0x88cc, make([]byte, 28)), "lldp"},
	{"spanning tree", LinkEthernet, ether(38, join(hex("42 42 03"), make([]byte, 35))), "llc"},
	{"unknown EtherType", LinkEthernet, ether(0x1234, make([]byte, 46)), "other-ethertype"},
	{"MACsec", LinkEthernet, ether(0x88e5, make([]byte, 46)), "encrypted"},
	{"PPPoE discovery", LinkEthernet, ether(0x8863, make([]byte, 46)), "ppp-control"},
	{"LCP", LinkPPP, hex("ff 03 c0 21 01 01 00 04"), "ppp-control"},
	{"DNS", LinkRaw, ip4(protoUDP, udpBytes(53, make([]byte, 20))), "udp"},
	{"ping", LinkRaw, ip4(protoICMP, make([]byte, 20)), "icmp"},
	{"neighbour", LinkRaw, ip6(protoICMPv6, join(hex("87 00"), make([]byte, 20))), "icmp"},
	{"L2TP", LinkRaw, ip4(protoUDP, udpBytes(1701, join(hex("00 02 00 01 00 02 ff 03 00 21"), packet4()))), "l2tp"},
	{"L2TPv3 over IP", LinkRaw, ip4(protoL2TP, join(u32(7), ether(0x0800, packet4()))), "l2tp"},
	{"TZSP", LinkRaw, ip4(protoUDP, udpBytes(37008, join(hex("01 00 00 01 01"), ether(0x0800, packet4())))), "tzsp"},
	{"SCTP", LinkRaw, ip4(protoSCTP, make([]byte, 20)), "sctp"},
	{"IGMP", LinkRaw, ip4(protoIGMP, make([]byte, 20)), "igmp"},
	{"ESP", LinkRaw, ip4(protoESP, make([]byte, 20)), "encrypted"},
	{"OSPF", LinkRaw, ip4(89, make([]byte, 20)), "other-ip-protocol"},
	{"no next header", LinkRaw, ip6(protoNone, nil), "no-payload"},
	{"beacon", LinkIEEE80211, join(hex("80 00"), make([]byte, 30)), "802.11-management"},
	{"802.11 null", LinkIEEE80211, join(hex("48 01"), make([]byte, 30)), "no-payload"},
	{"802.11 protected", LinkIEEE80211, join(wifiHeader("08 42"), packet4()), "encrypted"},
	{"802.11 fragment", LinkIEEE80211, join(wifiHeader("08 06"), packet4()), "802.11-fragment"},
	{"link type 20 is not SLL2", 20, ether(0x0800, packet4()), "unknown-link-type"},
	{"IP version 5", LinkRaw, hex("50 00 00 00"), "other-ethertype"},
	{"IPv4 header of 16 bytes", LinkRaw, append([]byte{0x44}, packet4()[1:]...), "malformed"},
	{"data offset of 4", LinkRaw, ip4(protoTCP, join(hello()[:12], []byte{0x40}, hello()[13:])), "malformed-tcp"},
	{"data offset beyond the end", LinkRaw, ip4(protoTCP, join(hello()[:12], []byte{0xf0}, hello()[13:])), "malformed-tcp"},
	{"empty", LinkRaw, nil, "truncated"},
}

func TestDecode(t *testing.T) {
	for _, c := range decodeCases {
		if got := outcome(NewDecoder(Options{}), c.link, c.data); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestDecodeCut cuts every packet of the table at every length: a segment stays
// the same segment, with the same length, for as long as it is one.
func TestDecodeCut(t *testing.T) {
	for _, c := range decodeCases {
		d := NewDecoder(Options{})
		whole := Frame{Number: 1, Data: c.data, WireLen: len(c.data), Link: c.link}
		if d.Decode(&whole) != Segment {
			continue
		}
		want := *d.Segment()
		for n := range c.data {
			cut := whole
			cut.Data = c.data[:n:n]
			if d.Decode(&cut) != Segment {
				continue
			}
			got := *d.Segment()
			if got.Tuple != want.Tuple || got.Seq != want.Seq || got.Flags != want.Flags || got.Len != want.Len || got.Scope != want.Scope {
				t.Errorf("%s, %d of %d bytes: %v len %d, want %v len %d", c.name, n, len(c.data), got.Tuple, got.Len, want.Tuple, want.Len)
			}
			if !strings.HasPrefix(string(want.Payload), string(got.Payload)) {
				t.Errorf("%s, %d of %d bytes: payload %q, want a part of %q", c.name, n, len(c.data), got.Payload, want.Payload)
			}
		}
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	d := NewDecoder(Options{VerifyChecksums: true})
	for _, c := range decodeCases {
		f := Frame{Number: 1, Data: c.data, WireLen: len(c.data), Link: c.link}
		d.Decode(&f) // its networks are new the first time
		if n := testing.AllocsPerRun(20, func() { d.Decode(&f) }); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

// TestDecodeNested: layers without end are given up, also those that fill a
// frame of the greatest size.
func TestDecodeNested(t *testing.T) {
	for name, data := range map[string][]byte{
		"VN-tags":  ether(0x8926, []byte(strings.Repeat("\x00\x00\x00\x00\x89\x26", maxRecord/6))),
		"VLANs":    ether(0x8100, []byte(strings.Repeat("\x00\x01\x81\x00", 100000))),
		"labels":   ether(0x8847, make([]byte, maxRecord)),
		"ethernet": ether(0x6558, []byte(strings.Repeat("\x65\x58", maxRecord/2))),
		"AH":       ip4(protoAH, []byte(strings.Repeat("\x33\x00\x00\x00\x00\x00\x00\x00", 8000))),
	} {
		link := LinkEthernet
		if name == "AH" {
			link = LinkRaw
		}
		if got := outcome(NewDecoder(Options{}), link, data); got != "nested-too-deep" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestSegmentFields(t *testing.T) {
	d := NewDecoder(Options{})
	packet := ip4(protoTCP, tcpBytes(tcp.SYN|tcp.ECE|tcp.CWR|tcp.AE, "", ""))
	packet[1], packet[8] = 0xb9, 55
	f := Frame{Number: 9, Time: 17, Interface: 3, Comment: "noted", Data: ether(0x0800, packet), Link: LinkEthernet}
	if d.Decode(&f) != Segment {
		t.Fatal("not a segment")
	}
	s := *d.Segment()
	want := tcp.Segment{Frame: 9, Time: 17, Interface: 3, Comment: "noted", Seq: 1000, Ack: 2000, Window: 1024,
		Flags: tcp.SYN | tcp.ECE | tcp.CWR | tcp.AE, IPID: 77, TTL: 55, TOS: 0xb9, DF: true,
		Tuple: tcp.Tuple{Src: tcp.AddrFrom4(hostA), Dst: tcp.AddrFrom4(hostB), SrcPort: 1234, DstPort: 80}}
	s.Payload = nil
	if s.Frame != want.Frame || s.Time != want.Time || s.Interface != want.Interface || s.Comment != want.Comment || s.Tuple != want.Tuple ||
		s.Seq != want.Seq || s.Ack != want.Ack || s.Window != want.Window || s.Flags != want.Flags ||
		s.IPID != want.IPID || s.TTL != want.TTL || s.TOS != want.TOS || s.DF != want.DF || s.IPv6 || s.Len != 0 {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

// TestSegmentLen: the length comes from the IP header where it has one, else
// from the wire.
func TestSegmentLen(t *testing.T) {
	offload4 := packet4()
	binary.BigEndian.PutUint16(offload4[2:], 0)
	offload6 := packet6()
	binary.BigEndian.PutUint16(offload6[4:], 0)
	jumbo := ip6(protoHopByHop, join([]byte{protoTCP, 0, 0xc2, 4}, u32(8+20+70000), tcpBytes(tcp.ACK, "", strings.Repeat("x", 70000))))
	binary.BigEndian.PutUint16(jumbo[4:], 0)
	for name, c := range map[string]struct {
		data    []byte
		wireLen int
		want    uint32
	}{
		"whole":                    {packet4(), 57, 5},
		"cut, as the frame knows":  {packet4()[:40], 57, 5},
		"cut, and the frame lies":  {packet4()[:40], 40, 5},
		"offload, IPv4":            {offload4, 57, 5},
		"offload, IPv4, cut":       {offload4[:54], 1000, 948},
		"offload, IPv6":            {offload6, 77, 5},
		"jumbogram with a trailer": {append(jumbo, "trailer"...), len(jumbo) + 7, 70000},
	} {
		d := NewDecoder(Options{})
		if d.Decode(&Frame{Data: c.data, WireLen: c.wireLen, Link: LinkRaw}) != Segment {
			t.Errorf("%s: %v", name, d.Skipped())
		} else if got := d.Segment().Len; got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
}

func TestVerifyChecksums(t *testing.T) {
	good4, good6 := hello(), hello()
	t4 := tcp.Tuple{Src: tcp.AddrFrom4(hostA), Dst: tcp.AddrFrom4(hostB)}
	t6 := tcp.Tuple{Src: tcp.AddrFrom16(hostA6), Dst: tcp.AddrFrom16(hostB6)}
	for sum := 0; !tcpChecksumOK(&t4, false, good4); sum++ {
		binary.BigEndian.PutUint16(good4[16:], uint16(sum))
	}
	for sum := 0; !tcpChecksumOK(&t6, true, good6); sum++ {
		binary.BigEndian.PutUint16(good6[16:], uint16(sum))
	}
	badHeader := ip4(protoTCP, good4)
	badHeader[8]--
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"good, IPv4":        {ip4(protoTCP, good4), v4},
		"good, IPv6":        {ip6(protoTCP, good6), v6},
		"bad, IPv4":         {ip4(protoTCP, hello()), "bad-checksum"},
		"bad, IPv6":         {ip6(protoTCP, hello()), "bad-checksum"},
		"bad header":        {badHeader, "bad-checksum"},
		"cannot be checked": {ip4(protoTCP, hello())[:54], "10.0.0.1:1234 > 10.0.0.2:80 PSH,ACK he"},
	} {
		if got := outcome(NewDecoder(Options{VerifyChecksums: true}), LinkRaw, c.data); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestMergeVLANs(t *testing.T) {
	d := NewDecoder(Options{MergeVLANs: true})
	data := ether(0x8100, vlan(10, 0x0800, ip4(protoUDP, udpBytes(4789, join(hex("08 00 00 00"), u32(42<<8), ether(0x8100, vlan(11, 0x0800, packet4())))))))
	if got, want := outcome(d, LinkEthernet, data), v4+" vni 42"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestScopes: numbers are given in order of appearance and are bounded.
func TestScopes(t *testing.T) {
	d := NewDecoder(Options{})
	for i := range maxScopes + 10 {
		data := ether(0x8100, vlan(1+i%4000, 0x8100, vlan(1+i/4000, 0x0800, packet4())))
		outcome(d, LinkEthernet, data)
	}
	if n := len(d.scopes.list); n != maxScopes {
		t.Errorf("%d scopes, want %d", n, maxScopes)
	}
	if got, want := d.ScopeName(1)+", "+d.ScopeName(2)+", "+d.ScopeName(0)+d.ScopeName(1<<30), "vlan 1, vlan 1 / vlan 1, "; got != want {
		t.Errorf("names are %q, want %q", got, want)
	}
}

// TestLinkSource wants one digest for one source address, whatever else differs,
// and another for another; none where there is no Ethernet header.
func TestLinkSource(t *testing.T) {
	digest := func(link LinkType, frame []byte) uint16 {
		d := NewDecoder(Options{})
		if v := d.Decode(&Frame{Number: 1, Data: frame, WireLen: len(frame), Link: link}); v != Segment {
			t.Fatal(v)
		}
		return d.Segment().LinkSource
	}
	plain := ether(0x0800, ip4(6, hello()))
	toOther, fromOther := bytes.Clone(plain), bytes.Clone(plain)
	toOther[5] ^= 1
	fromOther[11] ^= 1
	a := digest(LinkEthernet, plain)
	if a == 0 || digest(LinkEthernet, toOther) != a {
		t.Errorf("one source address, digests %d and %d", a, digest(LinkEthernet, toOther))
	}
	if b := digest(LinkEthernet, fromOther); b == a || b == 0 {
		t.Errorf("another source address: %d and %d", a, b)
	}
	if n := digest(LinkRaw, ip4(6, hello())); n != 0 {
		t.Errorf("no Ethernet header: %d", n)
	}
}
