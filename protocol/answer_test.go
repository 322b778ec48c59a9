package protocol

import "testing"

func TestAnswerBody(t *testing.T) {
	for _, test := range []struct {
		name, said string
		head       int
		length     uint64
		ok         bool
	}{
		{name: "with its length", said: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", head: 38, length: 5, ok: true},
		{name: "an empty body", said: "HTTP/1.0 404 Not Found\ncontent-length:0\n\n", head: 41, ok: true},
		{name: "the length twice", said: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\n", head: 57, length: 5, ok: true},
		{name: "two lengths", said: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"},
		{name: "a length that is none", said: "HTTP/1.1 200 OK\r\nContent-Length: 5 bytes\r\n\r\n"},
		{name: "to the end of the connection", said: "HTTP/1.1 200 OK\r\nServer: a\r\n\r\n"},
		{name: "chunked", said: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{name: "not modified", said: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"},
		{name: "no content", said: "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"},
		{name: "an interim answer", said: "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n"},
		{name: "a header that goes on", said: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"},
		{name: "a status line that goes on", said: "HTTP/1.1 200"},
		{name: "a request", said: "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"},
		{name: "nothing"},
	} {
		if head, length, ok := AnswerBody([]byte(test.said)); ok != test.ok || ok && (head != test.head || length != test.length) {
			t.Errorf("%s: body of %d bytes behind %d, %v; want %d, %d, %v", test.name, length, head, ok, test.length, test.head, test.ok)
		}
	}
}

func FuzzAnswerBody(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))
	f.Add([]byte("HTTP/1.0 301 a\nA\n:\ncontent-length: 1\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		head, length, ok := AnswerBody(b)
		if head < 0 || head > len(b) || length > 1<<48 || ok && !IsHTTPAnswer(b) {
			t.Errorf("body of %d bytes behind %d of %d, %v", length, head, len(b), ok)
		}
	})
}
