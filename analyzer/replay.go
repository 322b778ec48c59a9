package analyzer

import (
	"slices"
	"sync"
	"time"

	"tcpreplay-fsm/tcp"
)

// A capture shows what passed one point. What an endpoint sent is certain at
// once; what it received, and when, only its own later segments tell: capture
// order is not arrival order. So the states of an endpoint are worked out by
// walking the log from its own chair, at a time when all later proof is known:
//
//   - What it sent happened, in that order.
//   - Before each of those, what it must have received by then is applied: what
//     its acknowledgement covers, or what alone explains the segment.
//   - What passed towards it, but its own later segments show it had not
//     received, waits, and is lost if it waits too long.
//   - What is left at the end is presumed.
type replayed struct {
	timeline []Transition
	resets   []resetVerdict // of RSTs towards this endpoint, by entry
	notMine  []int          // frames of RSTs in its name that are not its own, as their numbers tell
	top      tcp.Seq        // the end of all that passed in its name, as its peer has it
}

type replayOptions struct {
	timeWait int64 // nanoseconds
	until    int64 // the end of the capture, for timers

	room [2][]Transition // empty, for the timelines
}

// replay works out the timelines of both endpoints.
func replay(c *conn, o replayOptions) (out [2]replayed) {
	tops, crossed := c.settle(), c.synsCross()
	for x := range out {
		room := replayRooms.Get().(*replayRoom)
		r := newReplayer(c, Side(x), tops, crossed, o, room)
		if c.itself() {
			r.me, r.state = Client, tcp.Closed
			out[x] = r.runSelf()
		} else {
			out[x] = r.run()
		}
		clear(room.waiting[:])
		replayRooms.Put(room)
	}
	return out
}

// replayer walks the log from one endpoint's chair.
type replayer struct {
	c    *conn
	me   Side
	o    replayOptions
	e, p *endpoint // its own and its peer's

	state    tcp.State
	timeline []Transition
	waiting  []*entry // sent by the peer, passed, not yet known to have arrived
	ack      tcp.Seq  // its highest acknowledgement so far
	acked    bool     // ack is set
	fin      *entry   // the peer's FIN, once received
	ownFIN   *entry   // its own FIN, once sent
	peerFIN  tcp.Seq  // end of the peer's FIN, if it sent one
	peerFins bool
	taken    bool       // it took something else with the number of the peer's FIN
	lastFIN  *entry     // the one of its FINs that it sent last
	tops     [2]tcp.Seq // of both sides, see settle
	top      tcp.Seq    // end of all it sent itself
	rtt      int64      // see handshakeRTT
	slack    int64      // longer after a segment passed, its receiver reacts to it
	resets   []resetVerdict
	notMine  []int // frames of RSTs in its name that it did not send
	filtered bool  // see conn.filtered
	crossed  bool  // both sides sent a SYN without ACK: simultaneous open
	guessed  bool  // its state is but the likelier: the one it was adopted in, or one that a FIN nobody saw led to
	spoke    bool  // it sent something that only a connection sends
	twStart  int64 // when TIME_WAIT began or was restarted
	heard    int   // the last frame it took an event from
}

// replayRoom is the room that an ordinary replay needs. It is used again and
// again.
type replayRoom struct {
	timeline [8]Transition
	waiting  [16]*entry
}

var replayRooms = sync.Pool{New: func() any { return new(replayRoom) }}

func newReplayer(c *conn, me Side, tops [2]tcp.Seq, crossed bool, o replayOptions, room *replayRoom) replayer {
	r := replayer{c: c, me: me, e: &c.end[me], p: &c.end[me.Other()], o: o, tops: tops, timeline: room.timeline[:0], waiting: room.waiting[:0],
		rtt: c.handshakeRTT(me), crossed: crossed, filtered: c.filtered()}
	// Within a round trip to the endpoint and back a segment may just not have
	// arrived yet. Linux does not retransmit in less than 200 ms (TCP_RTO_MIN), so
	// below that nothing is late.
	r.slack = int64(100 * time.Millisecond)
	if r.rtt > 0 {
		r.slack = min(max(3*r.rtt, int64(30*time.Millisecond)), int64(150*time.Millisecond))
	}
	r.peerFIN, r.peerFins = tops[me.Other()], r.p.is(hasFIN)
	r.top = c.ownTop(me, tops[me])
	if c.roles == rolesSYN && me == Server {
		r.state = tcp.Listen
	}
	if r.e.is(hasFIN) {
		r.lastFIN = r.newestFIN()
	}
	r.taken = r.peerFins && r.numberTaken()
	return r
}

