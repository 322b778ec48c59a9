package wire

import (
	"testing"

	"golang.org/x/net/bpf"
)

// passes runs the kernel's filter on a packet whose bytes are all zero, with what the
// kernel knows beside them. It returns the bytes to keep.
func passes(t *testing.T, code []bpf.RawInstruction, known map[bpf.Extension]uint32) uint32 {
	t.Helper()
	a := uint32(0)
	for at := 0; at < len(code); at++ {
		switch i := code[at].Disassemble().(type) {
		case bpf.LoadExtension:
			a = known[i.Num]
		case bpf.LoadAbsolute, bpf.LoadIndirect:
			a = 0
		case bpf.LoadMemShift:
		case bpf.JumpIf:
			holds := a == i.Val
			switch i.Cond {
			case bpf.JumpNotEqual:
				holds = !holds
			case bpf.JumpBitsSet:
				holds = a&i.Val != 0
			}
			if holds {
				at += int(i.SkipTrue)
			} else {
				at += int(i.SkipFalse)
			}
		case bpf.Jump:
			at += int(i.Skip)
		case bpf.RetConstant:
			return i.Val
		default:
			t.Fatalf("instruction %d: %v", at, i)
		}
	}
	t.Fatal("the program does not end")
	return 0
}

// TestProgram: what is let through by what the kernel knows of a packet. A wireless
// interface in monitor mode has 802.11 frames of no EtherType: the kernel calls them
// ETH_P_802_2 (net/mac80211/rx.c), whatever they carry.
func TestProgram(t *testing.T) {
	const ethernet, loopback, radiotap, outgoing, snap = 1, 772, 803, 4, 1500
	code, err := program(snap, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name                string
		link, kind, network uint32
		want                uint32
	}{
		{"VLAN in VLAN", ethernet, 0, 0x8100, snap},
		{"ARP", ethernet, 0, 0x0806, 0},
		{"802.2", ethernet, 0, 4, 0},
		{"loopback, in", loopback, 0, 0x8847, snap},
		{"loopback, out", loopback, outgoing, 0x8847, 0},
		{"monitor mode", radiotap, 3, 4, snap},
	} {
		known := map[bpf.Extension]uint32{bpf.ExtLinkLayerType: c.link, bpf.ExtType: c.kind, bpf.ExtProto: c.network}
		if got := passes(t, code, known); got != c.want {
			t.Errorf("%s: %d bytes pass, want %d", c.name, got, c.want)
		}
	}
}
