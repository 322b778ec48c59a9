package pcaptest

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// says returns the payload that the field name=v stands for; ok is false if it stands for
// none.
func says(name, v string) (payload string, ok bool, err error) {
	switch name {
	case "get":
		return "GET " + v + " HTTP/1.1\r\n\r\n", true, nil
	case "head":
		return "HEAD " + v + " HTTP/1.1\r\n\r\n", true, nil
	case "post":
		return "POST " + v + " HTTP/1.1\r\nContent-Length: 1000\r\n\r\n", true, nil
	case "answer":
		return "HTTP/1.1 200 OK\r\nContent-Length: " + v + "\r\n\r\n", true, nil
	case "hello":
		return clientHello(v), true, nil
	case "alert":
		code, err := strconv.ParseUint(v, 10, 8)
		if err != nil {
			return "", false, fmt.Errorf("%q is no alert up to 255", v)
		}
		return string([]byte{21, 3, 3, 0, 2, 2, byte(code)}), true, nil
	}
	return "", false, nil
}

// clientHello is a ClientHello that asks for the server of that name (RFC 8446 section 4.1.2,
// RFC 6066 section 3), in a record.
func clientHello(name string) string {
	lengths := func(extra int) string {
		return string(binary.BigEndian.AppendUint16(nil, uint16(len(name)+extra)))
	}
	names := "\x00\x00" + lengths(5) + lengths(3) + "\x00" + lengths(0) + name
	hello := "\x03\x03" + string(make([]byte, 32)) + "\x00" + "\x00\x02\x13\x01" + "\x01\x00" + lengths(9) + names
	message := "\x01\x00" + string(binary.BigEndian.AppendUint16(nil, uint16(len(hello)))) + hello
	return "\x16\x03\x01" + string(binary.BigEndian.AppendUint16(nil, uint16(len(message)))) + message
}
