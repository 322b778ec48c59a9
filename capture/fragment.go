package capture

import (
	"bytes"
	"slices"

	"tcpreplay-fsm/tcp"
)

// Bounds of the reassembly of IP fragments.
const (
	fragmentTimeout = 30e9     // nanoseconds; Linux keeps fragments as long (ipfrag_time)
	fragmentMemory  = 16 << 20 // bytes held, with overhead; beyond it the oldest datagram goes first
	fragmentPieces  = 2048     // of one datagram: a full one at the least MTU of IPv4 has 1366
	pieceOverhead   = 64       // bytes of bookkeeping a piece
	datagramCost    = 256      // and a datagram
)

// A fragmentKey tells datagrams apart (RFC 791 section 3.2, RFC 8200 section
// 4.5), also between virtual networks.
type fragmentKey struct {
	src, dst tcp.Addr
	id       uint32
	scope    uint32
	protocol byte // IPv4 only
	ipv6     bool
}

// A fragment is one as it comes in.
type fragment struct {
	key      fragmentKey
	offset   int
	more     bool // not the last
	protocol byte // of what the datagram holds
	data     []byte
	wireLen  int  // len(data) and what the snap length cut
	further  bool // it is not what its frame counts as
}

// A datagram is one on its way to be whole.
type datagram struct {
	key          fragmentKey
	older, newer *datagram
	started      int64 // time of the first fragment to come
	pieces       []piece
	have         int // bytes covered by pieces
	total        int // length, -1 until the last fragment came
	cost         int
	waiting      int  // frames that count as ipFragmentIncomplete for it
	protocol     byte // as the fragment with offset 0 says (RFC 8200 section 4.5)
	refused      bool // an overlap was seen: nothing of it counts any more
}

// A piece is a part of a datagram. Its data may be cut by the snap length.
type piece struct {
	offset, wireLen int
	data            []byte
}

// fragments holds the datagrams that are not whole, in order of their start.
type fragments struct {
	byKey          map[fragmentKey]*datagram
	oldest, newest *datagram
	cost           int
	joined         []byte // the datagram made whole last; used again
	settled        int    // frames that waited for the datagram that the last add made whole or refused
}

// reassemble takes in a fragment and decodes the datagram if that makes it
// whole. Until then its frames count as incomplete.
func (d *Decoder) reassemble(f *fragment) reason {
	f.further = d.further
	whole, wireLen, protocol, why := d.fragments.add(f, d.segment.Time)
	d.counts[ipFragmentIncomplete] -= d.fragments.settled
	if whole == nil {
		d.counts[ipFragmentOverlap] += d.fragments.settled
		return why
	}
	d.counts[ipFragment] += d.fragments.settled
	d.cut = wireLen - len(whole)
	if !f.key.ipv6 {
		return d.transport(protocol, whole)
	}
	if d.enter() { // it may hold the last fragment of another
		return nested
	}
	return d.extensions(protocol, whole, true)
}

// add takes in a fragment. When it completes its datagram, add returns what was
// captured of it without gaps, valid until the next call, and its length on the
// wire; otherwise the reason that the fragment counts under.
func (s *fragments) add(f *fragment, now int64) (whole []byte, wireLen int, protocol byte, why reason) {
	s.settled = 0
	s.expire(now)
	end := f.offset + f.wireLen
	if f.wireLen == 0 || end > maxDatagramLen || f.more && f.wireLen%8 != 0 {
		return nil, 0, 0, ipFragmentBad
	}
	dg := s.byKey[f.key]
	if dg == nil {
		dg = s.start(f.key, now)
	}
	if dg.refused {
		return nil, 0, 0, ipFragmentOverlap
	}
	if why := s.place(dg, f, end); why == ipFragmentOverlap {
		return nil, 0, 0, why
	}
	if dg.have != dg.total {
		if !f.further {
			dg.waiting++
		}
		s.bound()
		return nil, 0, 0, ipFragmentIncomplete
	}
	s.joined = s.joined[:0]
	for _, p := range dg.pieces {
		s.joined = append(s.joined, p.data...)
		if len(p.data) < p.wireLen {
			break // the snap length made a gap; what follows it is of no use
		}
	}
	s.settled = dg.waiting
	s.remove(dg)
	return s.joined, dg.total, dg.protocol, isSegment
}

