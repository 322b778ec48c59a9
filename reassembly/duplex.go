package reassembly

import (
	"net/netip"

	"tcpreplay-fsm/tcp"
)

// Side is one end of a connection.
type Side uint8

const (
	Client Side = iota
	Server
)

// Other returns the opposite end.
func (s Side) Other() Side { return s ^ 1 }

func (s Side) String() string { return [...]string{"client", "server"}[s&1] }

// Duplex is both directions of one connection, indexed by the side that sends.
// Each direction's acknowledgments settle the holes of the other. The zero
// Duplex is ready to use; set the fields of its Streams first.
type Duplex [2]Stream

// Insert takes the next segment of the connection, in the order of the capture.
// See [Stream.Insert] for what it reads of seg.
func (d *Duplex) Insert(from Side, seg *tcp.Segment) {
	if seg.Flags.Has(tcp.ACK) && !seg.Flags.Has(tcp.RST) {
		d[from.Other()&1].Acked(seg.Ack)
	}
	d[from&1].Insert(seg)
}

// Close ends both directions, the client's first.
func (d *Duplex) Close() {
	d[Client].Close()
	d[Server].Close()
}

// Conflicts returns the overlaps that differed, by who sent them; see
// [Stream.Conflicts].
func (d *Duplex) Conflicts() [2][]Conflict {
	return [2][]Conflict{d[Client].Conflicts(), d[Server].Conflicts()}
}

// Conversation names a conversation to a [Sink].
type Conversation struct {
	ID     int
	Client netip.AddrPort
	Server netip.AddrPort
}

// Sink takes the segments of the conversations whose bytes somebody asked for,
// from whoever tells conversations apart. It is called in the order of the
// capture, from one goroutine.
type Sink interface {
	// Segment takes the next segment of a conversation. seg is the sink's only
	// during the call.
	Segment(conv Conversation, from Side, seg *tcp.Segment)
	// End says that the conversation with that id is over; one that had no
	// segment is ignored. It returns the overlaps that differed, by who sent them.
	End(id int) [2][]Conflict
}
