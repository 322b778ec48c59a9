package capture

import (
	"bytes"
	"io"
	"testing"
)

// benchFrames is a bulk transfer: two full segments and an acknowledgment.
func benchFrames(n int) [][]byte {
	options := "\x01\x01\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x02"
	full := ether(0x0800, ip4(protoTCP, tcpBytes(0x10, options, string(make([]byte, 1448)))))
	ack := ether(0x0800, ip4(protoTCP, tcpBytes(0x10, options, "")))
	var frames [][]byte
	for range n / 3 {
		frames = append(frames, full, full, ack)
	}
	return frames
}

func benchPcapng(frames [][]byte) []byte {
	out := join(ngSectionBlock(), ngInterfaceBlock(LinkEthernet))
	for i, f := range frames {
		out = append(out, ngPacketBlock(0, 1700000000e6+uint64(i), f)...)
	}
	return out
}

func benchmarkReader(b *testing.B, capture []byte, frames int, decode bool) {
	b.SetBytes(int64(len(capture) / frames))
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; {
		r, err := Open([]string{"-"}, bytes.NewReader(capture), Options{})
		if err != nil {
			b.Fatal(err)
		}
		d := NewDecoder(Options{})
		for ; left > 0; left-- {
			f, err := r.Next()
			if err == io.EOF {
				break
			}
			if decode && d.Decode(f) != Segment {
				b.Fatal("not a segment")
			}
		}
	}
}

func BenchmarkReadPcap(b *testing.B) {
	frames := benchFrames(60000)
	benchmarkReader(b, pcapBytes(LinkEthernet, frames...), len(frames), false)
}

func BenchmarkReadPcapng(b *testing.B) {
	frames := benchFrames(60000)
	benchmarkReader(b, benchPcapng(frames), len(frames), false)
}

func BenchmarkReadDecode(b *testing.B) {
	frames := benchFrames(60000)
	benchmarkReader(b, pcapBytes(LinkEthernet, frames...), len(frames), true)
}

func BenchmarkDecode(b *testing.B) {
	for name, data := range map[string][]byte{
		"ipv4":  benchFrames(3)[0],
		"ipv6":  ether(0x86dd, ip6(protoTCP, hello())),
		"vlan":  ether(0x8100, vlan(10, 0x0800, ip4(protoTCP, hello()))),
		"vxlan": ether(0x0800, ip4(protoUDP, udpBytes(portVXLAN, join(u32(0x08000000), u32(42<<8), benchFrames(3)[0])))),
		"udp":   ether(0x0800, ip4(protoUDP, udpBytes(53, hello()))),
	} {
		b.Run(name, func(b *testing.B) {
			d := NewDecoder(Options{})
			f := Frame{Data: data, WireLen: len(data), Link: LinkEthernet}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(&f)
			}
		})
	}
}
