package analyzer

import (
	"math/bits"
	"math/rand/v2"

	"tcpreplay-fsm/tcp"
)

// table finds the conversations that are followed, by a hash of their 4-tuple: its
// entries take a fifth of those keyed by the 4-tuple itself, so that looking one up
// misses the cache less often. Conversations with the same hash, which those of one
// 4-tuple in several virtual networks always have, stand behind one another
// (conn.next). The seed is random lest somebody makes many 4-tuples with one hash;
// nothing that is reported depends on it.
type table struct {
	first map[uint64]*conn
	seed  [3]uint64
	// near holds some of first, each at its key modulo the length: of the
	// conversations that speak now, which the map would look for in memory that no
	// cache holds. It takes 2 KiB, of all shards half of what a CPU has next to it.
	near [128]struct {
		key  uint64
		conn *conn // nil if the place is empty
	}
}

func newTable() table {
	return table{first: map[uint64]*conn{}, seed: [3]uint64{rand.Uint64(), rand.Uint64(), rand.Uint64()}}
}

// head returns the newest conversation with the key, or nil.
func (t *table) head(key uint64) *conn {
	near := &t.near[key%uint64(len(t.near))]
	if near.key != key || near.conn == nil {
		near.key, near.conn = key, t.first[key]
	}
	return near.conn
}

// setHead makes c, or none, the newest conversation with the key.
func (t *table) setHead(key uint64, c *conn) {
	if near := &t.near[key%uint64(len(t.near))]; near.key == key {
		near.conn = c
	}
	if c == nil {
		delete(t.first, key)
	} else {
		t.first[key] = c
	}
}

// key is the same for both directions of u.
func (t *table) key(u tcp.Tuple) uint64 {
	return t.half(u.Src, u.SrcPort) + t.half(u.Dst, u.DstPort)
}

// half is the part of a key that one endpoint makes, by multiplying as wyhash does:
// a third of the time of maphash.Comparable, which would want the two put in order.
func (t *table) half(a tcp.Addr, port uint16) uint64 {
	h := fold(a.Hi^t.seed[0], a.Lo^t.seed[1])
	return fold(h^uint64(port), t.seed[2])
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// find returns the newest incarnation that s, whose 4-tuple has the key, belongs
// to, or nil. Of several in different virtual networks it is the one whose same
// direction has the scope of s; else one whose other direction has it; else one
// that this direction of was not seen yet, as where only one direction is tagged.
func (t *table) find(key uint64, s *tcp.Segment) *conn {
	var best *conn
	for c := t.head(key); c != nil; c = c.next {
		side, of := c.sends(s)
		switch {
		case !of:
		case c.bound[side] && c.scope[side] == s.Scope:
			return c
		case c.bound[side]:
		case best == nil, c.scope[side.Other()] == s.Scope && best.scope[best.sideOf(s).Other()] != s.Scope:
			best = c
		}
	}
	return best
}

// add puts c before the others of its key.
func (t *table) add(key uint64, c *conn) {
	c.next = t.head(key)
	t.setHead(key, c)
}

// replace puts n, or nothing, in the place of c, if c is there.
func (t *table) replace(c, n *conn) {
	next := c.next
	if n != nil {
		n.next, next = c.next, n
	}
	key := t.key(c.tuple)
	head := t.head(key)
	if head == c {
		t.setHead(key, next)
		return
	}
	for ; head != nil; head = head.next {
		if head.next == c {
			head.next = next
			return
		}
	}
}

// sends tells which side of c sent s, and whether s is of its 4-tuple at all.
func (c *conn) sends(s *tcp.Segment) (side Side, of bool) {
	if s.Tuple.Equal(&c.tuple) {
		return Client, true
	}
	return Server, s.Tuple.Opposes(&c.tuple)
}

// sideOf tells which side of c sent s.
func (c *conn) sideOf(s *tcp.Segment) Side {
	if s.Tuple.Equal(&c.tuple) {
		return Client
	}
	return Server
}

// open begins to follow a conversation at its first segment.
func (a *Analyzer) open(s *tcp.Segment) *conn {
	c := spareConns.Get().(*conn)
	c.tuple, c.id, c.seldom, c.slot = s.Tuple, -1, &usual, int32(len(a.conns))
	c.firstFrame, c.first, c.lastTime = s.Frame, s.Time, s.Time
	c.end[Client].trouble, c.end[Server].trouble = &noTrouble, &noTrouble
	switch syn, ack := s.Flags.Has(tcp.SYN), s.Flags.Has(tcp.ACK); {
	case syn && ack:
		c.tuple, c.roles = s.Tuple.Reverse(), rolesSYNACK
	case syn:
		c.roles = rolesSYN
	case likelyServer(s.Tuple.SrcPort, s.Tuple.DstPort):
		c.tuple = s.Tuple.Reverse()
	}
	a.conns = append(a.conns, c)
	if a.o.Rows > 0 {
		c.seldomly().rows = newLadder(a.o.Rows)
	}
	return c
}

// likelyServer guesses from the ports whether the sender is the server.
func likelyServer(src, dst uint16) bool { return src < dst }

// drop removes c from the list of conversations.
func (a *Analyzer) drop(c *conn) {
	last := a.conns[len(a.conns)-1]
	a.conns[c.slot], last.slot = last, c.slot
	a.conns[len(a.conns)-1] = nil
	a.conns = a.conns[:len(a.conns)-1]
	a.watch.forget(c)
	if c.guess() != nil {
		a.guessing--
	}
}
