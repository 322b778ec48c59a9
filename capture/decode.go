package capture

import (
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcpreplay-fsm/tcp"
)

// A Verdict says what a frame was.
type Verdict uint8

const (
	Skipped Verdict = iota // none of the following; counted in Decoder.Skipped
	Segment                // a TCP segment: see Decoder.Segment
	ICMP                   // an ICMP error about a TCP segment: see Decoder.ICMP; counted as skipped, too
)

// maxNesting bounds headers within headers. Real stacks stay below ten.
const maxNesting = 32

// A Decoder finds the TCP segment in a frame, through whatever link layer and
// tunnels it came. In a tunnel it is the inner segment that counts.
//
// Headers are decoded by gopacket's layers into values that are used again for
// each frame; where gopacket v1.1.19 is wrong, refuses what occurs or panics on
// what is cut, by small functions of our own. Each function takes what follows
// the header before it and hands on to the function of what it holds.
//
// A Decoder is not safe for concurrent use: IP fragments and virtual networks
// are remembered from frame to frame.
type Decoder struct {
	options Options
	segment tcp.Segment
	icmp    tcp.ICMPError
	counts  [reasons]int

	// cut is how many bytes of what is being decoded were on the wire beyond its
	// slice: what the snap length took.
	cut   int
	depth int // headers entered so far

	// rest is what Further decodes, restCut what the snap length took from it.
	rest    []byte
	restCut int
	further bool   // it is being decoded
	why     reason // that the frame counts under
	beside  int

	scopes    scopes
	fragments fragments

	vlan     layers.Dot1Q
	loopback layers.Loopback
	llc      layers.LLC
	snap     layers.SNAP
	udp      layers.UDP
	vxlan    layers.VXLAN
}

// noFeedback takes what gopacket says about truncation, which cut knows better.
var noFeedback = gopacket.NilDecodeFeedback

// NewDecoder returns a Decoder for the frames of one Reader.
func NewDecoder(o Options) *Decoder { return &Decoder{options: o} }

// Decode decodes the next frame, or the first packet of one that holds several:
// see Further. It allocates nothing, but for IP fragments and
// networks met for the first time.
func (d *Decoder) Decode(f *Frame) Verdict {
	d.segment.Frame = f.Number
	d.segment.Time = f.Time
	d.segment.Scope = 0
	d.segment.Interface = f.Interface
	d.segment.Comment = f.Comment
	d.segment.LinkSource = 0
	d.cut = max(f.WireLen-len(f.Data), 0)
	d.depth = 0
	d.rest, d.further = nil, false
	d.why = d.link(f.Link, f.Data)
	d.counts[d.why]++
	return d.why.verdict()
}

// Further decodes the next packet of the frame decoded last, and reports false
// when there is none, as nearly always. Only an aggregate of 802.11 (A-MSDU)
// holds several. Such a frame counts as a segment if one of its packets is one,
// else as its first packet; Beside counts the segments that come beside that.
func (d *Decoder) Further() (Verdict, bool) {
	if d.rest == nil {
		return Skipped, false
	}
	rest := d.rest
	d.segment.Scope, d.depth, d.rest, d.cut, d.further = 0, 1, nil, d.restCut, true
	why := d.aggregate(rest)
	switch {
	case why != isSegment:
	case d.why == isSegment || d.why == ipFragmentIncomplete: // the latter may be settled already
		d.beside++
	default:
		d.counts[d.why]--
		d.counts[isSegment]++
		d.why = isSegment
	}
	return why.verdict(), true
}

func (why reason) verdict() Verdict {
	switch why {
	case isSegment:
		return Segment
	case icmpError:
		return ICMP
	}
	return Skipped
}

// Segment returns the segment of the last frame that was one. It is valid until
// the next Decode, its Payload until the next Reader.Next.
func (d *Decoder) Segment() *tcp.Segment { return &d.segment }

// ICMP returns the error of the last frame that was one, valid until the next Decode.
func (d *Decoder) ICMP() *tcp.ICMPError { return &d.icmp }

// Segments counts the frames that were segments.
func (d *Decoder) Segments() int { return d.counts[isSegment] }

// Beside counts the segments that came in a frame beside what it counts as.
func (d *Decoder) Beside() int { return d.beside }

// limit returns b without what follows its first n bytes on the wire, such as
// padding and trailers, and keeps account of what the snap length cut.
func (d *Decoder) limit(b []byte, n int) []byte {
	if n <= len(b) {
		d.cut = 0
		return b[:n]
	}
	d.cut = n - len(b)
	return b
}

// enter counts a header, and reports whether there are too many. All ways from
// a header into another of its kind lead through link, etherType or transport,
// which call it, so that nothing recurses without end.
func (d *Decoder) enter() (tooDeep bool) {
	d.depth++
	return d.depth > maxNesting
}

// link decodes from a link layer on.
func (d *Decoder) link(l LinkType, b []byte) reason {
	if d.enter() {
		return nested
	}
	switch l {
	case LinkEthernet:
		return d.ether(b)
	case LinkNull, LinkLoop:
		return d.loop(b)
	case LinkRaw, LinkRawDLT, LinkRawOpenBSD, LinkIPv4, LinkIPv6:
		return d.ip(b)
	case LinkSLL:
		return d.cooked(b)
	case LinkSLL2:
		return d.cooked2(b)
	case LinkPPP, LinkPPPHDLC:
		return d.ppp(b)
	case LinkPPPPppd: // a direction in place of the address, then control
		return d.after(b, 2, d.ppp)
	case LinkPPPWithDir: // one byte tells the direction
		return d.after(b, 1, d.ppp)
	case LinkPPPEther:
		return d.pppoe(b)
	case LinkCHDLC:
		return d.chdlc(b)
	case LinkFrameRelay:
		return d.frameRelay(b)
	case LinkFDDI: // frame control, two addresses (RFC 1188)
		return d.after(b, 13, d.logicalLink)
	case LinkTokenRing:
		return d.tokenRing(b)
	case LinkATM1483:
		return d.logicalLink(b)
	case LinkIEEE80211:
		return d.wifi(b, false)
	case LinkRadiotap:
		return d.radiotap(b)
	case LinkPrism, LinkAVS:
		return d.prism(b)
	case LinkPPI:
		return d.ppi(b)
	case LinkPktap, LinkPktapDLT:
		return d.pktap(b)
	case LinkPFLog:
		return d.pflog(b)
	case LinkEnc: // address family, SPI, flags (OpenBSD enc(4))
		return d.after(b, 12, d.ip)
	case LinkNFLog:
		return d.nflog(b)
	case LinkIP1394: // two addresses of 8 bytes, an EtherType
		return d.typed(b, 16)
	case LinkEtherMPacket: // preamble and start-of-frame of IEEE 802.3br
		return d.after(b, 8, d.ether)
	}
	return unknownLink
}

// after decodes what follows a header of n bytes that need no look.
func (d *Decoder) after(b []byte, n int, decode func([]byte) reason) reason {
	if len(b) < n {
		return truncated
	}
	return decode(b[n:])
}

// typed decodes what follows an EtherType that stands at the given place.
func (d *Decoder) typed(b []byte, at int) reason {
	if len(b) < at+2 {
		return truncated
	}
	return d.etherType(be16(b[at:]), b[at+2:])
}
