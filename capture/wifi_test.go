package capture

import (
	"fmt"
	"slices"
	"testing"
)

// amsdu is a QoS frame that aggregates packets of IPv4 or ARP.
func amsdu(packets ...[]byte) []byte {
	out := join(hex("88 02"), make([]byte, 22), hex("80 00"))
	start := len(out)
	for _, p := range packets {
		protocol := 0x0806
		if len(p) > 0 && p[0]>>4 == 4 {
			protocol = 0x0800
		}
		out = append(out, make([]byte, -(len(out)-start)&3)...)
		out = join(out, make([]byte, 12), u16(len(snapHeader)+2+len(p)), snapHeader, u16(protocol), p)
	}
	return out
}

func arpPacket() []byte { return make([]byte, 28) }

// aggregates are frames of 802.11 that hold several packets, or say so.
var aggregates = []struct {
	name     string
	data     []byte
	payloads []string // of the segments
	counted  string
	beside   int
}{
	{"one", amsdu(packet4()), []string{"hello"}, "1 segments, []", 0},
	{"three", amsdu(packet4(), packet4(), packet4()), []string{"hello", "hello", "hello"}, "1 segments, []", 2},
	{"a frame check sequence", append(amsdu(packet4(), packet4()), "\x01\x02\x03\x04\x05\x06\x07"...), []string{"hello", "hello"}, "1 segments, []", 1},
	{"ARP first", amsdu(arpPacket(), packet4()), []string{"hello"}, "1 segments, []", 0},
	{"ARP among them", amsdu(packet4(), arpPacket(), packet4()), []string{"hello", "hello"}, "1 segments, []", 1},
	{"no segment", amsdu(arpPacket(), arpPacket()), nil, "0 segments, [{arp 1}]", 0},
	{"fragments, put together in the frame", amsdu(cutUp(hello(), 16)...), []string{"hello"}, "0 segments, [{ip-fragment 1}]", 1},
	{"a fragment second", amsdu(packet4(), cutUp(hello(), 16)[0]), []string{"hello"}, "1 segments, []", 0},
	{"the second cut short", amsdu(packet4(), packet4())[:170], []string{"hello", ""}, "1 segments, []", 1},
	{"nothing", amsdu(), nil, "0 segments, [{truncated 1}]", 0},
}

func TestAggregates(t *testing.T) {
	for _, c := range aggregates {
		d := NewDecoder(Options{})
		var payloads []string
		for v, more := d.Decode(&Frame{Number: 1, Data: c.data, WireLen: len(c.data), Link: LinkIEEE80211}), true; more; v, more = d.Further() {
			if v == Segment {
				payloads = append(payloads, string(d.Segment().Payload))
			}
		}
		counted := fmt.Sprintf("%d segments, %v", d.Segments(), d.Skipped())
		if !slices.Equal(payloads, c.payloads) || counted != c.counted || d.Beside() != c.beside {
			t.Errorf("%s: %q, %s, %d beside; want %q, %s, %d", c.name, payloads, counted, d.Beside(), c.payloads, c.counted, c.beside)
		}
	}
}
