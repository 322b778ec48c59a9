package analyzer

import (
	"cmp"
	"slices"
	"time"

	"tcpreplay-fsm/protocol"
	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

// Options tunes an Analyzer. The zero Options is ready to use.
type Options struct {
	// TimeWait is how long TIME_WAIT lasts; 0 means 60 s (Linux,
	// TCP_TIMEWAIT_LEN).
	TimeWait time.Duration

	// MaxConversations bounds the conversations in memory; 0 means 200 000. At
	// the bound those that are over go first, then those idle longest.
	MaxConversations int

	// IdleTimeout hands on a conversation that was quiet for so long; 0 means
	// never, but for those that are over: they go after two minutes.
	IdleTimeout time.Duration

	// Rows is how many ladder rows to keep of each conversation; 0 keeps none.
	Rows int
	// RowsOf limits ladders to the conversations with these ids; nil means all.
	RowsOf map[int]bool
	// SeriesOf lists the conversations whose time series is wanted, by id. Rows
	// bounds it.
	SeriesOf map[int]bool
	// RowsWhile keeps ladders only as long as there are at most so many
	// conversations, and none at all once there are more; 0 means no limit.
	RowsWhile int
	// RowsLater leaves Conversation.Rows nil until its LoadRows is called, for
	// who wants the ladders of few and knows only in the end of which.
	RowsLater bool

	// Labels asks for a guess of each conversation's application protocol from its
	// first bytes, and for the number of its HTTP/1 requests. A Parallel keeps up to
	// 1460 bytes of some segments for that until their batch is worked off.
	Labels bool

	// Scope names the virtual network of a segment for people; nil leaves
	// Conversation.Scope empty.
	Scope func(id uint32) string

	// Sink is given the segments with their payload, for whoever wants the bytes
	// of a conversation. Not for a Parallel, which keeps no payload.
	Sink reassembly.Sink

	// Done is handed each conversation when it is over or the capture ends.
	Done func(*Conversation)
}

const (
	defaultTimeWait         = 60 * time.Second
	defaultMaxConversations = 200_000
	// overLinger is how long a conversation that is over is kept for segments
	// that come late: RFC 9293 section 3.4.2 has a segment live 2 minutes.
	overLinger = 2 * time.Minute
)

// Analyzer follows every TCP conversation of one capture. It is not safe for
// concurrent use.
type Analyzer struct {
	o     Options
	table map[tcp.Tuple]*conn
	conns []*conn
	now   int64 // highest time seen
	frame int   // the frame at hand
	sweep int64 // when to look for conversations to hand on next
	ids   int
	sum   Summary

	// As a part of a Parallel it only follows: numbering, concluding and handing
	// on are left to that.
	deferred bool
	listed   []*conn
	finished []*conn

	scratch  protocol.Watch // for a conversation's first payload
	guessing int            // conversations with a Watch of their own

	across
	watch watch
}

// New returns an Analyzer.
func New(o Options) *Analyzer {
	if o.TimeWait == 0 {
		o.TimeWait = defaultTimeWait
	}
	if o.MaxConversations == 0 {
		o.MaxConversations = defaultMaxConversations
	}
	return &Analyzer{o: o, table: make(map[tcp.Tuple]*conn)}
}

// Summary says what the analyzer saw and what bounds it reached.
type Summary struct {
	Segments      int
	Conversations int
	Evicted       int // conversations handed on early to bound memory
}

// Summary returns the counts so far.
func (a *Analyzer) Summary() Summary { return a.sum }

// Add takes the next segment of the capture. Nothing of s is kept.
func (a *Analyzer) Add(s *tcp.Segment) {
	a.Tick(s.Time)
	a.add(s)
}

// add is Add without the timers.
func (a *Analyzer) add(s *tcp.Segment) {
	a.sum.Segments++
	a.frame = s.Frame
	key, _ := s.Tuple.Canonical()
	c := a.find(key, s)
	if len(a.conns) >= a.o.MaxConversations && (c == nil || s.Flags.Has(tcp.SYN)) {
		a.evict()
		c = a.find(key, s) // it may have gone
	}
	switch {
	case c == nil:
		c = a.open(s)
		c.twin = a.table[key]
		a.table[key] = c
		a.list(c)
	case s.Flags.Has(tcp.SYN) && c.denied(s, c.sideOf(s)):
		c.begin()
	case s.Flags.Has(tcp.SYN) && c.startsAnew(s, c.sideOf(s)):
		c = a.succeed(c, s)
	case c.prior != nil:
		c = a.settle(c, s)
	}
	side := c.sideOf(s)
	if !c.bound[side] {
		c.scope[side], c.bound[side] = s.Scope, true
	}
	next, begun := c.end[side].nxt, c.end[side].is(hasSeq)
	c.take(s, side)
	if a.o.Labels && s.Len > 0 && !s.Flags.Any(tcp.SYN|tcp.RST) {
		if !begun {
			next = s.Seq
		}
		a.hear(c, s, side, next)
	}
	if c.guess != nil && c.ended() {
		a.heardAll(c)
	}
	a.watch.touch(c)
	if a.o.Sink != nil && c.id >= 0 {
		a.o.Sink.Segment(reassembly.Conversation{ID: int(c.id), Client: c.tuple.Source(), Server: c.tuple.Destination()},
			reassembly.Side(side), s)
	}
}

// find returns the newest incarnation that s belongs to, or nil. Of twins in
// different virtual networks it is the one whose same direction has the scope
// of s; else one whose other direction has it; else one that this direction of
// was not seen yet, as where only one direction is tagged.
func (a *Analyzer) find(key tcp.Tuple, s *tcp.Segment) *conn {
	c := a.table[key]
	if c == nil || c.twin == nil && (c.scope[c.sideOf(s)] == s.Scope || !c.bound[c.sideOf(s)]) {
		return c
	}
	var best *conn
	for ; c != nil; c = c.twin {
		side := c.sideOf(s)
		switch {
		case c.bound[side] && c.scope[side] == s.Scope:
			return c
		case c.bound[side]:
		case best == nil, c.scope[side.Other()] == s.Scope && best.scope[side.Other()] != s.Scope:
			best = c
		}
	}
	return best
}

// sideOf tells which side of c sent s.
func (c *conn) sideOf(s *tcp.Segment) Side {
	if s.Tuple == c.tuple {
		return Client
	}
	return Server
}

// open begins to follow a conversation at its first segment.
func (a *Analyzer) open(s *tcp.Segment) *conn {
	c := &conn{tuple: s.Tuple, id: -1, seldom: &usual, firstFrame: s.Frame, first: s.Time, lastTime: s.Time, slot: int32(len(a.conns))}
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
		c.rows = &ladder{max: a.o.Rows}
	}
	return c
}

