package tcp

import "strings"

// Flags are the control bits of a segment (RFC 9293 section 3.1), with AE, the
// ninth bit, of RFC 9768 (once NS).
type Flags uint16

const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
	AE
)

// Has reports whether every bit of want is set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// Any reports whether at least one bit of want is set.
func (f Flags) Any(want Flags) bool { return f&want != 0 }

var flagNames = [...]struct {
	bit  Flags
	name string
}{
	// The order Wireshark and people use: what opens and closes comes first.
	{SYN, "SYN"}, {FIN, "FIN"}, {RST, "RST"}, {PSH, "PSH"}, {ACK, "ACK"},
	{URG, "URG"}, {ECE, "ECE"}, {CWR, "CWR"}, {AE, "AE"},
}

// String lists the set bits, such as "SYN,ACK"; no bits are "-".
func (f Flags) String() string {
	if f == 0 {
		return "-"
	}
	var b strings.Builder
	for _, n := range flagNames {
		if f.Has(n.bit) {
			if b.Len() > 0 {
				b.WriteByte(',')
			}
			b.WriteString(n.name)
		}
	}
	return b.String()
}
