package analyzer

import (
	"tcpreplay-fsm/protocol"
	"tcpreplay-fsm/tcp"
)

// exchange is what the requests and answers of HTTP/1 told. It is nil for other conversations.
type exchange struct {
	*protocol.Requests
	asked  asked
	answer answer
	said   bool    // the server said something
	heard  tcp.Seq // what it had then of what the client said
}

// asked is where the client began its newest request; frame is 0 if that is not known.
type asked struct {
	sighting
	seq tcp.Seq
}

// answer is where the server began the newest answer whose header told how long it is, and
// where that ends; frame is 0 if none did.
type answer struct {
	sighting
	end    tcp.Seq
	length uint64 // of its body
}

// maxAnswer bounds the bodies whose end is looked at: beyond, sequence numbers wrap.
const maxAnswer = 1 << 30

// asks takes what the client says in s, the beginning of which is payload, in order.
func (h *exchange) asks(payload []byte, s *tcp.Segment) {
	n := h.N()
	h.See(payload, int(s.Len))
	if h.N() > n {
		h.asked = asked{sighting{s.Frame, s.Time}, s.Seq}
	}
}

// answers takes what the server says in s, the beginning of which is payload, in order. What
// looks like an answer within the body of another is none, nor one to what client sent and the
// capture lost: that may have been HEAD.
func (h *exchange) answers(payload []byte, s *tcp.Segment, client *endpoint) {
	h.Answered()
	h.said, h.heard = true, s.Ack
	if h.answer.frame != 0 && !s.Seq.Less(h.answer.end) {
		h.answer = answer{} // it is whole; its numbers come again after 4 GiB
	}
	if h.NoBody() || client.nxt.Less(s.Ack) || client.lost != nil && client.lost.frame >= h.asked.frame || h.answer.frame != 0 && s.Seq.Less(h.answer.end) {
		return
	}
	if head, length, ok := protocol.AnswerBody(payload); ok && length <= maxAnswer {
		h.answer = answer{sighting{s.Frame, s.Time}, s.Seq.Add(uint32(head) + uint32(length)), length}
	}
}

// http is what the requests and answers of c told, or nil.
func (c *conn) http() *exchange {
	if c.label == nil {
		return nil
	}
	return c.label.http
}

// requests is how many HTTP/1 requests there were so far, and their version.
func (c *conn) requests() (n int, version string) {
	if h := c.http(); h != nil {
		return h.N(), h.Version()
	}
	return 0, ""
}

// asksOn reports whether the client was in the middle of an HTTP/1 request.
func (c *conn) asksOn() bool {
	h := c.http()
	return h != nil && h.Unfinished()
}