// likelyServer guesses from the ports whether the sender is the server.
func likelyServer(src, dst uint16) bool { return src < dst }

// list makes c a conversation of its own.
func (a *Analyzer) list(c *conn) {
	a.sum.Conversations++
	c.listed = a.frame
	if a.deferred {
		a.listed = append(a.listed, c)
		return
	}
	a.number(c, a.ids)
	a.ids++
}

// number gives c its id.
func (a *Analyzer) number(c *conn, id int) {
	c.id = int32(id)
	if c.reuse != nil {
		c.reuse.Prior, c.reuse.prior = int(c.reuse.prior.id), nil
	}
	if a.o.RowsOf != nil && !a.o.RowsOf[id] && !a.o.SeriesOf[id] {
		c.rows = nil
	}
	if a.o.RowsWhile > 0 && id >= a.o.RowsWhile {
		a.dropRows()
	}
}

// dropRows forgets all ladders and begins no more.
func (a *Analyzer) dropRows() {
	if a.o.Rows == 0 {
		return
	}
	a.o.Rows = 0
	for _, c := range a.conns {
		c.rows = nil
	}
}

// succeed begins a new incarnation of c's 4-tuple at the SYN s.
func (a *Analyzer) succeed(c *conn, s *tcp.Segment) *conn {
	if c.prior != nil {
		c = a.parted(c)
	}
	n := a.open(s)
	a.replace(c, n)
	syn := *s
	syn.Payload = nil
	c.seldomly().heir = n
	m := n.seldomly()
	m.prior, m.syn = c, &syn
	if m.copied = c.again(s, c.sideOf(s)); c.ended() && !m.copied {
		a.list(n) // whatever becomes of it, it is not the old connection's
	}
	return n
}

