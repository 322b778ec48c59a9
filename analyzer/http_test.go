package analyzer

import (
	"testing"

	"tcpreplay-fsm/protocol"
	"tcpreplay-fsm/tcp"
)

// TestAnswerBehindIt has a server say more than 4 GiB behind an answer that was whole: its numbers
// come again and are not that answer's.
func TestAnswerBehindIt(t *testing.T) {
	h, client := &exchange{Requests: &protocol.Requests{}}, &endpoint{trouble: &noTrouble}
	h.asks([]byte("GET / HTTP/1.1\r\n\r\n"), &tcp.Segment{Frame: 1})
	head := []byte("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
	h.answers(head, &tcp.Segment{Frame: 2, Seq: 100, Len: uint32(len(head))}, client)
	if h.answer.frame != 2 || h.answer.length != 5000 {
		t.Fatalf("answer %+v", h.answer)
	}
	for seq := tcp.Seq(100).Add(uint32(len(head))); seq != 0; seq = seq.Add(min(1000, uint32(-seq))) {
		h.answers(nil, &tcp.Segment{Frame: 3, Seq: seq, Len: 1000}, client)
	}
	if h.answer.frame != 0 {
		t.Errorf("answer %+v, behind which there were 4 GiB", h.answer)
	}
}
