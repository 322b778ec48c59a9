package capture

import "tcpreplay-fsm/tcp"

const (
	tcpHeaderLen = 20
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
	// Options that the snap length cut are read as far as 32-bit words of them are left.
	end := min(header, len(b)&^3)
	switch ok := readOptions(&s.Options, b[min(tcpHeaderLen, end):end]); {
	case header > len(b):
		s.Options.Set |= tcp.OptCut
	case !ok:
		s.Options.Set |= tcp.OptMalformed
	}
	s.Tuple.SrcPort, s.Tuple.DstPort = be16(b), be16(b[2:])
	s.Seq, s.Ack = tcp.Seq(be32(b[4:])), tcp.Seq(be32(b[8:]))
	s.Flags = tcp.Flags(be16(b[12:]) & 0x1ff) // tcp.Flags has the order of the header
	s.Window, s.Urgent = be16(b[14:]), 0
	if len(b) >= tcpHeaderLen {
		s.Urgent = be16(b[18:])
	}
	s.Len = uint32(wireLen - header)
	s.Payload = b[min(header, len(b)):]
	return isSegment
}

// Option kinds (IANA TCP parameters).
const (
	kindEnd           = 0
	kindNop           = 1
	kindMSS           = 2
	kindWindowScale   = 3
	kindSACKPermitted = 4
	kindSACK          = 5
	kindTimestamps    = 8
	kindMD5           = 19
	kindUserTimeout   = 28
	kindAO            = 29
	kindMPTCP         = 30
	kindFastOpen      = 34
	kindExperimental  = 254
	magicFastOpen     = 0xf989 // RFC 7413 appendix A: in an experimental option
)

// readOptions fills o with the options that are used, up to one whose length lies, and
// reports whether there was none of those. Of an option that is repeated the last
// counts, as in Linux.
func readOptions(o *tcp.Options, b []byte) bool {
	*o = tcp.Options{}
	for len(b) > 0 && b[0] != kindEnd {
		if b[0] == kindNop {
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return false
		}
		readOption(o, b[0], b[2:b[1]])
		b = b[b[1]:]
	}
	return true
}

func readOption(o *tcp.Options, kind uint8, data []byte) {
	switch {
	case kind == kindTimestamps && len(data) == 8:
		o.Set |= tcp.OptTimestamps
		o.TSVal, o.TSEcr = be32(data), be32(data[4:])
	case kind == kindMSS && len(data) == 2:
		o.Set |= tcp.OptMSS
		o.MSS = be16(data)
	case kind == kindWindowScale && len(data) == 1:
		o.Set |= tcp.OptWindowScale
		o.WindowScale = data[0]
	case kind == kindSACKPermitted && len(data) == 0:
		o.Set |= tcp.OptSACKPermitted
	case kind == kindSACK && len(data)%8 == 0 && len(data) > 0:
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
