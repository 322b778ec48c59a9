package wire

import "golang.org/x/net/bpf"

// netOff addresses a packet from its network header on, whatever link layer lies
// before it (SKF_NET_OFF of linux/filter.h).
const netOff = 0xfff00000

// protocolsIPv4 and protocolsIPv6 are what may hold TCP or tell of it (IANA
// protocol numbers); UDP is looked into.
var (
	protocolsIPv4 = []uint32{6, 1, 4, 41, 47, 51, 97, 137}
	protocolsIPv6 = []uint32{6, 58, 4, 41, 47, 51, 97, 137, 0, 43, 44, 60, 135, 140}
	// etherTypes hold more headers, which are not looked at.
	etherTypes = []uint32{0x8100, 0x88a8, 0x9100, 0x8847, 0x8848, 0x8864, 0x893f, 0x8926}
	// tunnelPorts are GTP-U, Teredo, VXLAN, VXLAN-GPE, GENEVE, MPLS, and VXLAN of old.
	tunnelPorts = []uint32{2152, 3544, 4789, 4790, 6081, 6635, 8472}
)

const udpProtocol = 17

// program is the filter for the kernel of Linux: the first snapLen bytes of what
// the package's documentation lists.
func program(snapLen int, everything bool) ([]bpf.RawInstruction, error) {
	const (
		ipv4, ipv6       = 0x0800, 0x86dd
		arphrdLoopback   = 772
		arphrdRadiotap   = 803
		packetOutgoing   = 4
		fragmentOffset   = 0x1fff
		netByte, netHalf = 1, 2
	)
	var a assembler
	a.emit(bpf.LoadExtension{Num: bpf.ExtLinkLayerType})
	a.when(arphrdRadiotap, "keep") // of 802.11 the kernel knows no EtherType
	// lo passes each packet twice, out and in: the second is enough.
	a.unless(arphrdLoopback, "family")
	a.emit(bpf.LoadExtension{Num: bpf.ExtType})
	a.when(packetOutgoing, "drop")
	a.label("family")
	if !everything {
		a.emit(bpf.LoadExtension{Num: bpf.ExtProto})
		a.when(ipv6, "ipv6")
		for _, t := range etherTypes {
			a.when(t, "keep")
		}
		a.unless(ipv4, "drop")

		a.emit(bpf.LoadAbsolute{Off: netOff + 9, Size: netByte})
		for _, p := range protocolsIPv4 {
			a.when(p, "keep")
		}
		a.unless(udpProtocol, "drop")
		a.emit(bpf.LoadAbsolute{Off: netOff + 6, Size: netHalf})
		a.whenBits(fragmentOffset, "keep")
		a.emit(bpf.LoadMemShift{Off: netOff})
		for _, off := range []uint32{0, 2} {
			a.emit(bpf.LoadIndirect{Off: netOff + off, Size: netHalf})
			for _, p := range tunnelPorts {
				a.when(p, "keep")
			}
		}
		a.jump("drop")

		a.label("ipv6")
		a.emit(bpf.LoadAbsolute{Off: netOff + 6, Size: netByte})
		for _, p := range protocolsIPv6 {
			a.when(p, "keep")
		}
		a.unless(udpProtocol, "drop")
		for _, off := range []uint32{40, 42} {
			a.emit(bpf.LoadAbsolute{Off: netOff + off, Size: netHalf})
			for _, p := range tunnelPorts {
				a.when(p, "keep")
			}
		}
		a.jump("drop")
	} else {
		a.jump("keep")
	}
	a.label("drop")
	a.emit(bpf.RetConstant{Val: 0})
	a.label("keep")
	a.emit(bpf.RetConstant{Val: uint32(snapLen)})
	return a.assemble()
}

// An assembler writes a BPF program whose jumps go to labels.
type assembler struct {
	code   []bpf.Instruction
	labels map[string]int
	jumps  []pending
}

type pending struct {
	at int
	to string
}

func (a *assembler) emit(i bpf.Instruction) { a.code = append(a.code, i) }

func (a *assembler) label(name string) {
	if a.labels == nil {
		a.labels = map[string]int{}
	}
	a.labels[name] = len(a.code)
}

// when goes to a label if the accumulator is v, unless if it is not, whenBits if
// it has one of the bits of v.
func (a *assembler) when(v uint32, to string)     { a.test(bpf.JumpEqual, v, to) }
func (a *assembler) unless(v uint32, to string)   { a.test(bpf.JumpNotEqual, v, to) }
func (a *assembler) whenBits(v uint32, to string) { a.test(bpf.JumpBitsSet, v, to) }

func (a *assembler) test(c bpf.JumpTest, v uint32, to string) {
	a.jumps = append(a.jumps, pending{len(a.code), to})
	a.emit(bpf.JumpIf{Cond: c, Val: v})
}

func (a *assembler) jump(to string) {
	a.jumps = append(a.jumps, pending{len(a.code), to})
	a.emit(bpf.Jump{})
}

func (a *assembler) assemble() ([]bpf.RawInstruction, error) {
	for _, j := range a.jumps {
		skip := a.labels[j.to] - j.at - 1
		switch i := a.code[j.at].(type) {
		case bpf.JumpIf:
			i.SkipTrue = uint8(skip)
			a.code[j.at] = i
		case bpf.Jump:
			i.Skip = uint32(skip)
			a.code[j.at] = i
		}
	}
	return bpf.Assemble(a.code)
}
