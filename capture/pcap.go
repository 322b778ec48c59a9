package capture

import (
	"io"
	"slices"
)

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
// ones are taken as they are, and a file may have others appended to it.
type pcapFile struct {
	byteOrder
	in        *window
	number    numberer
	start     string     // of the header: magic number and version
	seen      []LinkType // distinct link types in order of appearance
	tick      int64      // nanoseconds in a unit of the fraction
	recordLen int        // bytes of a record's header
	limit     uint32
	minor     uint16
	link      LinkType
	iface     interfaceID
}

func openPcap(in *window, number numberer) (format, error) {
	p := &pcapFile{in: in, number: number}
	if err := p.header(); err != nil {
		return nil, err
	}
	return p, nil
}

// header reads a file's header, the first or one of an appended file.
func (p *pcapFile) header() error {
	h := p.in.peek(pcapHeaderLen)
	if len(h) < pcapHeaderLen {
		return p.in.short("the file's header", int64(len(h)), pcapHeaderLen)
	}
	p.byteOrder, p.tick, p.recordLen, p.limit = h[0] == 0xa1, 1000, 16, maxFrame
	switch p.u32(h) {
	case pcapNano:
		p.tick = 1
	case pcapModified:
		p.recordLen = 24
	}
	if major, minor := p.u16(h[4:]), p.u16(h[6:]); major != 2 && major != 543 {
		// 543 is what Apple's and ulogd's old libpcap wrote (libpcap, sf-pcap.c).
		return corrupt("its header says version %d.%d, only 2.x exists", major, minor)
	} else {
		p.minor = minor
	}
	if snap := p.u32(h[16:]); snap > maxFrame && snap <= maxRecord {
		p.limit = snap
	}
	// The upper bits tell the length of the frame check sequence; the IP length
	// excludes it anyway.
	if link := LinkType(p.u32(h[20:]) & 0x03ffffff); link != p.link || p.seen == nil {
		p.link = link
		p.iface = interfaceID{number: p.number, link: link}
		p.seen = addLink(p.seen, link)
	}
	p.start = string(h[:8])
	p.in.skip(pcapHeaderLen)
	return nil
}

// addLink adds a link type to those seen, up to a bound.
func addLink(seen []LinkType, link LinkType) []LinkType {
	if slices.Contains(seen, link) || len(seen) == 64 {
		return seen
	}
	return append(seen, link)
}

func (p *pcapFile) links() []LinkType { return p.seen }

func (p *pcapFile) next(f *Frame) error {
	b := p.in.ahead()
	if len(b) < p.recordLen {
		b = p.in.peek(p.recordLen)
	}
	// A packet that begins as the file does would be of December 2055 and hold
	// nothing: it is the header of a file that was appended.
	for len(b) >= p.recordLen && p.u32(b[8:])|p.u32(b[12:]) == 0 && string(b[:len(p.start)]) == p.start {
		if err := p.header(); err != nil {
			return err
		}
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
