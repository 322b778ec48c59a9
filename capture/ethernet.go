package capture

import "github.com/google/gopacket/layers"

// EtherTypes (IEEE 802 numbers), where layers has no name for them or a wrong one.
const (
	etherQinQ9100   = 0x9100 // VLAN tags before 802.1ad
	etherQinQ9200   = 0x9200
	etherQinQ9300   = 0x9300
	etherBridged    = 0x6558 // transparent Ethernet bridging
	etherPPP        = 0x880b
	etherMACsec     = 0x88e5
	etherPPPoEDisc  = 0x8863
	etherPPPoE      = 0x8864
	etherMPLS       = 0x8847
	etherMPLSMulti  = 0x8848
	etherBridgePort = 0x893f // 802.1BR E-tag
	etherVNTag      = 0x8926
)

// maxEtherLen is the largest value that is a length, not an EtherType (IEEE
// 802.3 clause 3.2.6).
const maxEtherLen = 0x05dc

func (d *Decoder) ether(b []byte) reason {
	if len(b) < 14 {
		return truncated
	}
	d.segment.LinkSource = max(1, be16(b[6:])*3^be16(b[8:])*5^be16(b[10:]))
	return d.etherType(be16(b[12:]), b[14:])
}

// etherType decodes what an EtherType, or the length in its place, announces.
func (d *Decoder) etherType(t uint16, b []byte) reason {
	if d.enter() {
		return nested
	}
	switch t {
	case uint16(layers.EthernetTypeIPv4):
		return d.ipv4(b)
	case uint16(layers.EthernetTypeIPv6):
		return d.ipv6(b)
	case uint16(layers.EthernetTypeDot1Q), uint16(layers.EthernetTypeQinQ), etherQinQ9100, etherQinQ9200, etherQinQ9300:
		return d.tagged(b)
	case etherMPLS, etherMPLSMulti:
		return d.mpls(b)
	case etherPPPoE:
		return d.pppoe(b)
	case etherPPP:
		return d.ppp(b)
	case etherBridged:
		return d.ether(b)
	case etherVNTag:
		return d.typed(b, 4)
	case etherBridgePort:
		return d.typed(b, 6)
	case etherMACsec:
		return encrypted
	case etherPPPoEDisc:
		return pppControl
	case uint16(layers.EthernetTypeARP):
		return arp
	case uint16(layers.EthernetTypeLinkLayerDiscovery):
		return lldp
	}
	if t <= maxEtherLen {
		return d.logicalLink(d.limit(b, int(t)))
	}
	return otherEtherType
}

// tagged decodes what follows a VLAN tag.
func (d *Decoder) tagged(b []byte) reason {
	if len(b) < 4 {
		return truncated
	}
	if d.vlan.DecodeFromBytes(b, noFeedback) != nil {
		return malformed
	}
	// VLAN 0 is no VLAN, only a priority (IEEE 802.1Q clause 9.6).
	if id := d.vlan.VLANIdentifier; id != 0 && !d.options.MergeVLANs {
		d.inScope(scopeVLAN, uint32(id))
	}
	return d.etherType(be16(b[2:]), b[4:])
}

// logicalLink decodes IEEE 802.2 LLC.
func (d *Decoder) logicalLink(b []byte) reason {
	if len(b) < 4 {
		return truncated
	}
	if d.llc.DecodeFromBytes(b, noFeedback) != nil {
		return malformed
	}
	const ip, snap, unnumbered = 0x06, 0xaa, 3
	switch {
	case d.llc.DSAP == snap && d.llc.SSAP == snap && d.llc.Control == unnumbered:
		return d.subnetworkAccess(b[3:])
	case d.llc.DSAP == ip && d.llc.SSAP == ip:
		return d.ipv4(b[3:])
	}
	return llc
}

// subnetworkAccess decodes the SNAP header (RFC 1042), also with the
// organization code of bridge tunnels (IEEE 802.1H).
func (d *Decoder) subnetworkAccess(b []byte) reason {
	if len(b) < 5 {
		return truncated
	}
	if d.snap.DecodeFromBytes(b, noFeedback) != nil {
		return malformed
	}
	oui := uint32(b[0])<<16 | uint32(be16(b[1:]))
	switch t := uint16(d.snap.Type); {
	case (oui == 0 || oui == 0x0000f8) && t > maxEtherLen:
		return d.etherType(t, b[5:])
	case oui == 0x0080c2 && t == 7: // bridged Ethernet without its check sequence (RFC 2684)
		return d.after(b, 5+2, d.ether)
	}
	return llc
}

// tokenRing decodes IEEE 802.5 with its routing field, which is there if the
// highest bit of the source address is set.
func (d *Decoder) tokenRing(b []byte) reason {
	const header = 14
	if len(b) < header+1 {
		return truncated
	}
	route := 0
	if b[8]&0x80 != 0 {
		route = int(b[header] & 0x1f)
	}
	return d.after(b, header+route, d.logicalLink)
}

// loop decodes the address family before packets of BSD loopback interfaces, in
// either byte order, with the values of all systems.
func (d *Decoder) loop(b []byte) reason {
	if len(b) < 4 {
		return truncated
	}
	if d.loopback.DecodeFromBytes(b, noFeedback) != nil {
		return otherEtherType
	}
	return d.family(uint32(d.loopback.Family), b[4:])
}

// family decodes what an address family announces: 10 is Linux, 23 Windows, 24
// NetBSD and OpenBSD, 28 FreeBSD, 30 macOS.
func (d *Decoder) family(f uint32, b []byte) reason {
	switch f {
	case 2:
		return d.ipv4(b)
	case 10, 23, 24, 28, 30:
		return d.ipv6(b)
	}
	return otherEtherType
}
