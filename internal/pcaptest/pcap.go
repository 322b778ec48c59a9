package pcaptest

import (
	"encoding/binary"
	"io"

	"tcpreplay-fsm/tcp"
)

// WritePcap writes the segments as a pcap file: nanosecond times, Ethernet,
// correct checksums. A payload too long for an IP packet makes a packet of IP
// length 0, as segmentation offload shows it.
func (s *Script) WritePcap(w io.Writer) error {
	le := binary.LittleEndian
	out := le.AppendUint32(nil, 0xa1b23c4d)
	out = le.AppendUint16(out, 2)
	out = le.AppendUint16(out, 4)
	out = append(out, make([]byte, 8)...) // time zone and accuracy
	out = le.AppendUint32(out, 2*maxLen)  // snap length
	out = le.AppendUint32(out, 1)         // Ethernet
	for i := range s.Steps {
		seg := &s.Steps[i].Segment
		f := Frame(seg)
		out = le.AppendUint32(out, uint32(seg.Time/1e9))
		out = le.AppendUint32(out, uint32(seg.Time%1e9))
		out = le.AppendUint32(out, uint32(len(f)))
		out = le.AppendUint32(out, uint32(len(f)))
		out = append(out, f...)
		if len(out) > 1<<16 {
			if _, err := w.Write(out); err != nil {
				return err
			}
			out = out[:0]
		}
	}
	_, err := w.Write(out)
	return err
}

// Frame returns s as an Ethernet frame.
func Frame(s *tcp.Segment) []byte {
	be := binary.BigEndian
	seg := tcpBytes(s)
	src, dst := s.Tuple.Src.Netip(), s.Tuple.Dst.Netip()
	f := []byte{2, 0, 0, 0, 0, dst.AsSlice()[len(dst.AsSlice())-1], 2, 0, 0, 0, 0, src.AsSlice()[len(src.AsSlice())-1]}
	if s.IPv6 {
		f = append(f, 0x86, 0xdd, 0x60|s.TOS>>4, s.TOS<<4, 0, 0)
		f = be.AppendUint16(f, ipLen(len(seg)))
		f = append(f, 6, s.TTL)
		f = append(append(f, src.AsSlice()...), dst.AsSlice()...)
	} else {
		f = append(f, 8, 0)
		ip := []byte{0x45, s.TOS}
		ip = be.AppendUint16(ip, ipLen(20+len(seg)))
		ip = be.AppendUint16(ip, s.IPID)
		var df byte
		if s.DF {
			df = 0x40
		}
		ip = append(ip, df, 0, s.TTL, 6, 0, 0)
		ip = append(append(ip, src.AsSlice()...), dst.AsSlice()...)
		be.PutUint16(ip[10:], ^sum(0, ip))
		f = append(f, ip...)
	}
	pseudo := append(src.AsSlice(), dst.AsSlice()...)
	pseudo = be.AppendUint32(pseudo, uint32(len(seg)))
	pseudo = be.AppendUint32(pseudo, 6)
	be.PutUint16(seg[16:], ^sum(sum(0, pseudo), seg))
	return append(f, seg...)
}

// ipLen is the length field of an IP header.
func ipLen(n int) uint16 {
	if n > 1<<16-1 {
		return 0
	}
	return uint16(n)
}

// tcpBytes returns header and payload, without the checksum.
func tcpBytes(s *tcp.Segment) []byte {
	be := binary.BigEndian
	opts := options(&s.Options)
	b := be.AppendUint16(nil, s.Tuple.SrcPort)
	b = be.AppendUint16(b, s.Tuple.DstPort)
	b = be.AppendUint32(b, uint32(s.Seq))
	b = be.AppendUint32(b, uint32(s.Ack))
	b = be.AppendUint16(b, uint16(5+len(opts)/4)<<12|uint16(s.Flags))
	b = be.AppendUint16(b, s.Window)
	b = be.AppendUint16(b, 0)
	b = be.AppendUint16(b, s.Urgent)
	return append(append(b, opts...), s.Payload...)
}

// options returns the option bytes, padded with NOPs to whole words. At most 40
// bytes fit into a header (RFC 9293 section 3.1): SACK blocks beyond go.
func options(o *tcp.Options) (b []byte) {
	be := binary.BigEndian
	if o.Has(tcp.OptMSS) {
		b = be.AppendUint16(append(b, 2, 4), o.MSS)
	}
	if o.Has(tcp.OptSACKPermitted) {
		b = append(b, 4, 2)
	}
	if o.Has(tcp.OptTimestamps) {
		b = be.AppendUint32(append(b, 8, 10), o.TSVal)
		b = be.AppendUint32(b, o.TSEcr)
	}
	if o.Has(tcp.OptWindowScale) {
		b = append(b, 3, 3, o.WindowScale)
	}
	if n := min(int(o.SACKBlocks), (40-2-len(b))/8); o.Has(tcp.OptSACK) && n > 0 {
		b = append(b, 5, byte(2+8*n))
		for _, block := range o.SACK[:n] {
			b = be.AppendUint32(b, uint32(block.Left))
			b = be.AppendUint32(b, uint32(block.Right))
		}
	}
	for len(b)%4 != 0 {
		b = append(b, 1)
	}
	return b
}

// sum is the Internet checksum's sum, not yet complemented (RFC 1071). All but
// the last piece must be of even length.
func sum(so uint16, b []byte) uint16 {
	n := uint32(so)
	for ; len(b) >= 2; b = b[2:] {
		n += uint32(b[0])<<8 | uint32(b[1])
		n = n&0xffff + n>>16
	}
	if len(b) == 1 {
		n += uint32(b[0]) << 8
	}
	return uint16(n&0xffff + n>>16)
}
