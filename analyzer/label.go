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

// listen takes the payload of s, which follows what its sender sent before, for
// the label of c.
func (a *Analyzer) listen(c *conn, s *tcp.Segment, side Side) {
	if c.heard == maxHeard {
		return
	}
	c.heard++
	w := c.guess
	if w == nil {
		a.scratch = protocol.Watch{}
		w = &a.scratch
	}
	w.See(int(side), s.Payload[:min(len(s.Payload), enoughHeard)])
	label := w.Label()
	switch {
	case label.Protocol != "" && (label.Protocol != "TLS" || label.Detail != ""), c.heard == maxHeard, c.guess == nil && a.guessing == maxGuessing:
		if c.guess != nil {
			c.guess = nil
			a.guessing--
		}
		c.heard = maxHeard
		if label.Protocol != "" {
			c.label = &label
		}
	case c.guess == nil:
		kept := *w
		c.guess = &kept
		a.guessing++
	}
}

// protocol is the label so far.
func (c *conn) protocol() protocol.Label {
	switch {
	case c.label != nil:
		return *c.label
	case c.guess != nil:
		return c.guess.Label()
	}
	return protocol.Label{}
}

// youth tells, without looking conversations up, which segments may be among the
// first with payload of theirs: a counter for each of many groups of 4-tuples,
// which a SYN sets back.
type youth [1 << 14]uint8

// young counts s, and reports whether its payload is worth keeping.
func (y *youth) young(s *tcp.Segment, hash uint64) bool {
	n := &y[hash>>(64-14)]
	if s.Flags.Has(tcp.SYN) {
		*n = 0
	}
	if len(s.Payload) == 0 || *n == maxHeard {
		return false
	}
	*n++
	return true
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
