package filter

import (
	"errors"
	"strings"
	"testing"
)

func compile(t testing.TB, expr string) *Filter {
	t.Helper()
	f, err := Compile(expr)
	if err != nil {
		t.Fatalf("Compile(%q): %v", expr, err)
	}
	return f
}

// TestMatch has verdicts that need no libpcap to tell.
func TestMatch(t *testing.T) {
	v4, v6 := packets()
	syn4, data4, later4, syn6, frag6 := v4[0], v4[1], v4[4], v6[0], v6[5]
	ether := func(p []byte) []byte { return bytesOf(make([]byte, 12), uint16(0x800), p) }
	tagged := bytesOf(make([]byte, 12), uint16(0x8100), uint16(5), uint16(0x800), syn4)
	for _, c := range []struct {
		expr string
		link uint32
		data []byte
		want bool
	}{
		{"", 101, nil, true},
		{"ip", 101, nil, false},
		{"not ip", 101, nil, false}, // the load fails, whatever not says
		{"tcp port 80", 101, syn4, true},
		{"tcp port 80", 228, syn4, true},
		{"tcp port 80", 1, ether(syn4), true},
		{"tcp port 80", 1, tagged, false},
		{"vlan and tcp port 80", 1, tagged, true},
		{"vlan 5 and tcp port 80", 1, tagged, true},
		{"vlan 6 and tcp port 80", 1, tagged, false},
		{"vlan or tcp", 1, ether(syn4), false}, // tcp is looked for behind a tag
		{"tcp or vlan", 1, ether(syn4), true},
		{"tcp port 80", 101, later4, false},
		{"tcp", 101, later4, true},
		{"port 80", 101, syn6, true},
		{"tcp", 101, frag6, true},
		{"tcp port 80", 101, frag6, false},
		{"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", 101, syn4, true},
		{"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", 101, data4, false},
		{"tcp[tcpflags] & tcp-syn != 0", 101, syn6, false}, // tcp[] is of IPv4 only
		{"port 80 or 443", 101, data4, true},
		{"tcp port 80", 101, syn4[:22], false},
		{"not tcp port 80", 101, syn4[:22], false},
		{"udp or not tcp port 80", 101, syn4[:22], false},
		{"tcp or tcp port 80", 101, syn4[:22], true},
		{"greater 1000", 101, syn4, false},
		{"ip", 0, bytesOf("\x02\x00\x00\x00", syn4), true},
		{"ip", 0, bytesOf("\x00\x00\x00\x02", syn4), true},
		{"ip", 108, bytesOf("\x02\x00\x00\x00", syn4), false},
		{"ip6", 0, bytesOf("\x1e\x00\x00\x00", syn6), true},
		{"ip", 127, syn4, false},
	} {
		if got := compile(t, c.expr).Match(c.link, c.data, len(c.data)); got != c.want {
			t.Errorf("%q on link type %d: Match(% x) = %v, want %v", c.expr, c.link, c.data, got, c.want)
		}
	}
}

func TestSupports(t *testing.T) {
	for _, c := range []struct {
		expr string
		link uint32
		want string // "" for supported
	}{
		{"tcp", 1, ""}, {"tcp", 14, ""}, {"tcp", 12, ""}, {"tcp", 276, ""}, {"vlan", 1, ""}, {"ether[0] = 1", 101, ""},
		{"tcp", 127, "filters do not know link type 127"},
		{"", 4000, "filters do not know link type 4000"},
		{"tcp or vlan 5", 113, "no VLAN support for Linux cooked v1"},
		{"not ether host 1:2:3:4:5:6", 101, "no Ethernet addresses in raw IP"},
	} {
		got := ""
		if err := compile(t, c.expr).Supports(c.link); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("Compile(%q).Supports(%d) says %q, want %q", c.expr, c.link, got, c.want)
		}
	}
}

