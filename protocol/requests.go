package protocol

import "bytes"

// Requests counts the HTTP/1 requests that a client sends on one connection. More
// than one is HTTP keep-alive: RFC 9112 section 9.3 calls it persistence, and it
// has nothing to do with the probes of TCP keep-alive. Requests may be pipelined,
// and cut anywhere by segments; bodies are passed over by their Content-Length or
// chunks. Of the bytes nothing is kept but a line that is cut, shortened to 256.
//
// The zero Requests is ready to use, at the beginning of a request.
type Requests struct {
	n       int
	version string
	at      place
	body    uint64 // bytes to pass over, while at is inBody or inChunk
	chunked bool
	noBody  bool
	waits   bool   // nothing was said after the newest request
	mixed   bool   // one whose answer has no body was pipelined
	line    []byte // what came of a line that goes on in the next segment
}

// place is what comes next of a request.
type place uint8

const (
	atRequest place = iota
	inHeaders
	inBody
	atChunkSize
	inChunk
	inTrailers
	lost // until a segment begins with a request
)

// N returns how many requests have begun: at least so many, if bytes were missing.
func (r *Requests) N() int { return r.n }

// Version returns the HTTP version of the newest request, "1.0" or "1.1".
func (r *Requests) Version() string { return r.version }

// NoBody reports whether what answers the newest request has no body, as for HEAD and CONNECT
// (RFC 9112 section 6.3), or may have none: where such a request was pipelined (section 9.3.2),
// which of them an answer is for is not known, nor where bytes that are missing were a request.
func (r *Requests) NoBody() bool { return r.noBody || r.mixed }

// Answered says that the server said something.
func (r *Requests) Answered() { r.waits = false }

// Unfinished reports whether the client is in the middle of a request, behind its first line.
func (r *Requests) Unfinished() bool { return r.at != atRequest && r.at != lost }

// See takes the next n bytes that the client says, the payload of one segment, of
// which b is the beginning that is at hand.
func (r *Requests) See(b []byte, n int) {
	missing := n - len(b)
	if r.at == lost && IsHTTPRequest(b) {
		r.at = atRequest
	}
	for len(b) > 0 && r.at != lost {
		if r.at == inBody || r.at == inChunk {
			k := min(uint64(len(b)), r.body)
			r.pass(k)
			b = b[k:]
			continue
		}
		l, rest, whole := bytes.Cut(b, []byte("\n"))
		b = rest
		if !whole || len(r.line) > 0 {
			r.keep(l)
			l = r.line
		}
		if whole {
			r.take(bytes.TrimSuffix(l, []byte("\r")))
			r.line = nil
		}
	}
	switch {
	case missing <= 0:
	case (r.at == inBody || r.at == inChunk) && uint64(missing) <= r.body:
		r.pass(uint64(missing))
	default:
		r.Gap()
	}
}

// Gap says that bytes are missing before what comes next.
func (r *Requests) Gap() {
	if r.at == atRequest {
		r.noBody = true
	}
	r.at, r.line = lost, nil
}

// pass goes over n bytes of a body.
func (r *Requests) pass(n uint64) {
	if r.body -= n; r.body > 0 {
		return
	}
	if r.at == inChunk {
		r.at = atChunkSize
	} else {
		r.at = atRequest
	}
}

// take takes one line.
func (r *Requests) take(l []byte) {
	switch r.at {
	case atRequest:
		if len(l) == 0 {
			return // RFC 9112 section 2.2
		}
		method, _, version := parseRequest(l)
		if httpLike(version) != "HTTP" {
			r.at = lost
			return
		}
		r.n++
		noBody := string(method) == "HEAD" || string(method) == "CONNECT"
		r.mixed = r.mixed || r.waits && (noBody || r.noBody)
		r.noBody, r.waits = noBody, true
		r.version = string(version[len("HTTP/"):])
		r.at, r.body, r.chunked = inHeaders, 0, false
	case inHeaders:
		r.header(l)
	case atChunkSize: // RFC 9112 section 7.1
		size, _, _ := bytes.Cut(l, []byte(";"))
		n, ok := number(bytes.TrimSpace(size), 16)
		switch {
		case !ok:
			r.at = lost
		case n == 0:
			r.at = inTrailers
		default:
			r.at, r.body = inChunk, n+2 // CR LF
		}
	case inTrailers:
		if len(l) == 0 {
			r.at = atRequest
		}
	}
}

// header takes a line of the header, or the empty one behind it, for the length of
// the body (RFC 9112 section 6.3).
func (r *Requests) header(l []byte) {
	if len(l) == 0 {
		switch {
		case r.chunked:
			r.at = atChunkSize
		case r.body > 0:
			r.at = inBody
		default:
			r.at = atRequest
		}
		return
	}
	name, value, _ := bytes.Cut(l, []byte(":"))
	value = bytes.TrimSpace(value)
	switch {
	case bytes.EqualFold(name, []byte("content-length")):
		n, ok := number(value, 10)
		if r.body = n; !ok {
			r.at = lost
		}
	case bytes.EqualFold(name, []byte("transfer-encoding")):
		r.chunked = true
	}
}

// maxLine is how much of a line that is cut is kept: its beginning, and its last
// bytes, where a request line has its version.
const maxLine = 256

func (r *Requests) keep(b []byte) {
	const end = 16
	if room := maxLine - len(r.line); len(b) > room {
		both := append(bytes.Clone(r.line[max(0, len(r.line)-end):]), b[max(0, len(b)-end):]...)
		r.line = append(append(r.line, b[:room]...)[:maxLine-end], both[max(0, len(both)-end):]...)
		return
	}
	r.line = append(r.line, b...)
}

// number reads digits of a base; more than 2^48 is none.
func number(b []byte, base uint64) (n uint64, ok bool) {
	for _, c := range b {
		d := uint64(c - '0')
		if c = c | 0x20; c >= 'a' && c <= 'f' {
			d = uint64(c-'a') + 10
		}
		if n = n*base + d; d >= base || n > 1<<48 {
			return 0, false
		}
	}
	return n, len(b) > 0
}
