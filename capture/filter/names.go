package filter

// protoNames are the words that qualify by protocol.
var protoNames = map[string]proto{
	"ether": protoLink, "link": protoLink, "ip": protoIP, "ip6": protoIP6, "arp": protoARP, "rarp": protoRARP,
	"tcp": protoTCP, "udp": protoUDP, "sctp": protoSCTP, "icmp": protoICMP, "icmp6": protoICMP6, "igmp": protoIGMP,
	"pim": protoPIM, "ah": protoAH, "esp": protoESP,
}

// placeNames are the words that say what a value is.
var placeNames = map[string]place{"host": host, "net": network, "port": port, "portrange": portRange}

// grammarNames are the other words with a meaning.
var grammarNames = []string{"src", "dst", "proto", "mask", "less", "greater", "len", "length", "vlan", "and", "or", "not"}

// refusedNames are libpcap's other words. They are refused by name, and must not
// be taken for names of hosts.
var refusedNames = []string{
	"aarp", "action", "addr1", "addr2", "addr3", "addr4", "address1", "address2", "address3", "address4", "atalk", "bcc",
	"broadcast", "byte", "carp", "clnp", "connectmsg", "csnp", "decnet", "dir", "direction", "dpc", "es-is", "esis", "fddi", "fisu",
	"gateway", "geneve", "hdpc", "hfisu", "hlssu", "hmsu", "hopc", "hsio", "hsls", "ifindex", "ifname", "igrp", "iih", "ilmic",
	"inbound", "ipx", "is-is", "isis", "iso", "l1", "l2", "lane", "lat", "llc", "lsp", "lssu", "lsu", "metac", "metaconnect", "mopdl",
	"moprc", "mpls", "msu", "multicast", "netbeui", "oam", "oamf4", "oamf4ec", "oamf4sc", "on", "opc", "outbound", "ppp",
	"pppoed", "pppoes", "protochain", "psnp", "ra", "radio", "reason", "rnr", "rset", "rulenum", "ruleset", "sc", "sca", "sio",
	"slip", "sls", "snp", "srnr", "stp", "subrulenum", "subtype", "ta", "tr", "type", "vci", "vpi", "vrrp", "wlan",
}

// numberNames are the names of numbers: fields, TCP flags, ICMP types.
var numberNames = map[string]uint32{
	"tcpflags": 13, "tcp-fin": 1, "tcp-syn": 2, "tcp-rst": 4, "tcp-push": 8, "tcp-ack": 16, "tcp-urg": 32, "tcp-ece": 64, "tcp-cwr": 128,

	"icmptype": 0, "icmpcode": 1, "icmp-echoreply": 0, "icmp-unreach": 3, "icmp-sourcequench": 4, "icmp-redirect": 5, "icmp-echo": 8,
	"icmp-routeradvert": 9, "icmp-routersolicit": 10, "icmp-timxceed": 11, "icmp-paramprob": 12, "icmp-tstamp": 13,
	"icmp-tstampreply": 14, "icmp-ireq": 15, "icmp-ireqreply": 16, "icmp-maskreq": 17, "icmp-maskreply": 18,

	"icmp6type": 0, "icmp6code": 1, "icmp6-destinationunreach": 1, "icmp6-packettoobig": 2, "icmp6-timeexceeded": 3,
	"icmp6-parameterproblem": 4, "icmp6-echo": 128, "icmp6-echoreply": 129, "icmp6-multicastlistenerquery": 130,
	"icmp6-multicastlistenerreportv1": 131, "icmp6-multicastlistenerdone": 132, "icmp6-routersolicit": 133, "icmp6-routeradvert": 134,
	"icmp6-neighborsolicit": 135, "icmp6-neighboradvert": 136, "icmp6-redirect": 137, "icmp6-multicastlistenerreportv2": 143,
}

// A service is a port that has a name. The IANA registry gives most names to TCP
// and UDP; proto is what systems' /etc/services say today, anyProto for both.
type service struct {
	port  uint32
	proto proto
}

var services = map[string]service{
	"ftp-data": {20, protoTCP}, "ftp": {21, protoTCP}, "ssh": {22, protoTCP}, "telnet": {23, protoTCP}, "smtp": {25, protoTCP},
	"domain": {53, anyProto}, "http": {80, protoTCP}, "kerberos": {88, anyProto}, "pop3": {110, protoTCP}, "sunrpc": {111, anyProto},
	"ntp": {123, protoUDP}, "imap2": {143, protoTCP}, "snmp": {161, anyProto}, "bgp": {179, protoTCP}, "ldap": {389, anyProto},
	"https": {443, anyProto}, "syslog": {514, anyProto}, "submission": {587, protoTCP}, "ldaps": {636, anyProto}, "rsync": {873, protoTCP},
	"imaps": {993, protoTCP}, "pop3s": {995, protoTCP}, "nfs": {2049, anyProto}, "mysql": {3306, protoTCP},
	"postgresql": {5432, protoTCP}, "amqps": {5671, protoTCP}, "x11": {6000, protoTCP}, "redis": {6379, protoTCP}, "http-alt": {8080, protoTCP},
}

// ipProtocols are names of protocol numbers, for "proto \tcp".
var ipProtocols = map[string]uint32{
	"icmp": numICMP, "igmp": numIGMP, "tcp": numTCP, "udp": numUDP, "gre": 47, "esp": numESP, "ah": numAH, "ospf": 89,
	"pim": numPIM, "sctp": numSCTP,
}

// etherTypes are names of EtherTypes, for "ether proto \ip".
var etherTypes = map[string]uint32{"ip": etherIPv4, "ip6": etherIPv6, "arp": etherARP, "rarp": etherRARP}
