package filter

// expressions are compared with libpcap, and seed the fuzzer.
var expressions = []string{
	"", "ip", "ip6", "arp", "rarp", "tcp", "udp", "icmp", "icmp6", "sctp", "igmp", "ah", "esp", "pim",
	"not tcp", "!tcp", "! ! udp", "tcp or udp", "tcp && ip6", "ip || arp and not tcp", "not (tcp or udp)", "ip and ip6", "ip or not ip",

	"host 10.0.0.1", "src host 10.0.0.1", "dst host 10.0.0.1", "src or dst host 10.0.0.1", "src and dst host 10.0.0.1", "dst and src 10.0.0.1",
	"src 10.0.0.1 and dst 10.0.0.2", "ip host 10.0.0.1", "arp host 10.0.0.1", "rarp dst host 10.0.0.2", "host 10", "host 10.0", "host 167772161",
	"host 2001:db8::1", "src host 2001:db8::1", "ip6 dst fe80::9", "ip6 host fe80::9", "src and dst host ::1", "host ::ffff:10.0.0.1",
	"net 10.0.0.0/8", "src net 10.0.0.0/30", "dst net 192.168", "net 192.168.1.0 mask 255.255.255.0", "net 0.0.0.0/0", "net 10", "net 2560",
	"ip net 10.0.0.1/32", "arp net 10.0.0", "net 2001:db8::/32", "src net 2001:db8::/33", "ip6 net 2001:db8:8000::/33", "net ::/0", "net fe80::9",
	"net 10.0.0.0 mask 255.0.0.3", "not net 10.0.0.0/24",

	"port 80", "src port 80", "dst port 80", "src or dst port 80", "src and dst port 80", "tcp port 80", "udp port 53", "sctp port 80",
	"tcp src port 443", "udp dst port 53", "portrange 80-443", "tcp portrange 8000-8100", "src portrange 443-80", "udp portrange 53", "port 0x50",
	"port 0120", "port http", "port https", "port domain", "port syslog", "tcp dst port ssh", "udp port domain", "tcp and port 80", "not port 80",
	"port 80 or 443", "port 80 and not 443", "port (80 or 443)", "port ((80) or (443 and 40000))", "tcp port 80 or 22 or 443", "port not 80",
	"host 10.0.0.1 or 192.168.1.77", "host 10.0.0.1 or 2001:db8::1", "src (10.0.0.1 or 10.0.0.2)", "dst host not (10.0.0.1 or fe80::9)",
	"port 80 or (tcp) or 53", "tcp port 80 or (udp and ip6) and 443", "host 10.0.0.1 and (10.0.0.2 or not 192.168.1.77)", "port 80 or 5 = 5",

	"proto 6", "proto 17 or 1", `ip proto \tcp`, "ip6 proto 17", `ip proto \icmp or \udp`, `proto \sctp`, "ip6 proto 44", "ip proto 47",
	"ether proto 0x800", `ether proto \ip6`, `ether proto \arp`, "ether proto 0x8847", "link proto 0x8100", "ether proto 0x600",
	"ether host 01:02:03:04:05:06", "ether src 1:2:3:4:5:6", "ether dst host 0a-00-00-00-00-01", "ether src and dst 1.2.3.4.5.6",
	"not ether host 0a0000000001", "ether host 0a00.0000.0001 or 1:2:3:4:5:6",

	"vlan", "vlan 5", "vlan 7", "not vlan", "vlan and tcp", "vlan 5 and ip6", "vlan and vlan", "vlan 7 and vlan 5 and tcp port 80", "vlan 5 or vlan 5",
	"tcp or vlan and tcp", "vlan and host 10.0.0.1", "not vlan 100 and arp", "(vlan or tcp) and tcp", "vlan (100) and ether src 1:2:3:4:5:6",
	"vlan and ether proto 0x800", "vlan and ip[9] = 6", "vlan and ether[12:2] = 0x8100", "vlan and arp or ip",

	"less 100", "greater 120", "len = 60", "len > 100", "length <= 128", "len & 3 = 0", "less 0x80 and tcp", "len - 20 > 100",

	"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "tcp[tcpflags] == tcp-syn", "tcp[13] & tcp-rst != 0", "tcp[13]&2!=0 and not src net 10.0.0.0/31",
	"tcp[0:2] = 80 or tcp[2:2] = 80", "tcp[4:4] = 0x01020304", "(tcp[12] >> 4) * 4 = 20", "tcp[((tcp[12]&0xf0)>>2):4] = 0x64617461",
	"not tcp[13] = 2", "tcp[500] = 0", "tcp[2147483647] = 1", "not tcp[2147483640] = 1", "tcp[ip[1] - 1] = 1", "udp[2:2] = 53", "udp[0:2] > udp[2:2]",
	"icmp[icmptype] = icmp-echo", "icmp[icmptype] != icmp-echo and icmp[icmpcode] = 4", "icmp6[icmp6type] = icmp6-echo", "icmp6[1] = 3", "sctp[2:2] = 9",
	"igmp[0:2] = 40000", "ip[0] & 0xf != 5", "ip[6:2] & 0x1fff != 0", "ip[8] < 65", "ip[2:2] >= 44", "ip[12:4] = 0x0a000001", "ip[16] = ip[12]",
	"ip6[6] = 44", "ip6[40] = 6", "ip6[4:2] > 20", "arp[6:2] = 1", "rarp[7] = 3", "ether[0] & 1 = 1", "ether[12:2] > 0x800", "link[0:4] != 2",
	"ip[ip[9]] = 0", "tcp[tcp[12] >> 2] = 0x64", "ether[ip[9]:2] = 5", "icmp6[ip6[7] - 64] = 128", "tcp[ip[9] + 7] & 2 = 2", "ip[tcp[13]] = 0",
	"tcp[0:2] + udp[0:2] = 5", "tcp[2:2] = ip6[4:2]", "ip[0] = 0x45 and not (tcp[13] = 2)",
	"tcp[13] * 2 - 1 = 3", "5 * tcp[13] = 10", "len + tcp[13] > 70 or - ip[9] = 0 - 6", "1 = 1", "1 = 2", "5 > 3 and tcp", "len / 2 = 32", "len % 7 = 1", "len / ip[1] = 1", "not len % ip[1] = 1",
	"len ^ 1 + 2 = 7", "3 * len % 5 = 2", "len - 2 ^ 3 - 1 < 200", "1 | 2 & len = 1", "1 << len = 0", "1 << 2 + 1 = 8", "ip[0] >> ip[8] = 0", "(len) > (64)",
	"-1 > len", "-len + 200 > 100 or -len % 3 = 0", "ip[0:4] / 0x10 != 0x4500004", "(ip[0] & 0xf) << 2 > 20 or ((tcp[12] & 0xf0) >> 2 = 20)",
	"tcp[13] & 7 != 0 and (tcp[13] & 1 = 1 or tcp[13] & 4 = 4)", "ether[100] = 0 or tcp", "not ether[100] = 0", "tcp or ether[100] = 0", "udp port 53 or tcp[13] = 24",

	"(tcp port 80 or tcp port 443) and (host 10.0.0.1 or host 10.0.0.2) and not tcp[tcpflags] & tcp-rst != 0",
	"tcp and (tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0) and not src and dst net 192.168.0.0/16",
	"(icmp or icmp6) or tcp portrange 1-1023 and greater 40",
}
