package protocol

import "bytes"

// http knows the request line of HTTP/1 and of what is shaped like it, and the
// status line where only the server was captured.
func http(client, server []byte) Label {
	method, target, version := requestLine(client)
	name := httpLike(version)
	if name == "" {
		if status, _ := line(server); len(client) == 0 && len(status) >= 12 && status[8] == ' ' {
			if name := httpLike(status[:8]); name != "" && digits(status[9:12]) {
				return Label{name, string(status[9:12])}
			}
		}
		return Label{}
	}
	host, websocket := headers(client)
	if websocket {
		name = "WebSocket"
	}
	if name != "HTTP" && name != "WebSocket" || len(target) > 0 && target[0] != '/' {
		host = nil // the target says it all
	}
	detail := append(append(append(bytes.Clone(method), ' '), host...), target...)
	return Label{name, clean(detail)}
}

// IsHTTPRequest reports whether a segment's payload begins with the request line
// of HTTP/1.
func IsHTTPRequest(payload []byte) bool {
	if len(payload) == 0 || payload[0] < 'A' || payload[0] > 'Z' {
		return false // nearly always
	}
	_, _, version := requestLine(payload)
	return httpLike(version) == "HTTP"
}

// requestLine takes apart "METHOD SP target SP version CR LF". A line that is cut
// within its target has no version and is none.
func requestLine(b []byte) (method, target, version []byte) {
	if i := methodLen(b); i == 0 {
		return nil, nil, nil
	}
	l, ok := line(b)
	if !ok {
		return nil, nil, nil
	}
	return parseRequest(l)
}

// parseRequest is requestLine of a whole line without its end.
func parseRequest(l []byte) (method, target, version []byte) {
	i, j := methodLen(l), bytes.LastIndexByte(l, ' ')
	if i == 0 || j <= i+1 {
		return nil, nil, nil
	}
	return l[:i], l[i+1 : j], l[j+1:]
}

// methodLen is the length of the method that b begins with, followed by a space;
// 0 if it does not.
func methodLen(b []byte) int {
	for i, c := range b[:min(len(b), 21)] {
		switch {
		case c == ' ' && i >= 3:
			return i
		case (c < 'A' || c > 'Z') && c != '-' && c != '_':
			return 0
		}
	}
	return 0
}

func httpLike(version []byte) string {
	switch string(version) {
	case "HTTP/1.1", "HTTP/1.0":
		return "HTTP"
	case "RTSP/1.0", "RTSP/2.0":
		return "RTSP"
	case "SIP/2.0":
		return "SIP"
	case "ICAP/1.0":
		return "ICAP"
	}
	return ""
}

// headers looks for the host and for an upgrade to WebSocket (RFC 6455 section
// 4.1) in a request.
func headers(b []byte) (host []byte, websocket bool) {
	for _, rest, ok := bytes.Cut(b, []byte("\n")); ok && len(rest) > 0; {
		var l []byte
		l, rest, ok = bytes.Cut(rest, []byte("\n"))
		name, value, found := bytes.Cut(l, []byte(":"))
		if !found || !ok {
			break
		}
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("host")):
			host = value
		case bytes.EqualFold(name, []byte("upgrade")):
			websocket = bytes.EqualFold(value, []byte("websocket"))
		}
	}
	return host, websocket
}

// http2 knows the connection preface (RFC 9113 section 3.4) of a client that
// speaks HTTP/2 without TLS, such as gRPC.
func http2(client, server []byte) Label {
	if has(client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
		return Label{Protocol: "HTTP/2"}
	}
	return Label{}
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}
