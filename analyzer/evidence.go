package analyzer

import "tcpreplay-fsm/tcp"

// evidence is all that is known of a finished conversation, for the rules.
type evidence struct {
	c   *conn
	v   *Conversation
	end int64 // of the capture so far
	t   [2]replayed

	resets []resetReading // filled in when how it opened is known
	also   []string       // what the applications' protocol adds to the verdict, filled in by findings
}

// entered returns side's transition into st, or nil.
func (ev *evidence) entered(side Side, st tcp.State) *Transition {
	return ev.v.Endpoints[side].entered(st)
}

// was reports whether side was ever in st.
func (ev *evidence) was(side Side, st tcp.State) bool { return ev.entered(side, st) != nil }

// state is side's last state.
func (ev *evidence) state(side Side) tcp.State { return ev.v.Endpoints[side].State }

// opened says how the conversation began.
func (ev *evidence) opened() Opened {
	c := ev.c
	cli, srv := &c.end[Client], &c.end[Server]
	est := func(s Side) bool {
		return ev.was(s, tcp.Established) || ev.was(s, tcp.FinWait1) || ev.was(s, tcp.CloseWait)
	}
	switch {
	case !cli.is(hasSYN) && !srv.is(hasSYN):
		return OpenedMidstream
	case ev.was(Client, tcp.SynSent) && ev.was(Server, tcp.SynSent):
		return OpenedSimultaneous
	case est(Server) && c.facts&factSYNDataAcked != 0:
		return OpenedFastOpen
	case est(Server):
		return OpenedThreeWay
	case ev.refusal() != nil || ev.icmpRefusal() != nil:
		return OpenedRefused
	case srv.is(hasSYN) && cli.resets > 0:
		return OpenedAborted
	case srv.is(hasSYN):
		return OpenedIncomplete
	case int(srv.segments) == len(ev.unsignedResets(Server)) && len(c.icmp) == 0:
		return OpenedTimeout
	}
	return OpenedIncomplete
}

// refusal returns the RST that answered the client's SYN, of whose receiver nothing else
// passed before, or nil.
func (ev *evidence) refusal() *resetSeen {
	for i := range ev.c.rst {
		r := &ev.c.rst[i]
		if r.side == Server && r.hasACK && ev.c.end[Client].is(hasSYN) && !ev.c.end[Server].is(hasSYN) &&
			ev.c.end[Client].acknowledges(r.ack) && !ev.was(Client, tcp.Established) && !ev.c.unsigned(r) &&
			ev.c.log.first(Server, func(en *entry) bool { return en.alive() && en.frame < r.frame }) == nil {
			return r
		}
	}
	return nil
}

// icmpRefusal returns the ICMP error that ended the client's attempt, or nil.
func (ev *evidence) icmpRefusal() *icmpSeen {
	if ev.was(Client, tcp.Established) || ev.c.end[Server].is(hasSYN) {
		return nil
	}
	for i := range ev.c.icmp {
		if m := &ev.c.icmp[i]; m.side == Client && m.ends() {
			return m
		}
	}
	return nil
}

// firstReset returns the first RST that ended the connection of its receiver, or
// that its sender sent while it had one.
func (ev *evidence) firstReset() *resetSeen {
	for i := range ev.c.rst {
		r := &ev.c.rst[i]
		for x := range ev.t {
			for _, t := range ev.t[x].timeline {
				if ev.changes(r, &t) {
					return r
				}
			}
		}
	}
	return nil
}

// lastOf returns the FIN, or else the RST, with which side ended, and the number behind all that
// it had sent by then; nil if it did not end, or another may have sent that RST.
func (ev *evidence) lastOf(side Side) (*entry, tcp.Seq) {
	if fin := ev.c.fin(side); fin != nil && !fin.is(entryForged) {
		return fin, fin.end - 1
	}
	r := ev.firstReset()
	if r == nil || r.side != side || r.reply || ev.signs(r) != nil {
		return nil, 0
	}
	return ev.c.log.first(side, func(en *entry) bool { return en.frame == r.frame }), r.seq
}

// changes reports whether the RST r caused t, at its sender or its receiver.
func (ev *evidence) changes(r *resetSeen, t *Transition) bool {
	return t.Event == tcp.SentRST && t.Frame == r.frame || t.Event == tcp.RecvRST && t.Frame == ev.c.arrival(r.frame)
}

// closed says how the conversation ended.
func (ev *evidence) closed() ClosedHow {
	fin := [2]bool{ev.closes(Client), ev.closes(Server)}
	_, silent := ev.silent()
	switch {
	case ev.v.Opened == OpenedRefused:
		return ClosedRefused
	case ev.v.Opened == OpenedTimeout:
		return ClosedTimeout
	case fin[Client] && fin[Server]:
		if ev.was(Client, tcp.FinWait1) && ev.was(Server, tcp.FinWait1) {
			return ClosedSimultaneous
		}
		if ev.finCarriesAck(ev.firstFIN()) {
			return ClosedThreeSegment
		}
		return ClosedFourSegment
	case ev.firstReset() != nil:
		return ClosedReset
	case fin[Client] || fin[Server]:
		if silent {
			return ClosedTimeout
		}
		return ClosedHalf
	case silent:
		return ClosedTimeout
	}
	return ClosedOpen
}

