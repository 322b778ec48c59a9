package protocol

import "bytes"

// IsHTTPAnswer reports whether a segment's payload begins like the status line of an
// HTTP/1 answer.
func IsHTTPAnswer(payload []byte) bool {
	return len(payload) >= 12 && string(payload[:7]) == "HTTP/1." && payload[8] == ' ' && digits(payload[9:12])
}

// AnswerBody tells from the header of the HTTP/1 answer that b begins with where its body
// lies (RFC 9112 section 6.3): behind the first head bytes of b, and length bytes long. ok
// is false where b is no answer or lacks a part of the header, and for bodies whose end the
// header does not tell: chunked ones, those that go on until the server closes, and those
// of statuses that have none. What answers HEAD or CONNECT has none either, which only the
// request tells.
func AnswerBody(b []byte) (head int, length uint64, ok bool) {
	if !IsHTTPAnswer(b) || b[9] == '1' || string(b[9:12]) == "204" || string(b[9:12]) == "304" {
		return 0, 0, false
	}
	_, rest, whole := bytes.Cut(b, []byte("\n"))
	for told := false; whole; {
		var l []byte
		if l, rest, whole = bytes.Cut(rest, []byte("\n")); !whole {
			break
		}
		if l = bytes.TrimSuffix(l, []byte("\r")); len(l) == 0 {
			return len(b) - len(rest), length, told
		}
		name, value, _ := bytes.Cut(l, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			n, valid := number(bytes.TrimSpace(value), 10)
			if !valid || told && n != length {
				return 0, 0, false
			}
			length, told = n, true
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			return 0, 0, false
		}
	}
	return 0, 0, false
}