// place puts the fragment among the pieces of its datagram, or refuses it with
// ipFragmentOverlap. Overlaps are what
// attacks are made of and receivers disagree on, so that modern ones drop the
// whole datagram (RFC 8200 section 4.5; Linux for IPv4, too). A fragment that
// came twice is no overlap.
func (s *fragments) place(dg *datagram, f *fragment, end int) reason {
	at, twice := slices.BinarySearchFunc(dg.pieces, f.offset, func(p piece, offset int) int { return p.offset - offset })
	if twice {
		same := dg.pieces[at]
		n := min(len(same.data), len(f.data))
		if same.wireLen == f.wireLen && bytes.Equal(same.data[:n], f.data[:n]) && f.more == (end != dg.total) {
			return isSegment
		}
	}
	overlaps := twice ||
		at > 0 && dg.pieces[at-1].offset+dg.pieces[at-1].wireLen > f.offset ||
		at < len(dg.pieces) && dg.pieces[at].offset < end
	endMoved := dg.total >= 0 && (end > dg.total || !f.more && end != dg.total)
	lastBefore := !f.more && len(dg.pieces) > 0 && dg.pieces[len(dg.pieces)-1].offset >= end
	if overlaps || endMoved || lastBefore || len(dg.pieces) == fragmentPieces {
		s.refuse(dg)
		return ipFragmentOverlap
	}
	dg.pieces = slices.Insert(dg.pieces, at, piece{f.offset, f.wireLen, bytes.Clone(f.data)})
	s.charge(dg, len(f.data)+pieceOverhead)
	dg.have += f.wireLen
	if !f.more {
		dg.total = end
	}
	if f.offset == 0 {
		dg.protocol = f.protocol
	}
	return isSegment
}

func (s *fragments) start(key fragmentKey, now int64) *datagram {
	dg := &datagram{key: key, started: now, total: -1, older: s.newest}
	if s.newest != nil {
		s.newest.newer = dg
	} else {
		s.oldest = dg
	}
	s.newest = dg
	if s.byKey == nil {
		s.byKey = make(map[fragmentKey]*datagram)
	}
	s.byKey[key] = dg
	s.charge(dg, datagramCost)
	return dg
}

// refuse frees what a datagram holds but remembers it, so that its later
// fragments do not start it anew.
func (s *fragments) refuse(dg *datagram) {
	s.charge(dg, datagramCost-dg.cost)
	s.settled = dg.waiting
	dg.pieces, dg.refused = nil, true
}

func (s *fragments) charge(dg *datagram, bytes int) {
	dg.cost += bytes
	s.cost += bytes
}

func (s *fragments) remove(dg *datagram) {
	if dg.older != nil {
		dg.older.newer = dg.newer
	} else {
		s.oldest = dg.newer
	}
	if dg.newer != nil {
		dg.newer.older = dg.older
	} else {
		s.newest = dg.older
	}
	s.cost -= dg.cost
	delete(s.byKey, dg.key)
}

// expire forgets datagrams that have waited too long, by capture time; also
// those from the future, as the clock of a capture may be set back.
func (s *fragments) expire(now int64) {
	for s.oldest != nil {
		age := now - s.oldest.started
		if overflow := (now < s.oldest.started) != (age < 0); !overflow && -fragmentTimeout <= age && age <= fragmentTimeout {
			return
		}
		s.remove(s.oldest)
	}
}

// bound forgets the oldest datagrams when all take too much memory.
func (s *fragments) bound() {
	for s.cost > fragmentMemory {
		s.remove(s.oldest)
	}
}
