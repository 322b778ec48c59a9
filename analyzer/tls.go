package analyzer

import (
	"tcpreplay-fsm/protocol"
	"tcpreplay-fsm/tcp"
)

// tlsTrouble is what shows in the clear that TLS failed.
type tlsTrouble struct {
	alert alert // the first fatal one; frame is 0 if none passed
	plain int   // the frame with which the server began in plain text where the client began with a ClientHello, or 0
	http  bool  // that answer was HTTP
	first bool  // it was no answer: the server greeted the client before
}

// alert is a fatal TLS alert.
type alert struct {
	frame int
	side  Side
	code  uint8
	later bool // its sender had said something before
}

// hearTLS looks for what shows that TLS failed in s, of which payload is all that is at hand, and not nothing.
func (c *conn) hearTLS(payload []byte, s *tcp.Segment, side Side) {
	e := &c.end[side]
	begins := e.is(hasSYN) && s.Seq == e.origin().Add(1)
	if code, ok := protocol.FatalAlert(payload); ok && int(s.Len) == len(payload) {
		if t := c.tlsTroubled(); t.alert.frame == 0 {
			t.alert = alert{s.Frame, side, code, e.is(hasSYN) && !begins}
		}
	}
	if !begins || c.tls != nil && c.tls.plain != 0 {
		return
	}
	switch label := c.protocol().Protocol; {
	case side == Server && label == "TLS" && !protocol.IsTLSRecord(payload):
		t := c.tlsTroubled()
		t.plain, t.http = s.Frame, protocol.IsHTTPAnswer(payload)
	case side == Client && label != "" && label != "TLS" && protocol.IsClientHello(payload):
		t := c.tlsTroubled()
		t.plain, t.first = c.end[Server].payloadFrame, true
	}
}

func (c *conn) tlsTroubled() *tlsTrouble {
	m := c.seldomly()
	if m.tls == nil {
		m.tls = new(tlsTrouble)
	}
	return m.tls
}
