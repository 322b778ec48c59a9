package protocol

import (
	"bytes"
	"strconv"
)

// postgres: a start-up message, or a request for encryption before it
// (PostgreSQL documentation, section 55.7).
func postgres(client, server []byte) Label {
	if len(client) < 8 {
		return Label{}
	}
	n, code := be32(client), be32(client[4:])
	switch {
	case n == 8 && (code == 80877103 || code == 80877104): // SSLRequest, GSSENCRequest
		if len(client) == 8 || len(server) > 0 && (server[0] == 'S' || server[0] == 'N' || server[0] == 'G') {
			return Label{Protocol: "PostgreSQL"}
		}
	case n == 16 && code == 80877102:
		return Label{"PostgreSQL", "cancel"}
	case n > 8 && n < 10000 && code>>16 == 3 && code&0xffff <= 2:
		detail := ""
		for fields := bytes.Split(client[8:], []byte{0}); len(fields) >= 2; fields = fields[2:] {
			switch string(fields[0]) {
			case "user":
				detail = clean(append([]byte("user="), fields[1]...))
			case "database":
				detail += " " + clean(append([]byte("database="), fields[1]...))
			}
		}
		if detail != "" {
			return Label{"PostgreSQL", clean([]byte(detail))}
		}
	}
	return Label{}
}

// mysql: the server's greeting, protocol 10 (MySQL internals, HandshakeV10).
func mysql(client, server []byte) Label {
	if len(server) < 12 || server[3] != 0 || server[4] != 10 {
		return Label{}
	}
	n := int(server[0]) | int(server[1])<<8 | int(server[2])<<16
	version, _, ok := bytes.Cut(server[5:min(len(server), 5+64)], []byte{0})
	if !ok || n < 30 || n > 512 || len(version) < 3 || !text(version) || version[0] < '1' || version[0] > '9' {
		return Label{}
	}
	return Label{"MySQL", clean(version)}
}

// tds: the pre-login message of SQL Server (MS-TDS section 2.2.6.5).
func tds(client, server []byte) Label {
	if len(client) > 14 && client[0] == 0x12 && client[1] == 1 && be16(client[2:]) == len(client) && client[8] == 0 && be16(client[9:]) < len(client) && bytes.IndexByte(client[8:], 0xff) > 0 {
		return Label{Protocol: "TDS"}
	}
	return Label{}
}

// tns: Oracle's connect packet with its descriptor.
func tns(client, server []byte) Label {
	if len(client) > 34 && client[4] == 1 && be16(client[2:]) == 0 && bytes.Contains(client[:min(len(client), 512)], []byte("(DESCRIPTION=")) {
		return Label{Protocol: "Oracle TNS"}
	}
	return Label{}
}

// redis: an array of bulk strings, the first of which is a command.
func redis(client, server []byte) Label {
	crlf := []byte("\r\n")
	count, rest, ok := bytes.Cut(client, crlf)
	if !ok || len(count) > 8 || !has(count, "*") || !digits(count[1:]) {
		return Label{}
	}
	size, rest, ok := bytes.Cut(rest[:min(len(rest), 64)], crlf)
	if !ok || !has(size, "$") {
		return Label{}
	}
	command, _, ok := bytes.Cut(rest, crlf)
	if !ok || len(command) == 0 || !text(command) || strconv.Itoa(len(command)) != string(size[1:]) {
		return Label{}
	}
	return Label{"Redis", clean(bytes.ToUpper(command))}
}

// mongo: OP_MSG, or the OP_QUERY that old drivers begin with (MongoDB wire
// protocol).
func mongo(client, server []byte) Label {
	if len(client) < 26 || le32(client[8:]) != 0 {
		return Label{}
	}
	n, op, flags := le32(client), le32(client[12:]), le32(client[16:])
	if n < 26 || n > 48_000_000 {
		return Label{}
	}
	if op == 2013 && flags&0xfffe == 0 && client[20] == 0 || op == 2004 && flags < 256 && text(client[20:24]) {
		return Label{Protocol: "MongoDB"}
	}
	return Label{}
}

// cassandra: OPTIONS or STARTUP in a frame of version 3 to 5 (CQL binary
// protocol, section 2).
func cassandra(client, server []byte) Label {
	if len(client) < 9 || client[0] < 3 || client[0] > 5 {
		return Label{}
	}
	n := be32(client[5:])
	if client[4] == 5 && n == 0 && len(server) >= 9 && server[0] == client[0]|0x80 ||
		client[4] == 1 && bytes.Contains(client[9:], []byte("CQL_VERSION")) {
		return Label{Protocol: "Cassandra"}
	}
	return Label{}
}

// memcached: a text command and the answer that belongs to it.
func memcached(client, server []byte) Label {
	c, ok := line(client)
	s, answered := line(server)
	if !ok || !answered {
		return Label{}
	}
	for _, e := range [...]struct{ command, answer string }{
		{"get ", "VALUE "}, {"get ", "END"}, {"gets ", "VALUE "}, {"gets ", "END"}, {"set ", "STORED"}, {"add ", "STORED"},
		{"stats", "STAT "}, {"version", "VERSION "}, {"delete ", "DELETED"}, {"delete ", "NOT_FOUND"}, {"mg ", "HD"}, {"mg ", "VA "}, {"mg ", "EN"},
	} {
		if has(c, e.command) && has(s, e.answer) {
			word, _, _ := bytes.Cut(c, []byte(" "))
			return Label{"memcached", clean(word)}
		}
	}
	return Label{}
}

// ldap: a bind, search or extended request with a small message id (RFC 4511
// section 4.1.1).
func ldap(client, server []byte) Label {
	b, n := ber(client, 0x30)
	if b == nil {
		return Label{}
	}
	id, idLen := ber(b, 0x02)
	if id == nil || idLen < 1 || idLen > 4 || len(id) < idLen+2 {
		return Label{}
	}
	op := id[idLen:]
	switch op[0] {
	case 0x60: // the version comes first
		if body, m := ber(op, 0x60); body != nil && m < n && len(body) >= 3 && body[0] == 2 && body[1] == 1 && (body[2] == 2 || body[2] == 3) {
			return Label{"LDAP", "bind"}
		}
	case 0x63: // a name, then the scope, an enumeration
		if body, m := ber(op, 0x63); body != nil && m < n {
			if name, k := ber(body, 0x04); name != nil && len(name) >= k+2 && name[k] == 0x0a && name[k+1] == 1 {
				return Label{"LDAP", "search"}
			}
		}
	case 0x77: // an object identifier, as text
		if body, m := ber(op, 0x77); body != nil && m < n && has(body, "\x80") && len(body) > 4 && digits(body[2:3]) && body[3] == '.' {
			return Label{"LDAP", "extended"}
		}
	}
	return Label{}
}

// ber returns what follows the tag and length of an element, and that length.
func ber(b []byte, tag byte) (rest []byte, n int) {
	if len(b) < 2 || b[0] != tag {
		return nil, 0
	}
	if b[1] < 0x80 {
		return b[2:], int(b[1])
	}
	k := int(b[1] & 0x7f)
	if k < 1 || k > 4 || len(b) < 2+k {
		return nil, 0
	}
	for _, c := range b[2 : 2+k] {
		n = n<<8 | int(c)
	}
	return b[2+k:], n
}
