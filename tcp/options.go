package tcp

// OptionSet tells which options a segment carried.
type OptionSet uint16

const (
	OptMSS           OptionSet = 1 << iota // RFC 9293 section 3.7.1
	OptWindowScale                         // RFC 7323 section 2
	OptSACKPermitted                       // RFC 2018 section 2
	OptSACK                                // RFC 2018 section 3
	OptTimestamps                          // RFC 7323 section 3
	OptFastOpen                            // RFC 7413 section 4.1.1, or its experimental form (254, 0xF989)
	OptMPTCP                               // RFC 8684 section 3
	OptMD5                                 // RFC 2385
	OptAO                                  // RFC 5925
	OptUserTimeout                         // RFC 5482
	OptOther                               // anything else
	OptMalformed                           // a length that lies; what stood before it was kept
	OptCut                                 // the snap length cut the options; what stood before the cut was kept
)

// Block is a range of sequence numbers, [Left, Right).
type Block struct{ Left, Right Seq }

// Options are the options of one segment that this project uses. A field is
// meaningful only if its bit is in Set.
type Options struct {
	Set            OptionSet
	MSS            uint16
	WindowScale    uint8 // shift count as sent; more than 14 counts as 14 (RFC 7323 section 2.3)
	FastOpenCookie uint8 // cookie bytes; 0 asks for a cookie
	MPTCPSubtype   uint8
	SACKBlocks     uint8 // how many of SACK are set
	TSVal, TSEcr   uint32
	SACK           [4]Block
}

// Has reports whether every option of want was present.
func (o *Options) Has(want OptionSet) bool { return o.Set&want == want }

// Signed reports whether there is a signature: TCP MD5 (RFC 2385) or TCP-AO (RFC 5925).
func (o *Options) Signed() bool { return o.Set&(OptMD5|OptAO) != 0 }
