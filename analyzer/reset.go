package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

// resetSeen is what is kept of a RST for the verdict about its cause.
type resetSeen struct {
	frame   int
	time    int64
	side    Side // whose address it carries
	seq     tcp.Seq
	ack     tcp.Seq
	hasACK  bool
	reply   bool // it has the form of a RST that answers a segment
	device  bool // its frame came from another MAC address than all of side's others
	echoes  bool // it echoes the timestamp of the peer's newest segment: that had arrived
	bare    bool // it carries no timestamps, though it is an active RST and its sender's segments do
	signed  bool // it carries a TCP signature
	other   bool // its sender's segments do not, or it does not and they do (signature.go)
	window  uint16
	ipid    uint16
	ttl     uint8
	usual   uint8 // the TTL of side's newest segments, if they agree; else 0
	len     uint32
	trigger recent // the newest segment towards side that a reply would answer; frame 0 if none
	last    recent // side's newest segment before it
	peer    recent // the peer's newest segment before it
	edge    tcp.Seq
	peerAck tcp.Seq
	// What side had received: payload that had passed towards it in all, whether
	// any of it had passed since it last sent payload itself, and how.
	received   uint64
	unanswered bool
	bursts     int    // in how many bursts that came
	afterFIN   bool   // some of it came after side's FIN
	peerWin    uint32 // the window side had last advertised, bytes
	tail       *unanswered
	idle       int64 // for how long nothing had passed when the FIN of side passed, or the trigger before it; 0 if that is not known
}

// maxResets is how many RSTs of a conversation are kept; all are counted.
const maxResets = 8

// keepReset keeps the RST s and reports whether it has the form of a reply.
//
// Linux sends two kinds. A socket that aborts (tcp_send_active_reset) sends
// RST,ACK with SEQ = SND.NXT. A host that has no socket for a segment, or a
// state that must refuse it (tcp_v4_send_reset, RFC 9293 section 3.10.7.1),
// answers: without ACK and with SEQ = the segment's ACK; or, if that had no ACK,
// with SEQ 0 and ACK = the segment's end. Its window is 0.
func (c *conn) keepReset(s *tcp.Segment, side Side) bool {
	e, p := &c.end[side], &c.end[side.Other()]
	reply := s.Flags&tcp.ACK == 0 || s.Seq == 0 && s.Window == 0
	if len(c.rst) >= maxResets {
		c.seldomly().resetsOmitted++
		return reply
	}
	x := resetSeen{frame: s.Frame, time: s.Time, side: side, seq: s.Seq, ack: s.Ack, hasACK: s.Flags.Has(tcp.ACK),
		reply: reply, bare: !reply && e.is(hasTS) && !s.Options.Has(tcp.OptTimestamps), window: s.Window, ipid: s.IPID, ttl: s.TTL, len: s.Len,
		last: e.recent[0], peer: p.recent[0], edge: e.nxt, peerAck: p.ack, peerWin: e.windowBytes(), received: p.bytes(), tail: e.tail,
		unanswered: p.payloadFrame > e.payloadFrame, bursts: int(p.bursts), afterFIN: p.payloadFrame > c.finFrame(side)}
	x.echoes = s.Options.Has(tcp.OptTimestamps) && p.is(hasTS) && s.Options.TSEcr == p.recent[0].tsval
	x.device = s.LinkSource != 0 && e.linkSource != 0 && s.LinkSource != e.linkSource && !e.is(hasLinkSources) && e.recent[0].link == uint8(s.Interface)
	x.usual = e.usualTTL()
	x.signed, x.other = e.carriesSignature(s), c.misSigned(s, side)
	for i := range p.recent {
		r := &p.recent[i]
		if r.frame == 0 {
			break
		}
		if r.flags.Has(tcp.ACK) && !s.Flags.Has(tcp.ACK) && r.ack == s.Seq ||
			r.flags&tcp.ACK == 0 && s.Flags.Has(tcp.ACK) && s.Ack == r.seq.Add(r.seqLen()) {
			// The FIN behind data that was refused draws a RST of its own.
			if x.trigger.frame == 0 || x.trigger.len == 0 && r.len > 0 && c.yetToAnswer(r, side) {
				x.trigger = *r
			}
		}
	}
	if fin := c.fin(side); fin != nil && x.trigger.frame != 0 {
		at := fin.sighting
		if x.trigger.frame < at.frame {
			at = sighting{x.trigger.frame, x.trigger.time}
		}
		if last := c.spokeBefore(at.frame); last > c.first {
			x.idle = at.time - last
		}
	}
	m := c.seldomly()
	m.rst = append(m.rst, x)
	return reply
}

