package protocol

import (
	"bytes"
	"strconv"
)

// dns knows a query over TCP (RFC 7766): its length, then one question and no
// answers, complete.
func dns(client, server []byte) Label {
	n := be16(client)
	if n < 17 || len(client) < 2+n {
		return Label{}
	}
	b := client[2 : 2+n]
	if be16(b[2:])&0xfe40 != 0 || be16(b[4:]) != 1 || be16(b[6:]) != 0 || be16(b[8:]) != 0 || be16(b[10:]) > 2 {
		return Label{}
	}
	name, b := []byte(nil), b[12:]
	for {
		if len(b) < 1 || b[0] > 63 || len(b) < 1+int(b[0]) {
			return Label{}
		}
		label := b[1 : 1+int(b[0])]
		b = b[1+len(label):]
		if len(label) == 0 {
			break
		}
		if !text(label) || len(name) > 255 {
			return Label{}
		}
		name = append(append(name, label...), '.')
	}
	if len(b) < 4 || be16(b) == 0 || be16(b[2:]) != 1 && be16(b[2:]) != 255 {
		return Label{}
	}
	if len(name) == 0 {
		name = []byte(".")
	}
	return Label{"DNS", clean(name)}
}

// mqtt: CONNECT with the protocol's name (MQTT 5.0 section 3.1).
func mqtt(client, server []byte) Label {
	if len(client) < 9 || client[0] != 0x10 {
		return Label{}
	}
	i := 1
	for i < 5 && client[i]&0x80 != 0 {
		i++
	}
	i++
	b := client[min(i, len(client)):]
	switch {
	case has(b, "\x00\x04MQTT\x04"):
		return Label{"MQTT", "3.1.1"}
	case has(b, "\x00\x04MQTT\x05"):
		return Label{"MQTT", "5.0"}
	case has(b, "\x00\x06MQIsdp\x03"):
		return Label{"MQTT", "3.1"}
	}
	return Label{}
}

func amqp(client, server []byte) Label {
	switch {
	case has(client, "AMQP\x00\x00\x09\x01"):
		return Label{"AMQP", "0-9-1"}
	case len(client) >= 8 && has(client, "AMQP") && client[4] <= 3 && has(client[5:], "\x01\x00\x00"):
		return Label{"AMQP", "1.0"}
	}
	return Label{}
}

// bgp: the marker, then OPEN (RFC 4271 section 4.2).
func bgp(client, server []byte) Label {
	for _, b := range [][]byte{client, server} {
		if len(b) < 29 || be16(b[16:]) < 29 || be16(b[16:]) > 4096 || b[18] != 1 || b[19] != 4 {
			continue
		}
		if bytes.Count(b[:16], []byte{0xff}) == 16 {
			return Label{"BGP", "AS" + strconv.Itoa(be16(b[20:]))}
		}
	}
	return Label{}
}

// smb: a message over direct TCP (MS-SMB2 section 2.1), or NetBIOS's request for
// a session before it (RFC 1002 section 4.3.2).
func smb(client, server []byte) Label {
	if len(client) >= 8 && client[0] == 0 {
		switch string(client[4:8]) {
		case "\xffSMB":
			return Label{"SMB", "1"}
		case "\xfeSMB":
			return Label{"SMB", "2"}
		}
	}
	if len(client) >= 6 && has(client, "\x81\x00\x00") && client[3] == 68 && client[4] == 32 {
		return Label{Protocol: "NetBIOS"}
	}
	return Label{}
}

// rdp: a connection request in TPKT that names a user, or asks for a security
// protocol (MS-RDPBCGR section 2.2.1.1).
func rdp(client, server []byte) Label {
	n := be16(client[min(2, len(client)):])
	if len(client) < 11 || client[0] != 3 || client[1] != 0 || n < 11 || n > 512 || client[5] != 0xe0 || int(client[4]) != n-5 {
		return Label{}
	}
	b := client[11:min(len(client), n)]
	if i := bytes.Index(b, []byte("Cookie: mstshash=")); i == 0 {
		l, _ := line(b)
		return Label{"RDP", clean(l[len("Cookie: mstshash="):])}
	}
	if len(b) >= 8 && has(b[len(b)-8:], "\x01") && has(b[len(b)-6:], "\x08\x00") {
		return Label{Protocol: "RDP"}
	}
	return Label{}
}

// adb: Android's debug bridge; a command is followed by its complement.
func adb(client, server []byte) Label {
	if len(client) >= 24 && has(client, "CNXN") && le32(client[20:]) == ^le32(client) {
		return Label{Protocol: "ADB"}
	}
	return Label{}
}

// modbus: request and answer agree on transaction, unit and function (MODBUS
// Messaging on TCP/IP, section 3.1.3).
func modbus(client, server []byte) Label {
	frame := func(b []byte) bool {
		return len(b) >= 8 && be16(b[2:]) == 0 && be16(b[4:]) >= 2 && be16(b[4:]) <= 254 && len(b) >= 6+be16(b[4:])
	}
	if frame(client) && frame(server) && be16(client) == be16(server) && client[6] == server[6] &&
		client[7] == server[7]&0x7f && client[7] >= 1 && client[7] <= 43 {
		return Label{"Modbus", "function " + strconv.Itoa(int(client[7]))}
	}
	return Label{}
}

// socks: the client offers ways to authenticate and the server takes one (RFC
// 1928 section 3); or SOCKS4's request and answer.
func socks(client, server []byte) Label {
	if len(client) >= 3 && client[0] == 5 && client[1] >= 1 && len(client) >= 2+int(client[1]) &&
		len(server) >= 2 && server[0] == 5 && (bytes.IndexByte(client[2:2+int(client[1])], server[1]) >= 0 || server[1] == 0xff) {
		return Label{Protocol: "SOCKS5"}
	}
	if len(client) >= 9 && client[0] == 4 && (client[1] == 1 || client[1] == 2) && len(server) >= 8 && server[0] == 0 && server[1] >= 90 && server[1] <= 93 {
		return Label{Protocol: "SOCKS4"}
	}
	return Label{}
}

// x11: byte order, then protocol version 11.0 (X Window System Protocol, section
// 8).
func x11(client, server []byte) Label {
	if len(client) >= 12 && (has(client, "l\x00\x0b\x00\x00\x00") || has(client, "B\x00\x00\x0b\x00\x00")) {
		return Label{Protocol: "X11"}
	}
	return Label{}
}

// pptp: a control message with its magic cookie (RFC 2637 section 2).
func pptp(client, server []byte) Label {
	if len(client) >= 12 && be16(client) >= 12 && be16(client[2:]) == 1 && be32(client[4:]) == 0x1a2b3c4d {
		return Label{Protocol: "PPTP"}
	}
	return Label{}
}
