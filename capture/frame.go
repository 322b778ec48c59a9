package capture

import "strconv"

// A Frame is one captured packet.
type Frame struct {
	Number    int    // from 1, counted over all inputs after merging
	Time      int64  // nanoseconds since the Unix epoch; times beyond int64 saturate
	Data      []byte // what was captured; valid until the next call of Reader.Next, copy to keep
	WireLen   int    // bytes on the wire, never less than len(Data)
	Link      LinkType
	Interface uint32 // index into Reader.Interfaces
	Input     int    // index into Reader.Inputs
	Comment   string // comments of a pcapng packet, one a line; else ""
}

// LinkType says what a frame begins with: a LINKTYPE value as registered at
// https://www.tcpdump.org/linktypes.html, or a DLT value where a system writes
// that instead.
type LinkType uint32

// The link types that Decoder understands.
const (
	LinkNull         LinkType = 0
	LinkEthernet     LinkType = 1
	LinkTokenRing    LinkType = 6
	LinkPPP          LinkType = 9
	LinkFDDI         LinkType = 10
	LinkRawDLT       LinkType = 12 // DLT_RAW of most systems
	LinkRawOpenBSD   LinkType = 14 // DLT_RAW of OpenBSD
	LinkPPPHDLC      LinkType = 50
	LinkPPPEther     LinkType = 51
	LinkATM1483      LinkType = 100
	LinkRaw          LinkType = 101
	LinkCHDLC        LinkType = 104
	LinkIEEE80211    LinkType = 105
	LinkFrameRelay   LinkType = 107
	LinkLoop         LinkType = 108
	LinkEnc          LinkType = 109
	LinkSLL          LinkType = 113
	LinkPFLog        LinkType = 117
	LinkPrism        LinkType = 119
	LinkRadiotap     LinkType = 127
	LinkIP1394       LinkType = 138
	LinkPktapDLT     LinkType = 149 // macOS writes DLT_USER2 for PKTAP
	LinkAVS          LinkType = 163
	LinkPPPPppd      LinkType = 166
	LinkPPI          LinkType = 192
	LinkPPPWithDir   LinkType = 204
	LinkIPv4         LinkType = 228
	LinkIPv6         LinkType = 229
	LinkNFLog        LinkType = 239
	LinkPktap        LinkType = 258
	LinkEtherMPacket LinkType = 274
	LinkSLL2         LinkType = 276
)

var linkNames = map[LinkType]string{
	LinkNull: "NULL", LinkEthernet: "EN10MB", LinkTokenRing: "IEEE802", LinkPPP: "PPP", LinkFDDI: "FDDI",
	LinkRawDLT: "RAW", LinkRawOpenBSD: "RAW", LinkRaw: "RAW", LinkPPPHDLC: "PPP_HDLC", LinkPPPEther: "PPP_ETHER",
	LinkATM1483: "ATM_RFC1483", LinkCHDLC: "C_HDLC", LinkIEEE80211: "IEEE802_11", LinkFrameRelay: "FRELAY",
	LinkLoop: "LOOP", LinkEnc: "ENC", LinkSLL: "SLL", LinkPFLog: "PFLOG", LinkPrism: "IEEE802_11_PRISM",
	LinkRadiotap: "IEEE802_11_RADIO", LinkIP1394: "APPLE_IP_OVER_IEEE1394", LinkPktapDLT: "PKTAP",
	LinkAVS: "IEEE802_11_RADIO_AVS", LinkPPPPppd: "PPP_PPPD", LinkPPI: "PPI", LinkPPPWithDir: "PPP_WITH_DIR",
	LinkIPv4: "IPV4", LinkIPv6: "IPV6", LinkNFLog: "NFLOG", LinkPktap: "PKTAP",
	LinkEtherMPacket: "ETHERNET_MPACKET", LinkSLL2: "SLL2",
}

// String is libpcap's name of the link type, or LINKTYPE_n for one that
// Decoder does not know.
func (l LinkType) String() string {
	if name, ok := linkNames[l]; ok {
		return name
	}
	return "LINKTYPE_" + strconv.FormatUint(uint64(l), 10)
}
