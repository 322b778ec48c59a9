package analyzer

// ruleSYNScan is about several conversations: see across.go.
var ruleSYNScan = Rule{
	ID: "syn-scan", Title: "One host tried many ports or hosts in vain",
	Severity: Warning, About: "opening",

	Seen: "One client address tried many addresses or ports, and the attempts were refused, unanswered or cut off.",
	Means: "A port scan (a SYN scanner answers an open port's SYN,ACK with RST and never completes), a monitoring system, or a client with a " +
		"stale list of servers. Which it is shows in who it is and in the order and pace of the ports.",
	Apps: "The servers' applications see nothing of a SYN scan: accept() never returns. A client that does this by mistake sees ECONNREFUSED " +
		"and ETIMEDOUT.",
	Check: "Whose address is it? A host of your own: look for service discovery that hands out dead addresses. A stranger's: your firewall, and " +
		"which of the ports answered with SYN,ACK.",
	Sources: "RFC 9293 section 3.10.7.1 (closed ports answer RST)",
}
