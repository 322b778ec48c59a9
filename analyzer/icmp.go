package analyzer

import (
	"slices"

	"tcpreplay-fsm/tcp"
)

// icmpSeen is an ICMP error about a segment of the conversation.
type icmpSeen struct {
	frame int
	time  int64
	kind  tcp.ICMPKind
	side  Side // whose segment it quotes: who receives the error
	from  tcp.Addr
	mtu   uint32
	code  uint8
	seq   tcp.Seq
}

// maxICMP is how many ICMP errors are kept of a conversation.
const maxICMP = 8

// AddICMP takes the next ICMP error about a TCP segment. One that quotes no
// conversation that is being followed is passed over.
func (a *Analyzer) AddICMP(e *tcp.ICMPError) {
	a.Tick(e.Time)
	a.addICMP(e)
}

// addICMP is AddICMP without the timers.
func (a *Analyzer) addICMP(e *tcp.ICMPError) {
	c := a.table.find(a.table.key(e.Quoted), &tcp.Segment{Tuple: e.Quoted, Scope: e.Scope})
	if c == nil {
		return
	}
	side := Server
	if e.Quoted == c.tuple {
		side = Client
	}
	if len(c.icmp) < maxICMP {
		m := c.seldomly()
		m.icmp = append(m.icmp, icmpSeen{frame: e.Frame, time: e.Time, kind: e.Kind, side: side, from: e.From, mtu: e.MTU, code: e.Code, seq: e.Seq})
	}
	c.lastFrame = max(c.lastFrame, e.Frame)
	c.rows.icmp(e, side)
	a.watch.touch(c)
}

// drops reports whether the error makes a listener forget its half-open request
// (Linux, tcp_req_err() as tcp_v4_err() and tcp_v6_err() call it).
func (m *icmpSeen) drops() bool {
	const net, host = 0, 1
	const v6Prohibited, v6Policy, v6Reject = 1, 5, 6
	if m.from.Is4() {
		return m.kind == tcp.ICMPTimeExceeded || m.kind == tcp.ICMPUnreachable && (m.code == net || m.code == host)
	}
	return m.kind == tcp.ICMPPortUnreachable || m.kind == tcp.ICMPUnreachable && (m.code == v6Prohibited || m.code == v6Policy || m.code == v6Reject)
}

// ends reports whether the error ends a connection attempt: Linux does so for
// all but "fragmentation needed" (tcp_v4_err in TCP_SYN_SENT; RFC 5461).
func (m *icmpSeen) ends() bool {
	return m.kind == tcp.ICMPUnreachable || m.kind == tcp.ICMPPortUnreachable || m.kind == tcp.ICMPTimeExceeded
}

// errnos are what connect() fails with by the code of "destination unreachable" (Linux,
// icmp_err_convert[] and icmpv6_err_convert()).
var (
	errnos4 = [...]string{"ENETUNREACH", "EHOSTUNREACH", "ENOPROTOOPT", "ECONNREFUSED", "EMSGSIZE", "EOPNOTSUPP", "ENETUNREACH", "EHOSTDOWN",
		"ENONET", "ENETUNREACH", "EHOSTUNREACH", "ENETUNREACH", "EHOSTUNREACH", "EHOSTUNREACH", "EHOSTUNREACH", "EHOSTUNREACH"}
	errnos6 = [...]string{"ENETUNREACH", "EACCES", "EHOSTUNREACH", "EHOSTUNREACH", "ECONNREFUSED", "EACCES", "EACCES"}
)

// errno is what connect() fails with on Linux for m, which ends it.
func (m *icmpSeen) errno() string {
	table, unknown := errnos6[:], "EPROTO"
	if m.from.Is4() {
		table, unknown = errnos4[:], "EHOSTUNREACH"
	}
	switch {
	case m.kind == tcp.ICMPPortUnreachable:
		return "ECONNREFUSED"
	case m.kind == tcp.ICMPTimeExceeded:
		return "EHOSTUNREACH"
	case int(m.code) >= len(table):
		return unknown
	}
	return table[m.code]
}

// icmpRefusal returns the ICMP error that ended the endpoint's attempt to connect, or
// the half-open request, that it is in, before own, if nothing it sent later shows
// that it went on; own nil means the end of what is known (RFC 5461 section 4.1).
func (r *replayer) icmpRefusal(own *entry) *icmpSeen {
	if r.state != tcp.SynSent && r.state != tcp.SynRcvd || len(r.timeline) == 0 {
		return nil
	}
	request := r.state == tcp.SynRcvd && !r.crossed
	for i := range r.c.icmp {
		m := &r.c.icmp[i]
		switch {
		case m.side != r.me || m.frame < r.timeline[len(r.timeline)-1].Frame || own != nil && own.frame < m.frame:
		case !request && m.ends() && !r.outlives(m), request && m.drops() && (r.anew(own, m) || !r.outlives(m)):
			return m
		}
	}
	return nil
}

// anew reports whether own is a SYN,ACK with another number than the one m quotes.
func (r *replayer) anew(own *entry, m *icmpSeen) bool {
	return own != nil && own.flags.Has(tcp.SYN|tcp.ACK) && own.seq != m.seq
}

// outlives reports whether the endpoint still sent a segment of the connection when
// it must have received m.
func (r *replayer) outlives(m *icmpSeen) bool {
	return r.c.log.first(r.me, func(en *entry) bool { return !en.flags.Has(tcp.RST) && !en.old() && en.time-m.time > r.slack }) != nil
}

// bounced reports whether en is what an ICMP error quotes, the last of its side with that
// number before the error: it was dropped on the way, or never reached TCP (RFC 792,
// destination unreachable; RFC 1812 section 4.3.1).
func (c *conn) bounced(en *entry) bool {
	return slices.ContainsFunc(c.icmp, func(m icmpSeen) bool {
		return m.side == en.side && m.seq == en.seq && en.frame < m.frame && c.log.first(en.side, func(o *entry) bool {
			return en.frame < o.frame && o.frame < m.frame && o.seq == m.seq
		}) == nil
	})
}
