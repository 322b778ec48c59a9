//go:build libpcap

package wire

import (
	"fmt"
	"strings"
)

// expression is what program lets through in libpcap's language; what only link
// layers with EtherTypes can say is left out unless tagged.
func expression(tagged bool) string {
	var terms []string
	add := func(format string, values []uint32) {
		for _, v := range values {
			terms = append(terms, fmt.Sprintf(format, v))
		}
	}
	add("ip proto %d", protocolsIPv4)
	add("ip6 proto %d", protocolsIPv6)
	add("(ip proto %d and ip[6:2] & 0x1fff != 0)", []uint32{udpProtocol})
	add("udp port %d", tunnelPorts)
	if tagged {
		add("ether proto %#x", etherTypes)
	}
	return strings.Join(terms, " or ")
}
