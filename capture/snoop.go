package capture

import "io"

// A snoopFile reads snoop, the format of Solaris (RFC 1761).
type snoopFile struct {
	in    *window
	link  LinkType
	iface interfaceID
}

// snoopLinks maps RFC 1761's data link types to ours.
var snoopLinks = map[uint32]LinkType{0: LinkEthernet, 2: LinkTokenRing, 4: LinkEthernet, 8: LinkFDDI}

func openSnoop(in *window, number numberer) (format, error) {
	h := in.peek(16)
	if len(h) < 16 {
		return nil, in.short("the file's header", int64(len(h)), 16)
	}
	code := be32(h[12:])
	link, ok := snoopLinks[code]
	if !ok {
		return nil, corrupt("snoop data link type %d is not known", code)
	}
	in.skip(16)
	return &snoopFile{in: in, link: link, iface: interfaceID{number: number, link: link}}, nil
}

func (s *snoopFile) links() []LinkType { return []LinkType{s.link} }

func (s *snoopFile) next(f *Frame) error {
	const header = 24
	b := s.in.peek(header)
	if len(b) < header {
		if len(b) == 0 && s.in.err == io.EOF {
			return io.EOF
		}
		return s.in.short("a packet's header", int64(len(b)), header)
	}
	wireLen, capLen, length := be32(b), be32(b[4:]), be32(b[8:])
	if capLen > maxFrame || length < header+capLen || length > 2*maxFrame {
		return corrupt("a packet of %d bytes in a record of %d", capLen, length)
	}
	seconds, micros := be32(b[16:]), be32(b[20:])
	if b = s.in.peek(int(length)); len(b) < int(length) {
		return s.in.short("a packet", int64(len(b)), int64(length))
	}
	s.in.skip(int(length))
	f.Time = int64(seconds)*1e9 + int64(micros)*1000
	f.Data = b[header : header+capLen]
	f.WireLen = max(int(wireLen), int(capLen))
	f.Link = s.link
	f.Interface = s.iface.get()
	f.Comment = ""
	return nil
}
