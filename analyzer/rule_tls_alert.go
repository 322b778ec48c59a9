package analyzer

import (
	"crypto/tls"
	"fmt"
	"strings"
)

var ruleTLSAlert = Rule{
	ID: "tls-alert", Title: "One end ended TLS with a fatal alert",
	Severity: Warning, About: "closing", Verdict: true,

	Seen: "A TLS record in the clear that holds a fatal alert, alone in its segment; also behind STARTTLS and in a tunnel that a proxy opened. Once its sender uses keys, alerts are " +
		"encrypted and cannot be told from data.",
	Means: "TLS failed, not TCP: what its sender did not accept stands in the alert. The FIN or RST that follows is but the consequence.",
	Apps: "The sender's own error (Go: x509: certificate signed by unknown authority; curl: (35), (60)). The other end gets the alert's text (Go: \"remote error: " +
		"tls: handshake failure\"; OpenSSL: \"sslv3 alert handshake failure\").",
	Check: "openssl s_client -connect HOST:PORT -servername NAME -showcerts, once with -tls1_2 and once with -tls1_3: versions, ciphers, the certificate's names, dates " +
		"and chain (the ones in between must be sent, too), whether the server wants a certificate of the client.",
	Sources: "RFC 8446 section 6; RFC 5246 section 7.2",

	detect: func(ev *evidence) []Finding {
		t, protocol := ev.c.tls, ev.v.Protocol.Protocol
		if t == nil || t.alert.frame == 0 || !mayTurnToTLS(protocol) {
			return nil
		}
		a := &t.alert
		why := strings.TrimPrefix(tls.AlertError(a.code).Error(), "tls: ")
		return one(a.side, Probable, []int{a.frame},
			fmt.Sprintf("the %s ended TLS with a fatal alert: %s (%d)", a.side, why, a.code),
			a.detail(protocol)+" What follows, FIN or RST, is but the consequence.")
	},
}

// mayTurnToTLS reports whether TLS is spoken in conversations of that label: from their first byte,
// or after STARTTLS and the like (RFC 3207, RFC 2595, RFC 4217 and others), or in a tunnel.
func mayTurnToTLS(protocol string) bool {
	switch protocol {
	case "TLS", "HTTP", "SMTP", "IMAP", "POP3", "NNTP", "FTP", "XMPP", "LDAP", "PostgreSQL", "MySQL":
		return true
	}
	return false
}

// detail says what a means in a conversation of that label. HTTP may have asked for a tunnel
// (CONNECT). A server that had agreed on all else fails the handshake for want of the client's
// certificate (RFC 5246 section 7.4.6).
func (a *alert) detail(protocol string) string {
	server := a.side == Server
	switch c := a.code; {
	case protocol == "HTTP" && server && !a.later:
		return "The client speaks HTTP without TLS to a port that wants TLS."
	case (c >= 42 && c <= 46 || c == 48 || c == 113) && !server:
		return "It does not accept the server's certificate: expired, revoked, for another name, or signed by a CA it does not know, as where the server does not send the certificates in between."
	case c >= 42 && c <= 46 || c == 48 || c == 49 || c == 116, c == 40 && server && a.later && protocol == "TLS":
		return "It wants a certificate of the client (mutual TLS), and got none or one that it does not accept."
	case c == 40 || c == 70 || c == 71 || c == 86:
		return "The two have no TLS version, cipher or key exchange in common, or there is no certificate for the name that the client asked for."
	case c == 112:
		return "It has no certificate for the name that the client asked for (SNI)."
	case c == 120:
		return "The two have no application protocol in common (ALPN)."
	case c == 80:
		return "Something failed in its TLS library or the application's callbacks; its log says what."
	}
	return "It could not go on with what the other end had sent."
}
