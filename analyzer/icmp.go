package analyzer

import "tcpreplay-fsm/tcp"

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
	c.rows.icmp(c, e, side)
	a.watch.touch(c)
}

// ends reports whether the error ends a connection attempt: Linux does so for
// all but "fragmentation needed" (tcp_v4_err in TCP_SYN_SENT; RFC 5461).
func (m *icmpSeen) ends() bool {
	return m.kind == tcp.ICMPUnreachable || m.kind == tcp.ICMPPortUnreachable || m.kind == tcp.ICMPTimeExceeded
}