// realFIN reports whether en is a FIN at top, the end of all that its sender sent: a
// FIN is the last number a side sends, so one that its sender went on talking past was
// not its own.
func (en *entry) realFIN(top tcp.Seq) bool {
	return en.flags.Has(tcp.FIN) && !en.flags.Has(tcp.RST) && en.end == top && !en.is(entryDropped)
}

// isPeerFIN reports whether en, a segment of the peer's, is its FIN.
func (r *replayer) isPeerFIN(en *entry) bool { return en.realFIN(r.peerFIN) }

// owns reports whether en carries the endpoint's own FIN.
func (r *replayer) owns(en *entry) bool {
	return en.flags.Has(tcp.FIN) && !en.flags.Has(tcp.RST) && en.end == r.top && en.bits&(entryDropped|entryForged) == 0
}

func (r *replayer) run() replayed {
	r.adopt()
	for i := range r.c.log {
		en := &r.c.log[i]
		r.impliedOwnFIN(en)
		if en.side != r.me {
			succeeded := r.succeededBefore(en)
			if en.bits&(entryDropped|entryElsewhere) == 0 && !succeeded && !r.drops(en) {
				r.waiting = append(r.waiting, en)
			}
			if en.flags.Has(tcp.RST) {
				r.judged(en, succeeded)
			}
			continue
		}
		if en.bits&(entryDropped|entryForged) != 0 || en.old() && !(r.owns(en) && r.ownFIN == nil) {
			continue
		}
		if en.flags.Has(tcp.RST) {
			switch {
			case r.talksOnAfter(en, r.c.log[i+1:]):
				r.guessed = r.guessed || r.loneAfter(en, r.c.log[i+1:])
				continue
			case r.answersLateSYN(en):
				continue
			case r.foreignReset(en) || r.denied(en):
				r.notMine = append(r.notMine, en.frame)
				continue
			}
			r.guessed = r.guessed || en.aborts() && r.p.is(hasSeq) && r.p.nxt.Less(en.ack)
		}
		if syn := r.overtakenSYN(en, r.c.log[i+1:]); syn != nil {
			how := Presumed // another may have sent it
			if syn.stampedBefore(en) {
				how = Sent
			}
			r.apply(tcp.SentSYN, syn, false, how)
		}
		if fin := r.overtakenFIN(en, r.c.log[i+1:]); fin != nil {
			r.receiveBefore(fin)
			r.sent(fin)
		}
		r.impliedFINBefore(en, r.c.log[i+1:])
		r.receiveBefore(en)
		r.sent(en)
	}
	r.presume()
	r.endUnheard()
	r.settleResets()
	r.doubtCookie()
	r.doubtSYN()
	r.doubtOpen()
	r.doubtCloseWait()
	r.timers()
	return replayed{append(r.o.room[r.me], r.timeline...), r.resets, r.notMine, r.tops[r.me]}
}

// succeededBefore reports whether the peer's segment en passed after the SYN by which the
// endpoint's host opened the next incarnation: it has one socket for a 4-tuple, and that is
// the one that en meets.
func (r *replayer) succeededBefore(en *entry) bool {
	s := r.c.succ
	return s != nil && s.side == r.me && s.frame < en.frame
}

// apply takes one event; an event without an arrow changes nothing.
func (r *replayer) apply(ev tcp.Event, at *entry, received bool, how Evidence) bool {
	arrow, ok := tcp.Next(r.state, ev)
	if !ok {
		return false
	}
	seen := at.sighting
	if received {
		seen = r.c.lastSeen(at)
		r.heard = max(r.heard, seen.frame)
	}
	if arrow.To == tcp.TimeWait {
		r.twStart = seen.time
	}
	if arrow.To == r.state {
		return true
	}
	r.state = arrow.To
	if r.guessed && how <= Acked && ev != tcp.SentRST {
		how = Presumed
	}
	r.timeline = append(r.timeline, Transition{State: arrow.To, Event: ev, Frame: seen.frame, Time: seen.time,
		Evidence: how, Cause: cause(ev, at, r.me), Ref: arrow.Ref})
	return true
}