// closes reports whether side sent a FIN, in the capture or before it.
func (ev *evidence) closes(side Side) bool {
	return ev.was(side, tcp.FinWait1) || ev.was(side, tcp.FinWait2) || ev.was(side, tcp.LastAck)
}

// firstFIN returns which side closed first, by causality: it was in FIN_WAIT_1.
func (ev *evidence) firstFIN() Side {
	if ev.active(Server) && !ev.active(Client) {
		return Server
	}
	return Client
}

// active reports whether side closed before it knew that its peer had.
func (ev *evidence) active(side Side) bool {
	return ev.was(side, tcp.FinWait1) || ev.was(side, tcp.FinWait2)
}

// endsFirst reports whether en, side's FIN or RST, came ahead of other, its peer's; nil is none. It
// goes by causality where that tells: the capture may have swapped them, or lost one.
func (ev *evidence) endsFirst(side Side, en, other *entry) bool {
	if a := ev.active(side); en != nil && a != ev.active(side.Other()) {
		return a
	}
	return en != nil && (other == nil || en.frame < other.frame)
}

// finCarriesAck reports whether the first segment that acknowledges first's FIN
// carries the other FIN.
func (ev *evidence) finCarriesAck(first Side) bool {
	ack := ev.c.log.first(first.Other(), func(en *entry) bool {
		return en.flags.Has(tcp.ACK) && !en.flags.Any(tcp.RST|tcp.SYN) && ev.t[first].top.LessEq(en.ack)
	})
	return ack != nil && ack.realFIN(ev.t[first.Other()].top)
}

// silent tells which side, if any, fell silent for good while the other sent the
// same again and again. Keep-alive probes go on as well if they are answered, and where the
// other direction was not captured nobody knows.
func (ev *evidence) silent() (Side, bool) {
	for x := Client; x <= Server; x++ {
		t, p := ev.c.end[x].tail, &ev.c.end[x.Other()]
		if t != nil && t.n >= deathCopies && p.time < t.first && (t.kind == segRetransmit || p.segments > 0) {
			return x.Other(), true
		}
	}
	return 0, false
}

// closedBy says who ended it: "client", "server", "both" or "none".
func (ev *evidence) closedBy() string {
	switch ev.v.Closed {
	case ClosedSimultaneous:
		return Both.String()
	case ClosedFourSegment, ClosedThreeSegment:
		return ev.firstFIN().String()
	case ClosedHalf:
		return ev.firstFIN().String()
	case ClosedReset:
		r := ev.firstReset()
		if ev.abortCrossesFIN(r) {
			return Both.String()
		}
		if ev.was(Client, tcp.FinWait1) != ev.was(Server, tcp.FinWait1) {
			return ev.firstFIN().String()
		}
		return r.side.String()
	case ClosedRefused:
		if m := ev.icmpRefusal(); m != nil && m.from != ev.c.tuple.Dst {
			break // a router or a firewall on the way refused it
		}
		return Server.String()
	}
	return "none"
}

// abortCrossesFIN reports whether the sender of r aborted before the FIN of its peer had
// reached it: its RST would acknowledge that (Linux, tcp_send_active_reset()).
func (ev *evidence) abortCrossesFIN(r *resetSeen) bool {
	fin := ev.c.fin(r.side.Other())
	return fin != nil && !r.reply && r.ack.Less(fin.end) && ev.was(r.side.Other(), tcp.FinWait1)
}

// facts names the neutral facts.
func (ev *evidence) facts() []string {
	c := ev.c
	var out []string
	add := func(ok bool, name string) {
		if ok {
			out = append(out, name)
		}
	}
	add(c.end[0].is(hasSYN) && c.end[0].bytes()+c.end[1].bytes() == 0 && ev.v.Opened != OpenedTimeout && ev.v.Opened != OpenedRefused && ev.was(Server, tcp.Established) && !c.filtered(), "no-data")
	add(c.facts&factDataInHandshakeACK != 0, "data-in-handshake-ack")
	add(c.facts&factFINWithData != 0, "fin-with-data")
	add(c.facts&factSeqWrap != 0, "seq-wrap")
	add(c.facts&factECN != 0, "ecn")
	add(c.facts&factMPTCP != 0, "mptcp")
	add(c.facts&factUrgent != 0, "urgent")
	add(c.facts&factCookieRequest != 0, "tfo-cookie-request")
	add(c.longPause >= longIdle, "long-idle")
	if out == nil {
		out = []string{}
	}
	return out
}
