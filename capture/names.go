package capture

import (
	"bytes"
	"maps"
	"net/netip"
)

// Bounds of the names that captures give to addresses.
const (
	maxNames    = 20_000
	maxHostName = 255 // bytes (RFC 1035 section 2.3.4); longer ones are cut
)

// hostNames are what name resolution blocks call addresses. What was said first
// stands.
type hostNames map[netip.Addr]string

func (n hostNames) add(addr netip.Addr, name []byte) {
	if _, known := n[addr]; known || len(name) == 0 || len(n) == maxNames {
		return
	}
	n[addr] = string(name[:min(len(name), maxHostName)])
}

// Names returns what the inputs call addresses in name resolution blocks, as
// far as they have been read. Bytes of strangers: escape them.
func (r *Reader) Names() map[netip.Addr]string { return maps.Clone(r.names) }

// resolution takes in the records of a name resolution block. An address may
// have several names; the first is the one that was looked up.
func (p *pcapngFile) resolution(block []byte) {
	const v4Record, v6Record = 1, 2
	records := ngOptions{block[8 : len(block)-4], p.byteOrder} // records have the form of options
	for kind, value := records.next(); kind != 0; kind, value = records.next() {
		size := 4
		if kind == v6Record {
			size = 16
		}
		if kind != v4Record && kind != v6Record || len(value) < size {
			continue
		}
		addr, _ := netip.AddrFromSlice(value[:size])
		name, _, _ := bytes.Cut(value[size:], []byte{0})
		p.names.add(addr.Unmap(), name)
	}
}
