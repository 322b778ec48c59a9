package protocol

import "strings"

// tls knows a handshake record (RFC 8446 section 5.1) by the ClientHello or
// ServerHello in it.
func tls(client, server []byte) Label {
	if hello, ok := handshake(client, 1); ok {
		return Label{"TLS", helloDetail(hello)}
	}
	if _, ok := handshake(server, 2); ok && len(client) == 0 {
		return Label{Protocol: "TLS"}
	}
	return Label{}
}

// tlsMidstream knows a connection whose begin was not captured, by whole records
// on every side that spoke.
func tlsMidstream(client, server []byte) Label {
	c, s := records(client), records(server)
	if c < 0 || s < 0 || c+s < 2 {
		return Label{}
	}
	return Label{Protocol: "TLS"}
}

// IsClientHello reports whether b begins like a ClientHello (RFC 8446 section 4.1.2).
func IsClientHello(b []byte) bool {
	_, ok := handshake(b, 1)
	return ok
}

// IsTLSRecord reports whether b begins like a TLS record (RFC 8446 section 5.1).
func IsTLSRecord(b []byte) bool {
	return len(b) > 0 && b[0] >= 20 && b[0] <= 24 && (len(b) == 1 || b[1] == 3)
}

// FatalAlert returns the code of the fatal alert in the clear (RFC 8446 section 6) that is all
// of a segment's payload; ok is false if there is none. close_notify (0) is none at any level.
func FatalAlert(payload []byte) (code uint8, ok bool) {
	if len(payload) != 7 || payload[0] != 21 || payload[1] != 3 || payload[2] > 4 || payload[3] != 0 || payload[4] != 2 || payload[5] != 2 || payload[6] == 0 {
		return 0, false
	}
	return payload[6], true
}

// records counts the whole records that b begins with, each of a type and a
// version that TLS knows; -1 if something else is there.
func records(b []byte) (n int) {
	for ; len(b) >= 5; n++ {
		size := be16(b[3:])
		if b[0] < 20 || b[0] > 24 || b[1] != 3 || b[2] < 1 || b[2] > 3 || size == 0 || size > 1<<14+256 {
			return -1
		}
		if len(b) < 5+size {
			break
		}
		b = b[5+size:]
	}
	return n
}

// handshake returns what there is of a handshake message of that type at the
// begin of a record: what follows its header.
func handshake(b []byte, kind byte) ([]byte, bool) {
	// Record: type 22, version 3.0 to 3.4, length. Message: type, length of 3
	// bytes. Then a version 3.x again.
	if len(b) < 11 || b[0] != 22 || b[1] != 3 || b[2] > 4 || b[5] != kind || b[9] != 3 || b[10] > 4 {
		return nil, false
	}
	if n := be16(b[3:]); n < 6 || n > 1<<14 || b[6] != 0 {
		return nil, false
	}
	return b[9:], true
}

// helloDetail reads the server name (RFC 6066 section 3) and the protocols
// offered (RFC 7301) from as much of a ClientHello as there is.
func helloDetail(b []byte) string {
	skip := func(n int) bool {
		if n > len(b) {
			return false
		}
		b = b[n:]
		return true
	}
	if !skip(34) || len(b) < 1 || !skip(1+int(b[0])) || len(b) < 2 || !skip(2+be16(b)) || len(b) < 1 || !skip(1+int(b[0])) || !skip(2) {
		return ""
	}
	name, alpn := "", []string(nil)
	for len(b) >= 4 {
		kind, n := be16(b), be16(b[2:])
		b = b[4:]
		if n > len(b) {
			break
		}
		body := b[:n]
		b = b[n:]
		switch kind {
		case 0: // server_name: list length, type 0, name
			if len(body) >= 5 && body[2] == 0 && be16(body[3:]) <= len(body)-5 {
				name = clean(body[5 : 5+be16(body[3:])])
			}
		case 16: // application_layer_protocol_negotiation
			for body = body[min(2, len(body)):]; len(body) > 0 && len(alpn) < 4; {
				n := int(body[0])
				if n >= len(body) {
					break
				}
				alpn = append(alpn, clean(body[1:1+n]))
				body = body[1+n:]
			}
		}
	}
	if len(alpn) > 0 {
		name = strings.TrimSpace(name + " alpn=" + strings.Join(alpn, ","))
	}
	return clean([]byte(name))
}
