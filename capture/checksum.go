package capture

import "tcpreplay-fsm/tcp"

// checksum is the Internet checksum (RFC 1071) of b added to sum: 0 over data
// that holds its own right checksum.
func checksum(sum uint64, b []byte) uint16 {
	for ; len(b) >= 4; b = b[4:] {
		sum += uint64(be32(b))
	}
	if len(b) >= 2 {
		sum += uint64(be16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// tcpChecksumOK verifies a whole TCP segment with its pseudo-header (RFC 9293
// section 3.1).
func tcpChecksumOK(t *tcp.Tuple, ipv6 bool, b []byte) bool {
	sum := uint64(protoTCP) + uint64(len(b))
	for _, a := range [...]tcp.Addr{t.Src, t.Dst} {
		if ipv6 { // an IPv4 address is mapped only here, not on the wire
			sum += a.Hi>>32 + a.Hi&0xffffffff + a.Lo>>32
		}
		sum += a.Lo & 0xffffffff
	}
	return checksum(sum, b) == 0
}
