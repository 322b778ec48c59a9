package capture

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"
)

func TestPcapngInterfaces(t *testing.T) {
	long := strings.Repeat("n", 100)
	r := openBytes(t, join(
		ngSectionBlock(),
		ngInterfaceBlock(LinkEthernet, ngOption(2, "eth0"), ngOption(9, "\x09")),
		ngInterfaceBlock(LinkRaw, ngOption(2, long), ngOption(14, "\x05\x00\x00\x00\x00\x00\x00\x00")),
		ngInterfaceBlock(LinkPPP),
		ngPacketBlock(1, 1e6, []byte("one")),
		ngPacketBlock(0, 2e9, []byte("two")),
		ngSectionBlock(),
		ngInterfaceBlock(LinkRaw, ngOption(2, "again")),
		ngPacketBlock(0, 3e6, []byte("three")),
	))
	want := "1:0/0 6.000000000 one\n2:0/1 2.000000000 two\n3:0/2 3.000000000 three\n"
	if got := told(readAll(t, r)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Names are numbered as frames are met; the third interface had none.
	got := r.Interfaces()
	if len(got) != 3 || got[0].Name != long[:64] || got[1] != (Interface{0, "eth0", LinkEthernet}) || got[2].Name != "again" {
		t.Errorf("interfaces %+v", got)
	}
	if got := strings.Join(r.Inputs()[0].LinkTypes, " "); got != "EN10MB RAW PPP" {
		t.Errorf("link types %s", got)
	}
}

func TestPcapngComments(t *testing.T) {
	frames := readAll(t, openBytes(t, join(
		ngSectionBlock(), ngInterfaceBlock(LinkRaw),
		ngPacketBlock(0, 1, []byte("abc"), ngOption(2, "flag"), ngOption(1, "first"), ngOption(1, "second"), ngOption(0, "")),
		ngPacketBlock(0, 2, []byte("abcd")),
		ngPacketBlock(0, 3, []byte("abcde"), ngOption(1, "no end")),
		ngPacketBlock(0, 4, []byte("abcde"), le16(1), le16(500), []byte("lies")),
		ngPacketBlock(0, 5, []byte("abc"), ngOption(1, strings.Repeat("x", maxComment))),
		ngPacketBlock(0, 6, []byte("abc"), ngOption(1, strings.Repeat("x", maxComment-1)+"é")),
		ngPacketBlock(0, 7, []byte("abc"), bytes.Repeat(ngOption(1, strings.Repeat("x", 600)), 1000)),
	)))
	for i, want := range []string{"first\nsecond", "", "no end", "", strings.Repeat("x", maxComment), strings.Repeat("x", maxComment-1) + "…",
		strings.Repeat("x", 600) + "\n" + strings.Repeat("x", maxComment-601) + "…"} {
		if frames[i].Comment != want {
			t.Errorf("frame %d: %q, want %q", i+1, frames[i].Comment, want)
		}
	}
}

func TestPcapngNames(t *testing.T) {
	v4 := func(name string) []byte { return ngOption(1, "\x0a\x00\x00\x01"+name) }
	v6 := ngOption(2, "\xfd"+strings.Repeat("\x00", 14)+"\x01"+"six\x00other\x00")
	for name, c := range map[string]struct {
		records []byte
		want    string
	}{
		"both families":       {join(v4("four\x00"), v6, ngOption(0, "")), "map[10.0.0.1:four fd00::1:six]"},
		"the first name":      {join(v4("four\x00vier\x00"), v4("later\x00")), "map[10.0.0.1:four]"},
		"without an end":      {v4("four"), "map[10.0.0.1:four]"},
		"no name":             {v4(""), "map[]"},
		"too short":           {ngOption(1, "\x0a\x00"), "map[]"},
		"another kind":        {join(ngOption(9, "\x0a\x00\x00\x01four\x00"), v4("four\x00")), "map[10.0.0.1:four]"},
		"a length that lies":  {join(v4("four\x00"), le16(1), le16(500), []byte("lies")), "map[10.0.0.1:four]"},
		"too long":            {v4(strings.Repeat("n", 300)), "map[10.0.0.1:" + strings.Repeat("n", maxHostName) + "]"},
		"an end in the midst": {join(ngOption(0, ""), v4("four\x00")), "map[]"},
	} {
		r := openBytes(t, join(ngSectionBlock(), ngInterfaceBlock(LinkRaw), ngPacketBlock(0, 1, []byte("abc")), ngBlock(ngNames, c.records)))
		readAll(t, r)
		if got := fmt.Sprint(r.Names()); got != c.want || r.Inputs()[0].Err != nil {
			t.Errorf("%s: %s, %v; want %s", name, got, r.Inputs()[0].Err, c.want)
		}
	}
	many := make(hostNames)
	for i := range maxNames + 10 {
		many.add(netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i)}), []byte("n"))
	}
	if len(many) != maxNames {
		t.Errorf("%d names", len(many))
	}
}

