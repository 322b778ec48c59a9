package capture

// radiotap decodes the header that wireless captures carry
// (https://www.radiotap.org). Of its fields only the flags matter, which come
// first but for the time stamp; layers.RadioTap panics when it is cut.
func (d *Decoder) radiotap(b []byte) reason {
	if len(b) < 8 {
		return truncated
	}
	const little = !bigEndian
	header, present := int(little.u16(b[2:])), little.u32(b[4:])
	if header < 8 {
		return malformed
	}
	if len(b) < header {
		return truncated
	}
	at := 8
	for more := present; more&(1<<31) != 0 && at+4 <= header; at += 4 {
		more = little.u32(b[at:])
	}
	const hasTime, hasFlags, flagPadded = 1 << 0, 1 << 1, 0x20
	if present&hasTime != 0 {
		at = (at+7)&^7 + 8
	}
	padded := present&hasFlags != 0 && at < header && b[at]&flagPadded != 0
	return d.wifi(b[header:], padded)
}

// prism decodes the two older headers of wireless captures, AVS and Prism,
// which tell their own length.
func (d *Decoder) prism(b []byte) reason {
	if len(b) < 8 {
		return truncated
	}
	header := (!bigEndian).u32(b[4:])
	if be32(b)&^0xfff == 0x80211000 { // AVS, big-endian
		header = be32(b[4:])
	}
	if uint64(header) > uint64(len(b)) {
		return truncated
	}
	return d.wifi(b[header:], false)
}

// wifi decodes an IEEE 802.11 frame (IEEE 802.11 clause 9.2.4). padded: the
// header is followed by padding to 4 bytes. A frame check sequence at the end is
// of no concern, as the IP length ends before it.
func (d *Decoder) wifi(b []byte, padded bool) reason {
	if len(b) < 2 {
		return truncated
	}
	const (
		typeData   = 2
		noData     = 0x4 // of the subtype
		qos        = 0x8
		toDS       = 0x01
		fromDS     = 0x02
		protected  = 0x40
		order      = 0x80
		aggregated = 0x80 // of the QoS control field
	)
	kind, subtype, flags := b[0]>>2&3, b[0]>>4, b[1]
	switch {
	case kind != typeData:
		return wifiControl
	case subtype&noData != 0:
		return noPayload
	case flags&protected != 0:
		return encrypted
	}
	header := 24
	if flags&toDS != 0 && flags&fromDS != 0 {
		header += 6 // a fourth address
	}
	control := header
	if subtype&qos != 0 {
		header += 2
		if flags&order != 0 {
			header += 4 // HT control
		}
	}
	if len(b) < header {
		return truncated
	}
	const moreFragments, fragmentNumber = 0x04, 0x0f
	if flags&moreFragments != 0 || b[22]&fragmentNumber != 0 {
		return wifiFragment
	}
	msdu := subtype&qos != 0 && b[control]&aggregated != 0
	if padded {
		header = (header + 3) &^ 3
	}
	if !msdu {
		return d.after(b, header, d.logicalLink)
	}
	return d.after(b, header, d.aggregate)
}

// aggregate decodes the next subframe of an A-MSDU (IEEE 802.11 clause
// 9.3.2.2.2): two addresses, a length, the packet, padding to 4 bytes. What
// follows it is left to Further; what has no room for a subframe is a frame
// check sequence.
func (d *Decoder) aggregate(b []byte) reason {
	const header = 14
	if len(b) < header {
		return truncated
	}
	length := header + int(be16(b[12:]))
	if next := (length + 3) &^ 3; len(b) >= next+header {
		d.rest, d.restCut = b[next:], d.cut
	}
	return d.logicalLink(d.limit(b, length)[header:])
}
