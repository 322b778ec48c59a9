package protocol

import (
	"fmt"
	"strings"
	"testing"
)

const get = "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n"

func TestRequests(t *testing.T) {
	post := "POST /up HTTP/1.1\r\nHost: a\r\nContent-length:  18 \r\n\r\nGET / HTTP/1.1\r\n\r\n"
	chunked := "PUT /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nA;x=y\r\nGET / HTTP\r\n3\r\nabc\r\n0\r\nTrailer: GET / HTTP/1.1\r\n\r\n"
	for _, tt := range []struct {
		name, said string
		n          int
		version    string
	}{
		{"one", get, 1, "1.1"},
		{"three pipelined", get + get + get, 3, "1.1"},
		{"HTTP/1.0 kept alive", strings.Repeat("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 2), 2, "1.0"},
		{"a body that looks like a request", post + get, 2, "1.1"},
		{"chunks that look like requests", chunked + post + get, 3, "1.1"},
		{"empty lines between requests", get + "\r\n\n" + get, 2, "1.1"},
		{"lines without CR", "GET / HTTP/1.1\nHost: a\n\nGET / HTTP/1.1\n\n", 2, "1.1"},
		{"a long target", "GET /" + strings.Repeat("x", 5000) + " HTTP/1.1\r\n\r\n" + get, 2, "1.1"},
		{"a tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n\x16\x03\x01\x00\nGET / HTTP/1.1\r\n\r\n", 1, "1.1"},
		{"not HTTP", "HELO a\r\n" + get, 0, ""},
		{"a request cut by the end", get + "GET /b HTT", 1, "1.1"},
		{"a body without an end", "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n" + get, 1, "1.1"},
		{"a length that is none", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n" + get, 1, "1.1"},
		{"a chunk that is none", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + get, 1, "1.1"},
	} {
		for _, size := range []int{1, 2, 3, 7, 17, len(tt.said)} {
			var r Requests
			for at := 0; at < len(tt.said); at += size {
				b := []byte(tt.said[at:min(at+size, len(tt.said))])
				r.See(b, len(b))
				clear(b) // it may not be kept
				if len(r.line) > maxLine {
					t.Fatalf("%s: %d bytes of a line are kept", tt.name, len(r.line))
				}
			}
			if r.N() != tt.n || r.Version() != tt.version {
				// Where the count is lost, a segment that begins with a request goes on from there.
				if r.at != lost && size == len(tt.said) || r.N() < tt.n {
					t.Errorf("%s, in pieces of %d: %d requests of HTTP/%s, want %d of %s", tt.name, size, r.N(), r.Version(), tt.n, tt.version)
				}
			}
		}
	}
}

// Bytes that were not captured are passed over within a body; elsewhere counting
// goes on with a segment that begins with a request.
func TestRequestsWithMissingBytes(t *testing.T) {
	var r Requests
	see := func(captured string, n int) { r.See([]byte(captured), n) }
	see("POST / HTTP/1.1\r\nContent-Length: 3000\r\n\r\n", 40)
	see("", 1460)
	see("GET / HTTP/1.1\r\n\r\n", 1460)
	see("", 81) // one byte more than the body
	see("tail"+get, 4+len(get))
	see(get+get, 2*len(get))
	if r.N() != 3 {
		t.Errorf("%d requests, want 3", r.N())
	}
	see("GET / HTTP/1.1\r\nHost: cut by the snap length", 500)
	see(get, len(get))
	r.Gap()
	see("b: c\r\n\r\n"+get, 8+len(get))
	see(get, len(get))
	if r.N() != 6 {
		t.Errorf("%d requests, want 6", r.N())
	}
}

// Which answers have no body is known where each is said before the next request.
func TestRequestsNoBody(t *testing.T) {
	const head = "HEAD / HTTP/1.1\r\n\r\n"
	for _, test := range []struct {
		name   string
		said   []string // "" is an answer
		noBody bool
	}{
		{"GET", []string{get}, false},
		{"HEAD", []string{head}, true},
		{"HEAD, its answer, GET", []string{head, "", get}, false},
		{"GET, its answer, HEAD", []string{get, "", head}, true},
		{"two GET", []string{get, get}, false},
		{"HEAD and GET", []string{head + get}, true},
		{"GET and HEAD, then GET", []string{get, head, "", get}, true},
		{"a request that is missing", []string{get, "", "cut"}, true},
		{"GET behind one that is missing", []string{get, "", "cut", "", get}, false},
	} {
		var r Requests
		for _, said := range test.said {
			switch said {
			case "":
				r.Answered()
			case "cut":
				r.See([]byte("HEAD /lo"), 99)
			default:
				r.See([]byte(said), len(said))
			}
		}
		if r.NoBody() != test.noBody {
			t.Errorf("%s: no body %v", test.name, r.NoBody())
		}
	}
}

// Whatever is said, and however it is cut, little is kept; and requests that are
// whole and alone in their segments are all counted.
func FuzzRequests(f *testing.F) {
	f.Add([]byte(get+get), 3, 0)
	f.Add([]byte("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n"), 11, 5)
	f.Fuzz(func(t *testing.T, said []byte, size, missing int) {
		size = max(1, size&1023)
		var r Requests
		lines := 0
		for len(said) > 0 {
			b := said[:min(size, len(said))]
			said = said[len(b):]
			r.See(b, len(b)+missing&15)
			lines += strings.Count(string(b), "\n")
			if len(r.line) > maxLine || r.N() > lines {
				t.Fatalf("%d bytes kept, %d requests in %d lines", len(r.line), r.N(), lines)
			}
		}
		r.Gap()
		before := r.N()
		for range 3 {
			r.See([]byte(get), len(get))
		}
		if r.N() != before+3 {
			t.Fatalf("%d of 3 requests after a gap", r.N()-before)
		}
	})
}

func ExampleRequests() {
	var r Requests
	r.See([]byte("GET /1 HTTP/1.1\r\nHost: example.org\r\n\r\nGET /2 HT"), 47)
	r.See([]byte("TP/1.1\r\nHost: example.org\r\n\r\n"), 29)
	fmt.Printf("HTTP/%s, %d requests\n", r.Version(), r.N())
	// Output: HTTP/1.1, 2 requests
}
