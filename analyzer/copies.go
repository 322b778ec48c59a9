package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// A packet may pass again because its sender sent it again, because the network
// doubled or delayed it, or because the capture recorded it at two places. Here is
// what tells these apart.

const (
	// copyGap is how long after a packet a copy of it made by the capture itself
	// (a mirror port, several interfaces of one host) may be recorded.
	copyGap = int64(time.Millisecond)
	// copyGapAny is the same where the interface differs: the packet passes a
	// whole host, or several.
	copyGapAny = int64(100 * time.Millisecond)
)

// isCopy recognises a packet that the capture itself recorded again.
func (c *conn) isCopy(s *tcp.Segment, e *endpoint) bool {
	for i := range e.recent {
		r := &e.recent[i]
		if r.frame == 0 {
			return false
		}
		if r.seq != s.Seq || r.ack != s.Ack || r.flags != s.Flags || r.len != s.Len || r.window != s.Window || r.ipid != s.IPID || r.tsval != s.Options.TSVal {
			continue
		}
		gap := copyGap
		if uint8(s.Interface) != r.link {
			gap = copyGapAny
		} else if s.IPID == 0 && s.SeqLen() == 0 {
			continue // without an IP ID, duplicate ACKs look just like one ACK recorded again
		}
		if s.Time-r.time > gap {
			return false
		}
		r.time = s.Time
		for j := len(c.log) - 1; j >= 0; j-- {
			if c.log[j].frame == r.frame {
				if r := c.rarely(&c.log[j]); r != nil {
					r.last = sighting{s.Frame, s.Time}
				}
				break
			}
		}
		return true
	}
	return false
}

// arrival returns the frame in which the segment first seen in frame was recorded last: that
// is where its receiver changed state, see lastSeen.
func (c *conn) arrival(frame int) int {
	if c.copies == 0 {
		return frame
	}
	for i := range c.log {
		if en := &c.log[i]; en.frame == frame {
			return c.lastSeen(en).frame
		}
	}
	return frame
}

// isDuplicate tells a packet doubled by the network from one sent again: the
// sender's stack gives every packet a new IP ID, and a new timestamp.
func (c *conn) isDuplicate(s *tcp.Segment, e *endpoint) bool {
	for i := range e.recent {
		r := &e.recent[i]
		if r.frame == 0 || r.seq != s.Seq || r.len != s.Len || r.flags != s.Flags {
			continue
		}
		if s.IPID != 0 {
			return r.ipid == s.IPID
		}
		if s.Options.Has(tcp.OptTimestamps) {
			return r.tsval == s.Options.TSVal && r.ack == s.Ack && r.window == s.Window
		}
	}
	return false
}

// repeatsSYN reports whether a SYN like s, or a SYN,ACK if s is one, passed before in side's
// name.
func (c *conn) repeatsSYN(s *tcp.Segment, side Side) bool {
	return c.log.first(side, func(o *entry) bool {
		return o.flags.Has(tcp.SYN) && o.seq == s.Seq && o.flags.Has(tcp.ACK) == s.Flags.Has(tcp.ACK)
	}) != nil
}

// copiesSYN reports whether the SYN s repeats the one that opened c, which went on to
// be established. Initial numbers do not come again while segments of theirs may
// live (RFC 9293 section 3.4.1): it is a late copy that the network made, and its
// sender did nothing; or the capture holds recorded traffic that was sent again. So it is
// with a SYN,ACK that no SYN and no timer asks for: its sender may be open long since.
func (c *conn) copiesSYN(s *tcp.Segment, side Side) bool {
	if s.Flags.Has(tcp.ACK) {
		return c.repeatsSYN(s, side) && c.copiesSYNACK(s, side)
	}
	e := &c.end[side]
	return e.is(hasSYN) && e.isn == s.Seq && (e.opened > 0 || e.has&(hasData|hasFIN) != 0)
}

// copiesSYNACK reports whether s, a SYN,ACK that passed before, was doubled by the
// network. One is sent again in answer to another SYN, or when its timer runs out,
// for the first time after 1 s (RFC 6298 section 2.1).
func (c *conn) copiesSYNACK(s *tcp.Segment, side Side) bool {
	const early = int64(time.Second) * 9 / 10
	syns, answers, first := 0, 0, s.Time
	for i := range c.log {
		switch o := &c.log[i]; {
		case !o.flags.Has(tcp.SYN):
		case o.side == side:
			answers++
		case !o.flags.Has(tcp.ACK):
			syns++
			first = min(first, o.time)
		}
	}
	if syns == 0 || answers < syns {
		return false
	}
	switch c.stamped(s, side) {
	case sameStamp:
		return true
	case otherStamp:
		return false
	}
	return s.Time-first < early
}

// stamp is how the timestamp of a segment compares with those of its copies.
type stamp uint8

const (
	noStamp    stamp = iota
	sameStamp        // one that passed carries the same: the network doubled it
	otherStamp       // it was sent at another time (RFC 7323 section 3.2)
)

// stampOf compares en, a SYN or FIN, with those like it in l.
func (l entries) stampOf(en *entry) stamp {
	if !en.is(entryTS) {
		return noStamp
	}
	out := noStamp
	for i := range l {
		o := &l[i]
		if o.side != en.side || !o.is(entryTS) || o.seq != en.seq || o.end != en.end || o.flags != en.flags || o.frame == en.frame {
			continue
		}
		if o.tsval == en.tsval && o.ack == en.ack && o.window == en.window {
			return sameStamp
		}
		out = otherStamp
	}
	return out
}

// stamped is stampOf for s, which side sent and which is not in the log yet.
func (c *conn) stamped(s *tcp.Segment, side Side) stamp {
	en := entryOf(s, side)
	return c.log.stampOf(&en)
}

// doubled reports whether entry i is a copy of one that passed before: it was not sent
// again.
func (c *conn) doubled(i int) bool { return c.log[:i].stampOf(&c.log[i]) == sameStamp }

// overtaken tells a segment that others overtook on the way from one that was
// sent again after the capture missed its first copy: an overtaken one still
// carries the older IP ID and timestamp. Where there is neither, it came too soon
// to be an answer to duplicate ACKs, which take a round trip to the sender.
func (e *endpoint) overtaken(s *tcp.Segment, rtt int64) bool {
	const soon = int64(3e6) // Wireshark's threshold between out of order and retransmission, 3 ms
	last := &e.recent[0]
	if s.IPID != 0 && last.ipid != 0 {
		return int16(s.IPID-last.ipid) < 0
	}
	if s.Options.Has(tcp.OptTimestamps) && s.Options.TSVal != last.tsval {
		return int32(s.Options.TSVal-last.tsval) < 0
	}
	return s.Time-last.time < max(soon, rtt*9/10)
}
