package analyzer

import (
	"cmp"
	"slices"
	"time"

	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

// Options tunes an Analyzer. The zero Options is ready to use.
type Options struct {
	// TimeWait is how long TIME_WAIT lasts; 0 means DefaultTimeWait.
	TimeWait time.Duration

	// MaxConversations bounds the conversations in memory; 0 means
	// DefaultMaxConversations. At the bound those that are over go first, then
	// those idle longest.
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

// Defaults of Options.
const (
	DefaultTimeWait         = 60 * time.Second // Linux, TCP_TIMEWAIT_LEN
	DefaultMaxConversations = 200_000
)

func (o Options) withDefaults() Options {
	o.TimeWait = cmp.Or(o.TimeWait, DefaultTimeWait)
	o.MaxConversations = cmp.Or(o.MaxConversations, DefaultMaxConversations)
	return o
}

// overLinger is how long a conversation that is over is kept for segments
// that come late: RFC 9293 section 3.4.2 has a segment live 2 minutes.
const overLinger = 2 * time.Minute

// Analyzer follows every TCP conversation of one capture. It is not safe for
// concurrent use.
type Analyzer struct {
	o     Options
	table table
	conns []*conn
	now   int64 // highest time seen
	frame int   // the frame at hand
	sweep int64 // when to look for conversations to hand on next
	ids   int
	sum   Summary

	// As a part of a Parallel it only follows: numbering, concluding and handing
	// on are left to that.
	deferred bool
	listed   []listed
	finished []finished

	watches  watches
	guessing int // conversations with a Watch of their own

	across
	watch watch
}

// New returns an Analyzer.
func New(o Options) *Analyzer { return &Analyzer{o: o.withDefaults(), table: newTable()} }

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
	key := a.table.key(s.Tuple)
	c := a.table.find(key, s)
	if len(a.conns) >= a.o.MaxConversations && (c == nil || s.Flags.Has(tcp.SYN)) {
		a.evict()
		c = a.table.find(key, s) // it may have gone
	}
	switch {
	case c == nil:
		c = a.open(s)
		a.table.add(key, c)
		a.list(c)
	case s.Flags.Has(tcp.SYN) && c.followsBadSYNACK(s, c.sideOf(s)):
		c.begin()
	case s.Flags.Has(tcp.SYN) && c.refusedAhead(s, c.sideOf(s)):
		if c.sideOf(s) == Server {
			c.turn()
		}
		c.roles = rolesSYN
	case s.Flags.Has(tcp.SYN) && c.startsAnew(s, c.sideOf(s)):
		c = a.succeed(c, s)
	case c.prior != nil:
		c = a.settle(c, s)
	}
	side := c.sideOf(s)
	if side == Client && s.Flags.Has(tcp.SYN|tcp.ACK) && c.deniesSYN(s, side) {
		c.turn()
		side = Server
	}
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
	if w := c.guess(); w != nil && c.ended() {
		a.heardEnough(c, w) // it is over
	}
	a.watch.touch(c)
	if a.o.Sink != nil && c.id >= 0 {
		tuple, from := c.tuple, c.sinkSide(side)
		if from != reassembly.Side(side) {
			tuple = tuple.Reverse()
		}
		a.o.Sink.Segment(reassembly.Conversation{ID: int(c.id), Client: tuple.Source(), Server: tuple.Destination()}, from, s)
	}
}

// list makes c a conversation of its own.
func (a *Analyzer) list(c *conn) {
	a.sum.Conversations++
	c.listed = true
	if a.deferred {
		a.listed = append(a.listed, listed{c, a.frame})
		return
	}
	a.number(c, a.ids)
	a.ids++
}

// number gives c its id.
func (a *Analyzer) number(c *conn, id int) {
	c.id = int32(id)
	if c.reuse != nil {
		c.reuse.numbered()
	}
	if a.o.RowsOf != nil && !a.o.RowsOf[id] && !a.o.SeriesOf[id] {
		c.dropRows()
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
		c.dropRows()
	}
}

func (c *conn) dropRows() {
	if c.rows != nil {
		c.rows.release()
		c.seldomly().rows = nil
	}
}

// Close hands on the conversations that are still open, in the order of their
// ids, and returns the findings about several conversations.
func (a *Analyzer) Close() []Finding {
	a.finishAll(slices.Clone(a.conns))
	return a.across.findings(a.o.TimeWait)
}