// cause says in plain words what happened.
func cause(ev tcp.Event, at *entry, me Side) string {
	switch {
	case ev == tcp.RecvFIN && at.side == me:
		return "received a FIN that was not captured; this acknowledges it"
	case ev == tcp.RecvAckOfFIN && at.side == me:
		return "received an ACK of its FIN that was not captured"
	case ev == tcp.RecvAckOfFIN && at.flags.Has(tcp.FIN):
		return "received ACK of its FIN, with the peer's FIN"
	case ev == tcp.RecvAckOfFIN:
		return "received ACK of its FIN"
	case ev == tcp.RecvAckOfSYN:
		return "received ACK of its SYN"
	case ev == tcp.RecvFIN && at.end == at.seq:
		return "received a FIN that was not captured before this, which lies behind it"
	case ev == tcp.RecvFIN && !at.flags.Has(tcp.FIN):
		return "received the data that was missing before the FIN"
	}
	return ev.String()
}

// become enters a state without an event, as where the capture began later.
func (r *replayer) become(st tcp.State, frame int, when int64, how Evidence, why, ref string) {
	if r.state == st {
		return
	}
	r.state = st
	r.timeline = append(r.timeline, Transition{State: st, Frame: frame, Time: when, Evidence: how, Cause: why, Ref: ref})
	if st == tcp.TimeWait {
		r.twStart = when
	}
}

// sent applies the endpoint's own segment.
func (r *replayer) sent(en *entry) {
	switch {
	case en.flags.Has(tcp.RST):
		r.sentReset(en)
		return
	case en.flags.Has(tcp.SYN | tcp.ACK):
		if !r.state.Synchronized() && r.state != tcp.SynRcvd && len(r.timeline) == 0 {
			r.become(tcp.SynRcvd, en.frame, en.time, Sent, "sent SYN,ACK; its SYN was not captured", "RFC 9293 3.10.7.2")
		}
		if r.state == tcp.Closed && en.seq != r.e.origin() && !r.spoke && r.timeline[0].State == tcp.SynRcvd && r.askedAgain(en) {
			r.become(tcp.SynRcvd, en.frame, en.time, Sent, "sent another SYN,ACK; the listener had forgotten the first", "RFC 9293 3.10.7.2")
			r.heard = en.frame
		}
	case en.flags.Has(tcp.SYN):
		if len(r.timeline) == 0 { // a socket opens once
			r.apply(tcp.SentSYN, en, false, Sent)
		}
	default:
		r.spoke = r.spoke || !r.elsewhere(en)
		was := r.state
		if r.catchUp(en); r.state.Synchronized() && !was.Synchronized() {
			r.receiveBefore(en) // what only an open connection takes, such as a FIN
		}
		if r.owns(en) && r.ownFIN == nil {
			r.ownFIN = en
			how := Sent
			if r.mayFollowFIN(en) {
				how = Presumed
			}
			if r.toldToEnd(en) || en.edge.Less(en.seq) && r.p.ack.Less(en.end) || r.restsOn(en) {
				how = Presumed
			}
			r.apply(tcp.SentFIN, en, false, how)
		}
	}
	if en.flags.Has(tcp.ACK) && (!r.acked || r.ack.Less(en.ack)) {
		r.ack, r.acked = en.ack, true
	}
}

// restsOn reports whether nothing but en itself told of the state it is in, and that is
// presumed.
func (r *replayer) restsOn(en *entry) bool {
	n := len(r.timeline)
	return n > 0 && r.timeline[n-1].Frame == en.frame && r.timeline[n-1].Evidence == Presumed && r.state == tcp.Established
}

// askedAgain reports whether a SYN passed towards the endpoint between en, its SYN,ACK, and
// the one before, as each answers a SYN (RFC 9293 section 3.10.7.2).
func (r *replayer) askedAgain(en *entry) bool {
	asked := false
	for i := range r.c.log {
		switch w := &r.c.log[i]; {
		case w.frame >= en.frame:
			return asked
		case w.side == r.me && w.flags.Has(tcp.SYN|tcp.ACK):
			asked = false
		case w.side != r.me && w.flags&(tcp.SYN|tcp.ACK) == tcp.SYN:
			asked = true
		}
	}
	return asked
}

// presume applies what passed towards the endpoint and was never proved.
func (r *replayer) presume() {
	r.waiting = slices.DeleteFunc(r.waiting, r.c.bounced)
	r.receiveBefore(nil)
	if !r.e.is(hasSeq) {
		r.impliedOwnFIN(nil)
		r.receiveBefore(nil)
	}
	r.presumeACKs()
}

func evidenceOf(own bool) Evidence {
	if own {
		return Sent
	}
	return Presumed
}

// stateAt returns the newest transition at or before frame.
func (r *replayed) stateAt(frame int) Transition {
	at, st := 0, Transition{}
	for _, t := range r.timeline {
		if at = max(at, t.Frame); at > frame {
			break
		}
		st = t
	}
	return st
}
