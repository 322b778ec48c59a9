package capture

import (
	"github.com/google/gopacket/layers"

	"tcpreplay-fsm/tcp"
)

const (
	tcpHeaderLen = 20
	tcpHeaderMax = 60
	// tcpUsable bytes hold the ports, numbers, flags and window; what is cut
	// before their end tells too little to be a segment.
	tcpUsable = 16
)

// tcpSegment decodes the TCP header and fills in the segment.
func (d *Decoder) tcpSegment(b []byte) reason {
	if len(b) < tcpUsable {
		return truncated
	}
	header, wireLen := int(b[12]>>4)*4, len(b)+d.cut
	if header < tcpHeaderLen || header > wireLen {
		return malformedTCP
	}
	s := &d.segment
	if d.options.VerifyChecksums && d.cut == 0 && !tcpChecksumOK(&s.Tuple, s.IPv6, b) {
		return badChecksum
	}
	head, cutOptions := b, header > len(b)
	if cutOptions {
		head = d.wholeHeader(b)
	}
	// What layers.TCP refuses now is a bad option: its fixed fields are decoded,
	// and the options up to the bad one, which is the last of its list.
	bad := d.tcp.DecodeFromBytes(head, noFeedback) != nil
	options := d.tcp.Options
	if bad {
		options = options[:len(options)-1]
	}
	readOptions(&s.Options, options)
	switch {
	case cutOptions:
		s.Options.Set |= tcp.OptCut
	case bad:
		s.Options.Set |= tcp.OptMalformed
	}
	s.Tuple.SrcPort, s.Tuple.DstPort = uint16(d.tcp.SrcPort), uint16(d.tcp.DstPort)
	s.Seq, s.Ack = tcp.Seq(d.tcp.Seq), tcp.Seq(d.tcp.Ack)
	s.Flags = tcp.Flags(be16(b[12:]) & 0x1ff) // tcp.Flags has the order of the header
	s.Window, s.Urgent = d.tcp.Window, d.tcp.Urgent
	s.Len = uint32(wireLen - header)
	s.Payload = b[min(header, len(b)):]
	return isSegment
}

// wholeHeader copies a cut header, with a data offset that ends where it was
// cut, so that layers.TCP reads the options that are left.
func (d *Decoder) wholeHeader(b []byte) []byte {
	n := max(len(b)&^3, tcpHeaderLen)
	clear(d.padded[:tcpHeaderLen])
	copy(d.padded[:], b)
	d.padded[12] = byte(n/4)<<4 | b[12]&0xf
	return d.padded[:n]
}

// Option kinds that layers has no names for (IANA TCP parameters).
const (
	kindMD5          = 19
	kindUserTimeout  = 28
	kindAO           = 29
	kindMPTCP        = 30
	kindFastOpen     = 34
	kindExperimental = 254
	magicFastOpen    = 0xf989 // RFC 7413 appendix A: in an experimental option
)

// readOptions fills o with the options that are used. Of an option that is
// repeated the last counts, as in Linux.
func readOptions(o *tcp.Options, options []layers.TCPOption) {
	*o = tcp.Options{}
	for i := range options {
		data := options[i].OptionData
		switch kind := options[i].OptionType; {
		case kind == layers.TCPOptionKindEndList || kind == layers.TCPOptionKindNop:
		case kind == layers.TCPOptionKindTimestamps && len(data) == 8:
			o.Set |= tcp.OptTimestamps
			o.TSVal, o.TSEcr = be32(data), be32(data[4:])
		case kind == layers.TCPOptionKindMSS && len(data) == 2:
			o.Set |= tcp.OptMSS
			o.MSS = be16(data)
		case kind == layers.TCPOptionKindWindowScale && len(data) == 1:
			o.Set |= tcp.OptWindowScale
			o.WindowScale = data[0]
		case kind == layers.TCPOptionKindSACKPermitted && len(data) == 0:
			o.Set |= tcp.OptSACKPermitted
		case kind == layers.TCPOptionKindSACK && len(data)%8 == 0 && len(data) > 0:
			o.Set |= tcp.OptSACK
			o.SACKBlocks = 0
			for ; len(data) > 0 && int(o.SACKBlocks) < len(o.SACK); data = data[8:] {
				o.SACK[o.SACKBlocks] = tcp.Block{Left: tcp.Seq(be32(data)), Right: tcp.Seq(be32(data[4:]))}
				o.SACKBlocks++
			}
		case kind == kindFastOpen:
			o.Set |= tcp.OptFastOpen
			o.FastOpenCookie = uint8(len(data))
		case kind == kindExperimental && len(data) >= 2 && be16(data) == magicFastOpen:
			o.Set |= tcp.OptFastOpen
			o.FastOpenCookie = uint8(len(data) - 2)
		case kind == kindMPTCP && len(data) > 0:
			o.Set |= tcp.OptMPTCP
			o.MPTCPSubtype = data[0] >> 4
		case kind == kindMD5:
			o.Set |= tcp.OptMD5
		case kind == kindAO:
			o.Set |= tcp.OptAO
		case kind == kindUserTimeout && len(data) == 2:
			o.Set |= tcp.OptUserTimeout
		default:
			o.Set |= tcp.OptOther
		}
	}
}