// settle finds out to which of n and its prior incarnation s belongs.
func (a *Analyzer) settle(n *conn, s *tcp.Segment) *conn {
	switch n.decide(s) {
	case fateOld:
		if s.Flags.Has(tcp.ACK) && !s.Flags.Any(tcp.SYN|tcp.RST) {
			n.metOld(s)
		}
		if side := n.sideOf(s); s.Flags.Has(tcp.RST) && n.end[side].is(hasSYN) {
			n.end[side].resetsElsewhere++ // the new socket's answer to the old connection's ACK
		}
		return n.prior
	case fateOpened:
		a.confirm(n)
	case fateBogus:
		c := n.prior
		a.replace(n, c)
		n.prior, c.heir = nil, nil
		if n.listed != 0 {
			a.finish(n)
			return c
		}
		c.takeForeign(n)
		a.drop(n)
		return c
	}
	return n
}

// confirm makes n certain; its prior incarnation is over.
func (a *Analyzer) confirm(n *conn) {
	c := n.prior
	a.accept(n)
	a.finish(c)
}

// accept works out what n met in its prior incarnation, and parts them.
func (a *Analyzer) accept(n *conn) {
	n.meets(int64(a.o.TimeWait))
	n.prior.heir, n.prior, n.syn = nil, nil, nil
	switch {
	case n.listed == 0:
		a.list(n)
	case n.id >= 0:
		n.reuse.Prior, n.reuse.prior = int(n.reuse.prior.id), nil
	}
}

// parted ends that n waits for what becomes of its prior incarnation, and returns
// which of the two is left.
func (a *Analyzer) parted(n *conn) *conn {
	if !n.copied {
		a.confirm(n)
		return n
	}
	c := n.prior
	left := a.settleCopy(n)
	if left == n {
		a.finish(c)
	}
	return left
}

// settleCopy makes a conversation of n, which a late copy of the SYN of its prior
// incarnation began, if it was answered; else it belongs to that one. Returns which
// is left.
func (a *Analyzer) settleCopy(n *conn) *conn {
	c := n.prior
	if !n.end[n.sideOf(n.syn).Other()].is(hasSYN) {
		a.replace(n, c)
		n.prior, c.heir = nil, nil
		c.takeForeign(n)
		a.drop(n)
		return c
	}
	for i := range n.log {
		if en := &n.log[i]; en.flags&(tcp.SYN|tcp.ACK) == tcp.SYN {
			en.bits |= entryOld // not sent anew
		}
	}
	c.heir, n.prior, n.syn = nil, nil, nil
	a.list(n)
	return n
}

// takeForeign takes in the segments of n, which turned out not to open anything.
func (c *conn) takeForeign(n *conn) {
	turned := n.tuple != c.tuple
	for x := range n.end {
		side := Side(x)
		if turned {
			side = side.Other()
		}
		c.end[side].segments += n.end[x].segments
		c.end[side].resets += n.end[x].resets
	}
	c.observe(obsSYNInConnection, c.sideOf(n.syn), n.syn.Frame, n.syn.Time)
	c.rows.foreign(n.rows, turned)
}

