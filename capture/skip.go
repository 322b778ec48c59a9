package capture

import (
	"cmp"
	"slices"
)

// A reason says what became of a frame: a segment, or why not.
type reason uint8

const (
	isSegment reason = iota
	icmpError        // an ICMP error that quotes a TCP segment
	icmpOther
	udp
	sctp
	igmp
	l2tp
	tzsp
	otherIP // any other protocol over IP
	arp
	otherEtherType
	llc
	lldp
	pppControl
	wifiControl
	wifiFragment
	noPayload
	ipFragment
	ipFragmentIncomplete
	ipFragmentOverlap
	ipFragmentBad
	encrypted
	truncated
	malformed
	malformedTCP
	badChecksum
	nested
	unknownLink
	reasons
)

var reasonNames = [reasons]string{
	icmpError:            "icmp-error",
	icmpOther:            "icmp",
	udp:                  "udp",
	sctp:                 "sctp",
	igmp:                 "igmp",
	l2tp:                 "l2tp",
	tzsp:                 "tzsp",
	otherIP:              "other-ip-protocol",
	arp:                  "arp",
	otherEtherType:       "other-ethertype",
	llc:                  "llc",
	lldp:                 "lldp",
	pppControl:           "ppp-control",
	wifiControl:          "802.11-management",
	wifiFragment:         "802.11-fragment",
	noPayload:            "no-payload",
	ipFragment:           "ip-fragment",
	ipFragmentIncomplete: "ip-fragment-incomplete",
	ipFragmentOverlap:    "ip-fragment-overlap",
	ipFragmentBad:        "ip-fragment-malformed",
	encrypted:            "encrypted",
	truncated:            "truncated",
	malformed:            "malformed",
	malformedTCP:         "malformed-tcp",
	badChecksum:          "bad-checksum",
	nested:               "nested-too-deep",
	unknownLink:          "unknown-link-type",
}

// A Skip counts the frames that were not segments for one reason.
//
// The reasons are names of what the frame was instead ("arp", "udp", "icmp",
// "other-ethertype", …), or of what was wrong with it:
//
//   - "icmp-error": an ICMP error about a TCP segment, delivered as [ICMP]
//   - "ip-fragment": belongs to a datagram that was put together, whose last
//     fragment to come counts as what the datagram is
//   - "ip-fragment-incomplete": the rest of its datagram did not come in time, or
//     did not come yet
//   - "ip-fragment-overlap", "ip-fragment-malformed": refused, as receivers do
//   - "l2tp", "tzsp": tunnels that are not opened
//   - "encrypted": ESP, MACsec, or a protected 802.11 frame
//   - "truncated": the snap length, or damage, cut it before the end of the TCP header
//   - "malformed", "malformed-tcp": lengths that contradict each other
//   - "bad-checksum": only with Options.VerifyChecksums
//   - "nested-too-deep": more than 32 headers in each other
//   - "unknown-link-type": a link type that is not among the constants above
type Skip struct {
	Reason string
	Frames int
}

// Skipped returns why frames were not segments and how many, the most frequent
// reason first. Together with the segments they are all frames decoded.
func (d *Decoder) Skipped() []Skip {
	var out []Skip
	for r, n := range d.counts {
		if reason(r) != isSegment && n > 0 {
			out = append(out, Skip{reasonNames[r], n})
		}
	}
	slices.SortStableFunc(out, func(a, b Skip) int { return cmp.Compare(b.Frames, a.Frames) })
	return out
}
