package analyzer

// ruleOverlapConflict has no detector here: only who keeps the bytes of both
// copies can compare them (package reassembly).
var ruleOverlapConflict = Rule{
	ID: "overlap-conflict", Title: "The same bytes of the stream were sent with different contents",
	Severity: Error, About: "data",

	Seen: "Two segments cover the same sequence numbers with different bytes.",
	Means: "No correct sender does that. Somebody injects data (a captive portal, a censor, an attacker that races the server), evades an " +
		"inspecting device, or a middlebox rewrites payload in one copy only. Corruption that the checksum missed is possible but rare.",
	Apps: "The receiver keeps one version, which one depends on its stack (Linux: the first to arrive, mostly): applications and inspecting " +
		"devices may read different texts.",
	Check: "Compare TTL, IP ID and timing of the two copies. Use TLS, which makes it a broken connection instead of changed data. The overlap " +
		"policy option shows what other stacks would have read.",
	Sources: "RFC 9293 section 3.10.7.4; RFC 5961 section 5; Ptacek and Newsham, Insertion, Evasion, and Denial of Service, 1998",
}