// finish hands c on and forgets it.
func (a *Analyzer) finish(c *conn) {
	if n := c.heir; n != nil { // its heir never became certain: a SYN that nobody answered
		if n.copied {
			a.settleCopy(n)
		} else {
			a.accept(n)
		}
	}
	if c.prior != nil && a.parted(c) != c {
		return
	}
	a.replace(c, nil)
	a.drop(c)
	if a.o.Sink != nil {
		for side, seen := range a.o.Sink.End(int(c.id)) {
			for i := range seen {
				m := c.seldomly()
				m.conflicts = append(m.conflicts, conflict{Side(side), seen[i]})
			}
		}
	}
	c.over = finished{frame: a.frame, now: a.now}
	if a.deferred {
		a.finished = append(a.finished, c)
		return
	}
	if a.o.Done != nil {
		v := a.conclude(c)
		a.across.add(v, a.now)
		a.o.Done(v)
	}
}

// replace puts n, or nothing, in the place of c in the table, if c is there.
func (a *Analyzer) replace(c, n *conn) {
	next := c.twin
	if n != nil {
		n.twin, next = c.twin, n
	}
	key, _ := c.tuple.Canonical()
	switch head := a.table[key]; {
	case head != c:
		for ; head != nil; head = head.twin {
			if head.twin == c {
				head.twin = next
				return
			}
		}
	case next == nil:
		delete(a.table, key)
	default:
		a.table[key] = next
	}
}

// drop removes c from the list of conversations.
func (a *Analyzer) drop(c *conn) {
	last := a.conns[len(a.conns)-1]
	a.conns[c.slot], last.slot = last, c.slot
	a.conns[len(a.conns)-1] = nil
	a.conns = a.conns[:len(a.conns)-1]
	a.watch.forget(c)
	if c.guess != nil {
		a.guessing--
	}
}

// Tick tells that the capture has reached now, in Unix nanoseconds: timers run
// and conversations that are over are handed on. Add does this by itself; a live
// capture calls it when the wire is quiet.
func (a *Analyzer) Tick(now int64) {
	if now <= a.now {
		return
	}
	if a.now == 0 {
		a.sweep = now
	}
	a.now = now
	if now < a.sweep {
		return
	}
	a.expire()
}

// expire hands on what is over, or was quiet for too long.
func (a *Analyzer) expire() {
	now := a.now
	a.sweep = now + int64(10*time.Second)
	var due []*conn
	for _, c := range a.conns {
		idle := now - c.lastTime
		if idle > int64(max(overLinger, a.o.TimeWait)) && c.ended() || a.o.IdleTimeout > 0 && idle > int64(a.o.IdleTimeout) {
			due = append(due, c)
		}
	}
	a.finishAll(due)
}

// finishAll hands on several conversations in the order of their first frames.
func (a *Analyzer) finishAll(due []*conn) {
	slices.SortFunc(due, func(x, y *conn) int { return cmp.Compare(x.firstFrame, y.firstFrame) })
	for _, c := range due {
		if int(c.slot) < len(a.conns) && a.conns[c.slot] == c {
			a.finish(c)
		}
	}
}

// evict makes room: an eighth of the conversations go, those that are over
// first, then those idle longest.
func (a *Analyzer) evict() {
	type candidate struct {
		c          *conn
		over       int // 0 if it is, else 1
		last       int64
		firstFrame int
	}
	all := make([]candidate, len(a.conns))
	for i, c := range a.conns {
		all[i] = candidate{c, 1, c.lastTime, c.firstFrame}
		if c.ended() {
			all[i].over = 0
		}
	}
	slices.SortFunc(all, func(x, y candidate) int {
		return cmp.Or(x.over-y.over, cmp.Compare(x.last, y.last), x.firstFrame-y.firstFrame)
	})
	due := make([]*conn, max(1, len(all)/8))
	for i := range due {
		due[i] = all[i].c
	}
	a.sum.Evicted += len(due)
	a.finishAll(due)
}

// Close hands on the conversations that are still open, in the order of their
// ids, and returns the findings about several conversations.
func (a *Analyzer) Close() []Finding {
	a.finishAll(slices.Clone(a.conns))
	return a.across.findings(a.o.TimeWait)
}