// usualTTL is the TTL of e's newest segments, if two of those that are kept agree; else 0. A
// RST among them may be another's: only what stands beside it counts, if anything does.
func (e *endpoint) usualTTL() uint8 {
	var all, own []uint8
	for i := range e.recent {
		r := &e.recent[i]
		if r.frame == 0 {
			break
		}
		all = append(all, r.ttl)
		if !r.flags.Has(tcp.RST) {
			own = append(own, r.ttl)
		}
	}
	switch {
	case len(all) < 2:
		return 0
	case len(own) == 1:
		return own[0]
	case len(own) == 0:
		own = all
	}
	if own[0] != own[1] {
		return 0
	}
	return own[0]
}

// yetToAnswer reports whether side may answer r, data of its peer, with a RST yet: it
// has neither acknowledged nor answered it.
func (c *conn) yetToAnswer(r *recent, side Side) bool {
	for i := range c.rst {
		if q := &c.rst[i]; q.side == side && q.trigger.frame == r.frame {
			return false
		}
	}
	return c.end[side].ack.Less(r.seq.Add(r.seqLen()))
}

// otherTTL is by how many hops a RST must have come another way than its sender's
// other segments before that says something: routes change by one or two.
const otherTTL = 3

// foreign reports whether r came from further away or nearer than its sender's
// other segments, and how sure it is that somebody else sent it: surer if its IP ID
// breaks a count as well (0 is what Linux gives a reply), if it lacks the
// timestamps of the others, or if it came from another MAC address. Those alone say
// nothing: macOS sends RSTs without timestamps, and routers may share an address.
func (r *resetSeen) foreign() (sure Confidence, ok bool) {
	far := max(r.ttl, r.usual) - min(r.ttl, r.usual)
	if r.usual == 0 || r.ttl == 0 || far < otherTTL {
		return 0, false
	}
	if r.bare || r.device || r.idJumps() {
		return Probable, true
	}
	return Possible, true
}

// idJumps reports whether r's IP ID breaks the count of its sender's segments.
func (r *resetSeen) idJumps() bool {
	return r.ipid != 0 && r.last.ipid != 0 && r.ipid-r.last.ipid > 1<<10
}

// signs says what speaks for r having been sent by somebody else; nil if nothing
// does.
func (ev *evidence) signs(r *resetSeen) (out []string) {
	if ev.talksOn(r) && !ev.answersBadACK(r) {
		out = append(out, fmt.Sprintf("the %s goes on in the same connection as if it had not sent it", r.side))
	}
	if ev.acceptedAfter(r) {
		out = append(out, fmt.Sprintf("the %s accepted the connection all the same", r.side))
	}
	if ev.denied(r) {
		out = append(out, fmt.Sprintf("its numbers are not those that the %s had come to", r.side))
	}
	if r.other {
		out = append(out, "it "+r.signatureWords())
	}
	_, far := r.foreign()
	if r.device && (far || out != nil) {
		out = append(out, fmt.Sprintf("its frame has another source MAC address than the %s's others", r.side))
	}
	if !far {
		return out
	}
	out = append(out, fmt.Sprintf("its TTL is %d, that of the %s's other segments %d", r.ttl, r.side, r.usual))
	if r.idJumps() {
		out = append(out, fmt.Sprintf("its IP ID %d is out of the count of the %s's segments, the last of which had %d", r.ipid, r.side, r.last.ipid))
	}
	if r.bare {
		out = append(out, "it lacks the timestamps of the others")
	}
	return out
}

// seqLen is the segment's length in sequence space.
func (r *recent) seqLen() uint32 {
	n := r.len
	if r.flags.Has(tcp.SYN) {
		n++
	}
	if r.flags.Has(tcp.FIN) {
		n++
	}
	return n
}
