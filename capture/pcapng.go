package capture

import (
	"io"
	"math"
	"math/bits"
	"unicode/utf8"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng section 11.1) that matter here.
const (
	ngSection    = 0x0a0d0d0a
	ngInterface  = 1
	ngOldPacket  = 2 // obsolete, written until about 2009
	ngSimple     = 3
	ngNames      = 4
	ngStatistics = 5
	ngEnhanced   = 6
	ngOrderMagic = 0x1a2b3c4d

	// maxInterfaces bounds the interfaces of a section: a file of nothing but
	// interface descriptions must not fill the memory.
	maxInterfaces = 1 << 16

	// maxComment bounds what is kept of a packet's comments, in bytes: a block of 16
	// MiB may be nothing else, compresses to nothing, and lives as long as its
	// segment's row of the ladder.
	maxComment = 1 << 10
)

// A pcapngFile reads pcapng. Blocks that hold no packets are passed over,
// whatever their size. A trailing block length that differs from the leading
// one is not looked at: some writers get it wrong and nothing depends on it.
type pcapngFile struct {
	byteOrder
	in     *window
	number numberer
	ifaces []captureInterface
	seen   []LinkType // distinct link types in order of appearance
	last   int64      // time of the packet before, for simple packets that have none
	names  hostNames  // of the Reader
	lost   uint64     // frames dropped, by the statistics of sections that are over
}

// A captureInterface is one interface description of the current section.
type captureInterface struct {
	clock clock
	snap  uint32 // 0: no limit
	link  LinkType
	id    interfaceID
	lost  uint64 // frames dropped, by its newest statistics
}

func openPcapng(in *window, number numberer) (format, error) {
	return &pcapngFile{in: in, number: number}, nil
}

func (p *pcapngFile) links() []LinkType { return p.seen }

func (p *pcapngFile) next(f *Frame) error {
	for {
		kind, block, err := p.block()
		if err != nil {
			return err
		}
		switch kind {
		case ngEnhanced:
			return p.packet(f, block, p.u32(block[8:]))
		case ngOldPacket:
			return p.packet(f, block, uint32(p.u16(block[8:])))
		case ngSimple:
			return p.simple(f, block)
		case ngInterface:
			err = p.describe(block)
		case ngNames:
			p.resolution(block)
		case ngStatistics:
			p.statistics(block)
		case ngSection:
			p.lost = p.dropped()
			p.ifaces = p.ifaces[:0]
		}
		if err != nil {
			return err
		}
	}
}

// block returns the next block of a kind that is used, from its type to its
// trailing length, and passes over all others.
func (p *pcapngFile) block() (kind uint32, block []byte, err error) {
	for {
		h := p.in.peek(12)
		if len(h) < 12 {
			if len(h) == 0 && p.in.err == io.EOF {
				return 0, nil, io.EOF
			}
			return 0, nil, p.in.short("a block", int64(len(h)), 12)
		}
		kind = p.u32(h)
		least := int64(12)
		switch kind { // each with its fixed fields, so that nobody below has to check for them
		case ngSection: // reads the same in both orders
			if err := p.setOrder(h[8:]); err != nil {
				return 0, nil, err
			}
			least = 28
		case ngEnhanced, ngOldPacket:
			least = 32
		case ngInterface:
			least = 20
		case ngSimple, ngNames:
			least = 16
		case ngStatistics:
			least = 24
		}
		length := int64(p.u32(h[4:]))
		if length < least {
			return 0, nil, corrupt("a block of type %d says it is %d bytes long, at least %d are needed", kind, length, least)
		}
		length = (length + 3) &^ 3 // blocks end on 4 bytes; some writers give the length without the padding
		if least == 12 || (kind == ngNames || kind == ngStatistics) && length > maxRecord {
			if got := p.in.discard(length); got < length {
				return 0, nil, p.in.short("a block", got, length)
			}
			continue
		}
		if length > maxRecord {
			return 0, nil, corrupt("a block of type %d says it is %d bytes long", kind, length)
		}
		block = p.in.peek(int(length))
		if int64(len(block)) < length {
			return 0, nil, p.in.short("a block", int64(len(block)), length)
		}
		p.in.skip(len(block))
		return kind, block, nil
	}
}

func (p *pcapngFile) setOrder(magic []byte) error {
	for _, order := range []byteOrder{!bigEndian, bigEndian} {
		if order.u32(magic) == ngOrderMagic {
			p.byteOrder = order
			return nil
		}
	}
	return corrupt("a section has no byte-order magic")
}

