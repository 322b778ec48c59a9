package tcp_test

import (
	"net/netip"
	"strings"
	"testing"

	"tcpreplay-fsm/tcp"
)

func TestFlagsString(t *testing.T) {
	for f, want := range map[tcp.Flags]string{
		0:                           "-",
		tcp.SYN:                     "SYN",
		tcp.SYN | tcp.ACK:           "SYN,ACK",
		tcp.FIN | tcp.PSH | tcp.ACK: "FIN,PSH,ACK",
		tcp.SYN | tcp.ECE | tcp.CWR: "SYN,ECE,CWR",
		0x1ff:                       "SYN,FIN,RST,PSH,ACK,URG,ECE,CWR,AE",
		0x200:                       "",
	} {
		if got := f.String(); got != want {
			t.Errorf("%#x is %q, want %q", uint16(f), got, want)
		}
	}
}

// Every combination of bits prints each of its names once, and Has and Any are
// what they say.
func TestFlagsAll(t *testing.T) {
	for f := tcp.Flags(1); f <= 0x1ff; f++ {
		n := 0
		for bit := tcp.FIN; bit <= tcp.AE; bit <<= 1 {
			if f.Has(bit) != (f&bit != 0) || f.Any(bit) != f.Has(bit) {
				t.Fatalf("%s: Has and Any(%s) differ", f, bit)
			}
			if f.Has(bit) {
				n++
			}
		}
		if got := len(strings.Split(f.String(), ",")); got != n {
			t.Fatalf("%#x prints as %s: %d names for %d bits", uint16(f), f, got, n)
		}
	}
	f := tcp.SYN | tcp.ACK
	if !f.Has(tcp.SYN|tcp.ACK) || f.Has(tcp.SYN|tcp.FIN) || !f.Any(tcp.SYN|tcp.FIN) || f.Any(tcp.FIN|tcp.RST) || !f.Has(0) || f.Any(0) {
		t.Error("Has wants all, Any wants one")
	}
}

func TestSegmentLength(t *testing.T) {
	for _, c := range []struct {
		flags tcp.Flags
		len   uint32
		want  uint32
	}{
		{tcp.ACK, 0, 0}, {tcp.SYN, 0, 1}, {tcp.SYN | tcp.ACK, 10, 11}, {tcp.FIN | tcp.ACK, 5, 6},
		{tcp.SYN | tcp.FIN, 0, 2}, {tcp.RST, 7, 7},
	} {
		s := tcp.Segment{Seq: 0xffffffff, Flags: c.flags, Len: c.len}
		if got := s.SeqLen(); got != c.want {
			t.Errorf("%s with %d bytes is %d long, want %d", c.flags, c.len, got, c.want)
		}
		if got := s.End(); got != tcp.Seq(c.want-1) {
			t.Errorf("%s with %d bytes ends at %d, want %d", c.flags, c.len, got, c.want-1)
		}
	}
}

func TestTuple(t *testing.T) {
	addrs := []string{"0.0.0.0", "10.0.0.1", "10.0.0.2", "255.255.255.255", "::", "::1", "2001:db8::1", "ffff::"}
	var tuples []tcp.Tuple
	for _, src := range addrs {
		for _, dst := range addrs {
			for _, port := range []uint16{0, 80, 65535} {
				tuples = append(tuples, tcp.Tuple{Src: tcp.AddrFrom(netip.MustParseAddr(src)), Dst: tcp.AddrFrom(netip.MustParseAddr(dst)),
					SrcPort: port, DstPort: 80})
			}
		}
	}
	for _, u := range tuples {
		for _, v := range tuples {
			if u.Equal(&v) != (u == v) {
				t.Fatalf("%s and %s: Equal says %v", u, v, u.Equal(&v))
			}
			if r := v.Reverse(); u.Opposes(&r) != (u == v) {
				t.Fatalf("%s and %s: Opposes says %v", u, r, u.Opposes(&r))
			}
		}
		c, reversed := u.Canonical()
		back, other := u.Reverse().Canonical()
		if c != back {
			t.Fatalf("%s and its reverse have the canonical tuples %s and %s", u, c, back)
		}
		if u != u.Reverse() && reversed == other {
			t.Fatalf("%s: both directions say reversed = %v", u, reversed)
		}
		if want := map[bool]tcp.Tuple{false: u, true: u.Reverse()}[reversed]; c != want {
			t.Fatalf("%s: canonical is %s, reversed %v", u, c, reversed)
		}
		if got := u.Source().String() + " > " + u.Destination().String(); got != u.String() || u.Reverse().Source() != u.Destination() {
			t.Fatalf("%s prints its ends as %s", u, got)
		}
	}
}

func TestAddr(t *testing.T) {
	var last tcp.Addr
	for i, s := range []string{"::", "::1", "0.0.0.0", "10.0.0.1", "255.255.255.255", "2001:db8::1", "fe80::1"} {
		n := netip.MustParseAddr(s)
		a := tcp.AddrFrom(n)
		if a.Netip() != n || a.String() != s || a.Is4() != n.Is4() {
			t.Errorf("%s comes back as %s, IPv4 %v", s, a, a.Is4())
		}
		if b := n.AsSlice(); n.Is4() && tcp.AddrFrom4(b) != a || !n.Is4() && tcp.AddrFrom16(b) != a {
			t.Errorf("%s from its bytes is another address", s)
		}
		if i > 0 && (!last.Less(a) || a.Less(last)) || a.Less(a) {
			t.Errorf("%s does not come after %s", a, last)
		}
		last = a
	}
	if a := tcp.AddrFrom(netip.MustParseAddr("fe80::1%eth0")); a.String() != "fe80::1" {
		t.Errorf("a zone stays: %s", a)
	}
}