func TestPcapngStatistics(t *testing.T) {
	statistics := func(iface int, options ...[]byte) []byte {
		return ngBlock(ngStatistics, append([][]byte{le32(iface), le32(0), le32(0)}, options...)...)
	}
	count := func(code, n int) []byte { return ngOption(code, string(join(le32(n), le32(0)))) }
	most := ngOption(5, "\xff\xff\xff\xff\xff\xff\xff\xff")
	section := join(ngSectionBlock(), ngInterfaceBlock(LinkRaw), ngInterfaceBlock(LinkRaw))
	for name, c := range map[string]struct {
		blocks []byte
		want   uint64
	}{
		"none":                   {nil, 0},
		"received":               {statistics(0, count(4, 100)), 0},
		"dropped":                {statistics(0, count(4, 100), count(5, 7)), 7},
		"by interface and OS":    {statistics(0, count(5, 7), count(7, 3)), 10},
		"the newest of each":     {join(statistics(0, count(5, 7)), statistics(1, count(5, 1)), statistics(0, count(5, 9))), 10},
		"two sections":           {join(statistics(0, count(5, 7)), section, statistics(0, count(5, 2))), 9},
		"an unknown interface":   {statistics(2, count(5, 7)), 0},
		"more than there can be": {join(statistics(0, most), statistics(1, most)), math.MaxUint64},
	} {
		r := openBytes(t, join(section, c.blocks, ngPacketBlock(0, 1, []byte("abc"))))
		if n := len(readAll(t, r)); n != 1 || r.Inputs()[0].Dropped != c.want || r.Inputs()[0].Err != nil {
			t.Errorf("%s: %d frames, %d dropped, %v; want %d", name, n, r.Inputs()[0].Dropped, r.Inputs()[0].Err, c.want)
		}
	}
}

func TestPcapngDamage(t *testing.T) {
	start := join(ngSectionBlock(), ngInterfaceBlock(LinkRaw), ngPacketBlock(0, 1, []byte("good")))
	for name, c := range map[string]struct {
		block []byte
		want  string
	}{
		"block of 4 bytes":      {join(le32(6), le32(4), le32(0)), "a block of type 6 says it is 4 bytes long, at least 32 are needed"},
		"block of 4 GiB":        {join(le32(6), le32(-1), le32(0)), "a block of type 6 says it is 4294967296 bytes long"},
		"captured length":       {ngBlock(ngEnhanced, le32(0), le32(0), le32(0), le32(-16), le32(0)), "a packet says it holds 4294967280 bytes, its block has 0"},
		"interface":             {ngPacketBlock(7, 1, []byte("x")), "a packet of interface 7, of 1 described"},
		"order of a section":    {ngBlock(ngSection, le32(1), le32(0), le32(0), le32(0)), "a section has no byte-order magic"},
		"clock":                 {ngInterfaceBlock(LinkRaw, ngOption(9, "\x40")), "interface 1 says its clock ticks every 10^-64 seconds"},
		"clock of powers of 2":  {ngInterfaceBlock(LinkRaw, ngOption(9, "\xc0")), "interface 1 says its clock ticks every 2^-64 seconds"},
		"simple, no interface":  {join(ngSectionBlock(), ngBlock(ngSimple, le32(1), []byte("x"))), "a packet, but no interface described"},
		"too many interfaces":   {[]byte(strings.Repeat(string(ngInterfaceBlock(LinkRaw)), maxInterfaces)), "more than 65536 interfaces"},
		"packet without a room": {ngBlock(ngOldPacket, le32(0)), "a block of type 2 says it is 16 bytes long, at least 32 are needed"},
	} {
		r := openBytes(t, append(start[:len(start):len(start)], c.block...))
		frames := readAll(t, r)
		err := r.Inputs()[0].Err
		if len(frames) != 1 || !errors.Is(err, ErrCorrupt) || !strings.HasSuffix(err.Error(), ErrCorrupt.Error()+": "+c.want) {
			t.Errorf("%s: %d frames, %v", name, len(frames), err)
		}
	}
}