// packet takes the packet out of an enhanced or an obsolete packet block, which
// differ only in how the interface is written.
func (p *pcapngFile) packet(f *Frame, block []byte, iface uint32) error {
	if iface >= uint32(len(p.ifaces)) {
		return corrupt("a packet of interface %d, of %d described", iface, len(p.ifaces))
	}
	i := &p.ifaces[iface]
	room := len(block) - 32
	capLen, wireLen := p.u32(block[20:]), p.u32(block[24:])
	if uint64(capLen) > uint64(room) {
		return corrupt("a packet says it holds %d bytes, its block has %d", capLen, room)
	}
	p.last = i.clock.nanos(uint64(p.u32(block[12:]))<<32 | uint64(p.u32(block[16:])))
	f.Time = p.last
	f.Data = block[28 : 28+capLen]
	f.WireLen = max(int(wireLen), int(capLen))
	f.Link = i.link
	f.Interface = i.id.get()
	f.Comment = ""
	if padded := 28 + (int(capLen)+3)&^3; padded+8 <= len(block)-4 {
		f.Comment = p.comments(block[padded : len(block)-4])
	}
	return nil
}

// simple takes the packet out of a simple packet block. It has no time stamp
// and always belongs to the first interface.
func (p *pcapngFile) simple(f *Frame, block []byte) error {
	if len(p.ifaces) == 0 {
		return corrupt("a packet, but no interface described")
	}
	i := &p.ifaces[0]
	wireLen := p.u32(block[8:])
	capLen := min(wireLen, uint32(len(block)-16))
	if i.snap != 0 {
		capLen = min(capLen, i.snap)
	}
	f.Time = p.last
	f.Data = block[12 : 12+capLen]
	f.WireLen = int(wireLen)
	f.Link = i.link
	f.Interface = i.id.get()
	f.Comment = ""
	return nil
}

// describe takes in an interface description block.
func (p *pcapngFile) describe(block []byte) error {
	if len(p.ifaces) == maxInterfaces {
		return corrupt("more than %d interfaces", maxInterfaces)
	}
	i := captureInterface{link: LinkType(p.u16(block[8:])), snap: p.u32(block[12:])}
	name, resolution, offset := "", uint8(6), int64(0)
	options := ngOptions{block[16 : len(block)-4], p.byteOrder}
	for code, value := options.next(); code != 0; code, value = options.next() {
		switch {
		case code == 2 && name == "": // if_name
			name = string(value[:min(len(value), 64)])
		case code == 9 && len(value) >= 1: // if_tsresol
			resolution = value[0]
		case code == 14 && len(value) >= 8: // if_tsoffset
			offset = int64(p.u64(value))
		}
	}
	var ok bool
	if i.clock, ok = newClock(resolution, offset); !ok {
		base := 10
		if resolution&0x80 != 0 {
			base = 2
		}
		return corrupt("interface %d says its clock ticks every %d^-%d seconds", len(p.ifaces), base, resolution&0x7f)
	}
	i.id = interfaceID{number: p.number, link: i.link, name: name}
	p.ifaces = append(p.ifaces, i)
	p.seen = addLink(p.seen, i.link)
	return nil
}

// statistics takes in an interface statistics block: how many frames the
// interface and the operating system dropped since the capture began.
func (p *pcapngFile) statistics(block []byte) {
	iface := p.u32(block[8:])
	if iface >= uint32(len(p.ifaces)) {
		return
	}
	lost := uint64(0)
	options := ngOptions{block[20 : len(block)-4], p.byteOrder}
	for code, value := options.next(); code != 0; code, value = options.next() {
		const ifDrop, osDrop = 5, 7
		if (code == ifDrop || code == osDrop) && len(value) == 8 {
			lost = saturated(lost, p.u64(value))
		}
	}
	p.ifaces[iface].lost = lost
}

// dropped is how many frames the statistics read so far say were dropped.
func (p *pcapngFile) dropped() uint64 {
	lost := p.lost
	for i := range p.ifaces {
		lost = saturated(lost, p.ifaces[i].lost)
	}
	return lost
}

// saturated is a + b, or the greatest number there is.
func saturated(a, b uint64) uint64 {
	if sum, carry := bits.Add64(a, b, 0); carry == 0 {
		return sum
	}
	return math.MaxUint64
}

// comments joins the opt_comment options of a packet, one a line. Where they are
// longer than what is kept, "…" stands for the rest.
func (p *pcapngFile) comments(b []byte) string {
	var all []byte
	options := ngOptions{b, p.byteOrder}
	for code, value := options.next(); code != 0 && len(all) <= maxComment; code, value = options.next() {
		if code == 1 {
			if all != nil {
				all = append(all, '\n')
			}
			all = append(all, value[:min(len(value), maxComment+1)]...)
		}
	}
	if len(all) <= maxComment {
		return string(all)
	}
	end := maxComment
	for end > maxComment-utf8.UTFMax && !utf8.RuneStart(all[end]) {
		end--
	}
	return string(all[:end]) + "…"
}

// ngOptions walks the options of a block.
type ngOptions struct {
	rest []byte
	byteOrder
}

// next returns the next option, or code 0 (opt_endofopt) where the list ends or
// stops making sense.
func (o *ngOptions) next() (code uint16, value []byte) {
	if len(o.rest) < 4 {
		return 0, nil
	}
	code = o.u16(o.rest)
	length := int(o.u16(o.rest[2:]))
	if 4+length > len(o.rest) {
		return 0, nil
	}
	value = o.rest[4 : 4+length]
	o.rest = o.rest[min(4+(length+3)&^3, len(o.rest)):]
	return code, value
}
