package analyzer

import (
	"fmt"

	"tcpreplay-fsm/internal/words"
)

var ruleSignatureDrop = Rule{
	ID: "signature-drop", Title: "A segment that is not signed as its connection is was dropped",
	Severity: Notice, About: "data",

	Seen: "A segment without a TCP signature (the options MD5 or TCP-AO) in the name of an end whose SYN has one, or one with a signature where the SYN has none.",
	Means: "Who has a key signs every segment, and drops what its peer did not sign, without a word. So it is forged, or of a program that no longer " +
		"has the key. Whether a signature is right the wire does not tell.",
	Apps: "Nothing: the connection goes on as if it had not come.",
	Check: "Who sends it (TTL, MAC address). nstat -az TcpExtTCPMD5NotFound TcpExtTCPMD5Unexpected TcpExtTCPMD5Failure. Both ends must be given " +
		"the key, or have it taken away, at one time (BGP: the neighbor's password).",
	Sources: "RFC 2385; RFC 5925 section 7.3; Linux tcp_inbound_hash()",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsMisSigned, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("%s in the %s's name not signed as its SYN is", words.Count(o.n, "segment"), side),
				"An end with a key for TCP MD5 (RFC 2385) or TCP-AO (RFC 5925) drops what is not signed, and one without drops what is: it counts for nothing. It is forged, or its sender no longer has the key."
		})
	},
}
