//go:build libpcap

package live

// expression is the same filter in libpcap's language, for Ethernet.
const expression = `tcp or icmp or icmp6 or ip proto 4 or ip proto 41 or ip proto 47 or ip proto 51 or ip proto 97 or ip proto 137
	or ip6 proto 4 or ip6 proto 41 or ip6 proto 47 or ip6 proto 51 or ip6 proto 97 or ip6 proto 137
	or ip6 proto 0 or ip6 proto 43 or ip6 proto 44 or ip6 proto 60 or ip6 proto 135 or ip6 proto 140
	or (ip proto 17 and ip[6:2] & 0x1fff != 0)
	or udp port 2152 or udp port 3544 or udp port 4789 or udp port 4790 or udp port 6081 or udp port 6635 or udp port 8472`

// expressionTagged adds what only link layers with EtherTypes can say.
const expressionTagged = expression + `
	or ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100 or ether proto 0x8847 or ether proto 0x8848
	or ether proto 0x8864 or ether proto 0x893f or ether proto 0x8926`
