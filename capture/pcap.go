package capture

import "io"

// Magic numbers of classic pcap files, as they read in the file's own order.
const (
	pcapMicro    = 0xa1b2c3d4
	pcapNano     = 0xa1b23c4d
	pcapModified = 0xa1b2cd34 // Alexey Kuznetzov's, with 8 more bytes a record
)

const pcapHeaderLen = 24

// A pcapFile reads classic pcap (draft-ietf-opsawg-pcap). It is more lenient
// than libpcap where tools really write otherwise: a snap length of 0, captured
// lengths beyond the snap length, and lengths on the wire below the captured
// ones are taken as they are.
type pcapFile struct {
	byteOrder
	in        *window
	tick      int64 // nanoseconds in a unit of the fraction
	recordLen int   // bytes of a record's header
	limit     uint32
	minor     uint16
	link      LinkType
	iface     interfaceID
}

func openPcap(in *window, number numberer) (format, error) {
	h := in.peek(pcapHeaderLen)
	if len(h) < pcapHeaderLen {
		return nil, in.short("the file's header", int64(len(h)), pcapHeaderLen)
	}
	p := &pcapFile{in: in, byteOrder: h[0] == 0xa1, tick: 1000, recordLen: 16, limit: maxFrame}
	switch p.u32(h) {
	case pcapNano:
		p.tick = 1
	case pcapModified:
		p.recordLen = 24
	}
	if major, minor := p.u16(h[4:]), p.u16(h[6:]); major != 2 && major != 543 {
		// 543 is what Apple's and ulogd's old libpcap wrote (libpcap, sf-pcap.c).
		return nil, corrupt("its header says version %d.%d, only 2.x exists", major, minor)
	} else {
		p.minor = minor
	}
	if snap := p.u32(h[16:]); snap > maxFrame && snap <= maxRecord {
		p.limit = snap
	}
	// The upper bits tell the length of the frame check sequence; the IP length
	// excludes it anyway.
	p.link = LinkType(p.u32(h[20:]) & 0x03ffffff)
	p.iface = interfaceID{number: number, link: p.link}
	in.skip(pcapHeaderLen)
	return p, nil
}

func (p *pcapFile) links() []LinkType { return []LinkType{p.link} }

func (p *pcapFile) next(f *Frame) error {
	b := p.in.ahead()
	if len(b) < p.recordLen {
		b = p.in.peek(p.recordLen)
	}
	if len(b) < p.recordLen {
		if len(b) == 0 && p.in.err == io.EOF {
			return io.EOF
		}
		return p.in.short("a packet's header", int64(len(b)), int64(p.recordLen))
	}
	sec, frac, capLen, wireLen := p.u32(b), p.u32(b[4:]), p.u32(b[8:]), p.u32(b[12:])
	if p.minor < 3 || p.minor == 3 && capLen > wireLen {
		capLen, wireLen = wireLen, capLen // the order was changed in version 2.3, by some earlier than by others
	}
	if capLen > p.limit {
		return corrupt("a packet says it holds %d bytes, at most %d are possible", capLen, p.limit)
	}
	if sec|frac|capLen|wireLen == 0 {
		return corrupt("zeros where a packet should be: the file was not written to its end")
	}
	n := p.recordLen + int(capLen)
	if len(b) < n {
		b = p.in.peek(n)
	}
	if len(b) < n {
		return p.in.short("a packet", int64(len(b)), int64(n))
	}
	p.in.skip(n)
	f.Time = int64(sec)*1e9 + int64(frac)*p.tick
	f.Data = b[p.recordLen:n:n]
	f.WireLen = max(int(wireLen), int(capLen))
	f.Link = p.link
	f.Interface = p.iface.get()
	f.Comment = ""
	return nil
}
