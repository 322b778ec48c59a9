package analyzer

import (
	"tcpreplay-fsm/protocol"
	"tcpreplay-fsm/tcp"
)

const (
	// maxHeard is how many segments with new payload are listened to for a label.
	maxHeard = 6
	// enoughHeard is how many bytes of each: what a segment of an ordinary path
	// holds, as the server name may stand at the end of a ClientHello.
	enoughHeard = 1460
	// maxGuessing bounds the conversations whose first bytes are kept because they
	// have not told enough yet. Of more, the first segment must.
	maxGuessing = 1024
)

// heard is what the first bytes of a conversation told.
type heard struct {
	guess *protocol.Watch // while they have not told enough; then nothing below is set
	protocol.Label
	http *exchange // of a client that speaks HTTP/1
}

// guess is what listens to the first bytes while they have not told enough; else nil.
func (c *conn) guess() *protocol.Watch {
	if c.label == nil {
		return nil
	}
	return c.label.guess
}

// hear takes s, whose sender was to go on with next, for the label of c and for
// its requests.
func (a *Analyzer) hear(c *conn, s *tcp.Segment, side Side, next tcp.Seq) {
	http := c.http()
	payload := s.Payload[:min(len(s.Payload), enoughHeard)]
	if len(payload) > 0 {
		c.hearTLS(payload, s, side)
	}
	switch {
	case s.Seq != next:
		if http != nil && side == Client && next.Less(s.End()) {
			http.Gap() // what comes late is not waited for
			if next.Less(s.Seq) {
				http.asks(payload, s)
			}
		}
	case http != nil && side == Client:
		http.asks(payload, s)
	case http != nil:
		http.answers(payload, s, &c.end[Client])
	case len(payload) == 0:
	case c.heard < maxHeard:
		a.listen(c, payload, s, side)
	case c.label == nil && side == Client && protocol.IsHTTPRequest(payload):
		// The capture began within a long request or answer.
		c.label = &heard{Label: protocol.Guess(payload, nil), http: &exchange{Requests: &protocol.Requests{}}}
		c.label.http.asks(payload, s)
	}
}

// listen takes the beginning of the payload of s, which follows what side sent before, for
// the label of c.
func (a *Analyzer) listen(c *conn, payload []byte, s *tcp.Segment, side Side) {
	c.heard++
	guess := c.guess()
	w := guess
	if w == nil {
		w = a.watches.take()
	}
	w.See(int(side), payload)
	label := w.Label()
	switch {
	case label.Protocol != "" && (label.Protocol != "TLS" || label.Detail != ""), c.heard == maxHeard, guess == nil && a.guessing == maxGuessing:
		a.heardEnough(c, w)
		if http := c.http(); http != nil && side == Client {
			http.asked = asked{sighting{s.Frame, s.Time}, s.Seq}
			if n := int(s.Len); len(payload) < n {
				http.See(nil, n-len(payload))
			}
		}
	case guess == nil:
		c.label = &heard{guess: w}
		a.guessing++
	}
}

// heardEnough settles the label of c by what w saw, and lets its first bytes go.
func (a *Analyzer) heardEnough(c *conn, w *protocol.Watch) {
	if c.guess() != nil {
		c.label = nil
		a.guessing--
	}
	c.heard = maxHeard
	if label := w.Label(); label.Protocol != "" {
		c.label = &heard{Label: label}
		if r := w.Requests(); r != nil {
			c.label.http = &exchange{Requests: r}
		}
	}
	a.watches.give(w)
}

// watches are those that are not in use, with the room they have for first bytes:
// most conversations need one for a moment.
type watches []*protocol.Watch

// maxWatches bounds how many are kept.
const maxWatches = 64

func (l *watches) take() *protocol.Watch {
	n := len(*l)
	if n == 0 {
		return &protocol.Watch{}
	}
	w := (*l)[n-1]
	*l = (*l)[:n-1]
	return w
}

func (l *watches) give(w *protocol.Watch) {
	if len(*l) < maxWatches {
		w.Reset()
		*l = append(*l, w)
	}
}

// protocol is the label so far.
func (c *conn) protocol() protocol.Label {
	switch w := c.guess(); {
	case w != nil:
		return w.Label()
	case c.label != nil:
		return c.label.Label
	}
	return protocol.Label{}
}

// youth tells, without looking conversations up, which segments may be among the
// first with payload of theirs, or part of an HTTP request, or the beginning of an answer: for
// each of many groups of 4-tuples a counter, which a SYN sets back, and a bit for each
// direction in which requests went.
type youth [1 << 14]uint8

const youthCount = 1<<3 - 1 // maxHeard at most

// young counts s, and reports whether its payload is worth keeping.
func (y *youth) young(s *tcp.Segment, hash uint64) bool {
	n := &y[hash>>(64-14)]
	if s.Flags.Has(tcp.SYN) {
		*n = 0
	}
	if len(s.Payload) == 0 {
		return false
	}
	requests, answers := uint8(1<<6), uint8(1<<7)
	if s.Tuple.SrcPort < s.Tuple.DstPort {
		requests, answers = answers, requests
	}
	if *n&requests == 0 && protocol.IsHTTPRequest(s.Payload) {
		*n |= requests
	}
	if *n&youthCount < maxHeard {
		*n++
		return true
	}
	if _, alert := protocol.FatalAlert(s.Payload); alert {
		return true
	}
	return *n&requests != 0 || *n&answers != 0 && protocol.IsHTTPAnswer(s.Payload)
}

// maxKept bounds the payload kept in one batch, in bytes.
const maxKept = 1 << 20

// keep copies payload into the batch; nil if there is no room.
func (b *batch) keep(payload []byte) []byte {
	payload = payload[:min(len(payload), enoughHeard)]
	if b.payload == nil {
		b.payload = make([]byte, 0, maxKept)
	}
	from := len(b.payload)
	if from+len(payload) > maxKept {
		return nil
	}
	b.payload = append(b.payload, payload...)
	return b.payload[from:len(b.payload):len(b.payload)]
}
