package tcp

// Segment is one TCP segment as it passed the point of capture: the fields of
// its TCP header, what of the IP header tells senders apart, and where and when
// it was captured.
//
// All fields but Payload and Comment are plain values: a Segment may be copied
// freely. Payload is borrowed from whoever made the Segment and is valid only
// as long as they say; copy it to keep it.
type Segment struct {
	Frame int   // frame number in the capture, from 1, as Wireshark counts
	Time  int64 // capture time, nanoseconds since the Unix epoch

	Tuple Tuple
	// Scope tells apart equal addresses in different virtual networks: 0 outside
	// any, else a number for the stack of VLANs and tunnels the segment came in.
	// The two directions of one conversation may have different scopes.
	Scope uint32

	Seq, Ack Seq
	Flags    Flags
	Window   uint16 // as in the header, not scaled
	Urgent   uint16

	// Len is the length of the payload in bytes by the IP length; with a short
	// snap length it is more than len(Payload).
	Len     uint32
	Payload []byte

	IPID uint16 // IPv4 identification; 0 for IPv6
	TTL  uint8  // time to live or hop limit
	TOS  uint8  // DSCP and ECN bits
	IPv6 bool
	DF   bool // IPv4 don't-fragment bit

	// LinkSource is a digest of the frame's Ethernet source address, the innermost
	// one's: equal addresses have equal digests, others rarely. 0 if there is none.
	LinkSource uint16

	Options Options

	Interface uint32 // capture interface, from 0, counted over all inputs
	Comment   string // the frame's comment (pcapng), or ""
}

// SeqLen is the length of the segment in sequence space: payload, and one each
// for SYN and FIN (RFC 9293 section 3.4, SEG.LEN).
func (s *Segment) SeqLen() uint32 {
	n := s.Len
	if s.Flags.Has(SYN) {
		n++
	}
	if s.Flags.Has(FIN) {
		n++
	}
	return n
}

// End is the sequence number after the segment's last byte.
func (s *Segment) End() Seq { return s.Seq.Add(s.SeqLen()) }

// ICMPKind says what an ICMP error about a TCP segment reported.
type ICMPKind uint8

const (
	ICMPUnreachable ICMPKind = iota + 1 // host, network or protocol unreachable, or administratively prohibited
	ICMPPortUnreachable
	ICMPFragNeeded   // IPv4 fragmentation needed, IPv6 packet too big
	ICMPTimeExceeded // TTL ran out, or fragment reassembly timed out
	ICMPOther        // parameter problem, source quench
)

func (k ICMPKind) String() string {
	switch k {
	case ICMPUnreachable:
		return "unreachable"
	case ICMPPortUnreachable:
		return "port unreachable"
	case ICMPFragNeeded:
		return "fragmentation needed"
	case ICMPTimeExceeded:
		return "time exceeded"
	}
	return "error"
}

// ICMPError is an ICMP or ICMPv6 error that quotes a TCP segment
// (RFC 792, RFC 4443 section 3).
type ICMPError struct {
	Frame int
	Time  int64
	From  Addr // who reported it
	Kind  ICMPKind
	Type  uint8 // the ICMP type and code as sent
	Code  uint8
	MTU   uint32 // ICMPFragNeeded: the next hop's MTU, 0 if not told

	Quoted Tuple // of the quoted segment: its sender is who receives the error
	Scope  uint32
	Seq    Seq // the quoted segment's sequence number
}