// refused are expressions that must not compile, with the columns and words of
// the errors.
var refused = []struct {
	expr   string
	column int
	says   string
}{
	{"tcp and", 8, "not complete"},
	{"and tcp", 1, `unexpected "and"`},
	{"host example.com", 6, `names are not resolved: give the address of "example.com"`},
	{"tcp or host héé", 14, `'é' has no meaning`},
	{"net mynet", 5, "names are not resolved"},
	{"port nosuchthing", 6, "not a service known here"},
	{"udp port ssh", 10, "not a service of that protocol"},
	{"sctp port http", 11, "give the number"},
	{"portrange http-https", 11, "no range of port numbers"},
	{"port 80-90", 6, "not a service known here"},
	{"port 65536", 6, "greater than 65535"},
	{"portrange 1-70000", 11, "no range"},
	{"icmp port 80", 11, "only tcp, udp and sctp have ports"},
	{"port 10.0.0.1", 6, "is an address"},
	{"host 256.1.1.1", 6, "no IPv4 address"},
	{"host 1.2.3.4/24", 6, "a mask needs net"},
	{"src 10.0.0.0/8", 5, "a mask needs net"},
	{"net 10.0.0.1/8", 5, "bits set that are not of the network"},
	{"net 10.0.0.0/33", 14, "at most 32"},
	{"net 1.2.3.4 mask 255", 18, "a mask must follow"},
	{"net fe80::1/64", 5, "bits set that are not of the network"},
	{"host fe80::/64", 6, "a prefix length needs net"},
	{"net fe80::/129", 12, "at most 128"},
	{"ip host ::1", 9, "does not go with an IPv6 address"},
	{"tcp host 1.2.3.4", 10, "does not go with an IPv4 address"},
	{"host 1:2:3:4:5:6", 6, "needs ether host"},
	{"10.0.0.1", 1, "no qualifier"},
	{"tcp 80", 5, `unexpected "80"`},
	{"tcp or 80", 8, "no qualifier"},
	{"tcp udp", 5, `"and" or "or" is missing`},
	{"tcp.flags.reset == 1", 1, "Wireshark's display filters"},
	{"port 80 and ip.addr == 10.0.0.1", 13, "Wireshark's display filters"},
	{"tcp. or port 80", 1, "no qualifier"},
	{"src or port 80", 8, `must follow "dst"`},
	{"TCP", 1, "no qualifier"},
	{"ether", 1, "needs host, proto or [offset]"},
	{"ether proto 100", 13, "not supported"},
	{"tcp proto 5", 11, "only ether, ip and ip6"},
	{"proto tcp", 7, `not "tcp"`},
	{"proto 256", 7, "greater than 255"},
	{"vlan 4096", 6, "greater than 4095"},
	{"ether broadcast", 7, `"broadcast" is not supported`},
	{"mpls 5", 1, `"mpls" is not supported`},
	{"gateway 10.0.0.1", 1, `"gateway" is not supported`},
	{"tcp[13:3] = 1", 8, "size of 1, 2 or 4"},
	{"tcp[13 = 1", 8, `"]" is missing`},
	{"tcp[13]", 8, "a comparison"},
	{"tcp[13] & 2", 12, "a comparison"},
	{"tcp[13] = ", 11, "a number, len or a load"},
	{"tcp[-1] = 1", 5, "a negative offset"},
	{"ip[0 - 1] = 1", 4, "a negative offset"},
	{"ah[0] = 1", 1, "cannot be loaded"},
	{"len / 0 = 1", 5, "division by zero"},
	{"len << 32 = 1", 5, "shift by more than 31"},
	{"len = 09", 7, "no number of 32 bits"},
	{"len = 4294967296", 7, "no number of 32 bits"},
	{"(tcp", 1, "not closed"},
	{"tcp)", 4, "unexpected"},
	{"host ((10.0.0.1 or 10.0.0.2) or 10.0.0.3)", 8, "only numbers may begin"},
	{"$5", 1, "has no meaning"},
	{"less tcp", 6, "a number of bytes"},
	{`host \`, 6, "a name must follow"},
}

func TestRefused(t *testing.T) {
	for _, c := range refused {
		_, err := Compile(c.expr)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("Compile(%q) says %v", c.expr, err)
			continue
		}
		if e.Column != c.column || !strings.Contains(e.Msg, c.says) {
			t.Errorf("Compile(%q): %v; want column %d and %q", c.expr, e, c.column, c.says)
		}
	}
}

// TestRefusedToo makes sure that what the table of refusals holds is not more
// than libpcap refuses, but for what docs/filters.md says.
func TestRefusedToo(t *testing.T) {
	needTcpdump(t)
	ours := map[string]bool{ // accepted by libpcap, not here
		"ether proto 100": true, "proto 256": true, "ether broadcast": true, "mpls 5": true, "tcp[-1] = 1": true, "ip[0 - 1] = 1": true, "portrange http-https": true,
	}
	file := pcapOf(1, framesOf(1)[:1])
	for _, c := range refused {
		if strings.Contains(c.says, "resolved") || strings.HasPrefix(c.expr, "$") {
			continue
		}
		if _, err := tcpdump(file, c.expr); err == nil && !ours[c.expr] {
			t.Errorf("%q is refused, but tcpdump takes it", c.expr)
		}
	}
}

func TestDeepNesting(t *testing.T) {
	for _, unit := range []string{"(", "not ", "!", "- ", "port (", "tcp[", "1+(", "vlan (", "port 80 or ("} {
		if _, err := Compile(strings.Repeat(unit, 500) + "1"); err == nil {
			t.Errorf("500 times %q compiles", unit)
		}
	}
	if _, err := Compile(strings.Repeat(" ", maxExpr) + "tcp"); err == nil {
		t.Error("an expression longer than the limit compiles")
	}
	long := "port 1" + strings.Repeat(" or 2", maxExpr/5-2)
	f := compile(t, long)
	v4, _ := packets()
	if f.Match(101, v4[0], len(v4[0])) {
		t.Error("a long expression matches what it should not")
	}
}

// TestMatchAllocatesNothing also holds for relations.
func TestMatchAllocatesNothing(t *testing.T) {
	v4, _ := packets()
	f := compile(t, "tcp port 80 and tcp[((tcp[12]&0xf0)>>2):4] = 0x64617461 and src net 10.0.0.0/8")
	if !f.Match(101, v4[0], len(v4[0])) {
		t.Fatal("no match")
	}
	if n := testing.AllocsPerRun(100, func() { f.Match(101, v4[0], len(v4[0])) }); n != 0 {
		t.Errorf("Match allocates %v times", n)
	}
}

func BenchmarkMatch(b *testing.B) {
	v4, _ := packets()
	data := bytesOf(make([]byte, 12), uint16(0x800), v4[0])
	for _, expr := range []string{"tcp", "tcp port 443", "host 10.0.0.9 and port 80", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0"} {
		f := compile(b, expr)
		b.Run(expr, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.Match(1, data, len(data))
			}
		})
	}
}
