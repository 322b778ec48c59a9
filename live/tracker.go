package live

import (
	"net/netip"
	"slices"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// settle is how long a finding must stand before it is told: much of what looks
// odd at first, such as a SYN without an answer, is answered at once.
const settle = int64(1e9)

// A tracker compares what the analyzer presumes of each conversation with what it
// told before, and tells the difference. It holds only conversations that are
// followed now.
type tracker struct {
	timeWait int64
	tell     func(*event)

	rows    map[int]*row
	states  [tcp.TimeWait + 1]int // endpoints by state
	hosts   map[netip.Addr]*census
	waiting []expiry         // TIME_WAITs that will end, the first to end first
	unsure  map[int]struct{} // rows with findings that are not told yet

	found  map[foundKey]int // findings told, those that were withdrawn among them
	resets map[string]int   // conversations that ended by RST, by what is found about it
	over   []*row           // conversations handed on with findings, the newest last
}

// maxOver is how many conversations that are over the view may still show.
const maxOver = 200

// A census counts endpoints by state.
type census [tcp.TimeWait + 1]int32

type foundKey struct {
	id       string
	severity analyzer.Severity
}

// row is one conversation as it was told. There may be hundreds of thousands.
type row struct {
	id             int
	client, server netip.AddrPort
	ends           [2]end
	findings       []standing
	protocol       string // what its first bytes look like, or ""
	first, last    int64
	segments       int
	bytes          uint64
	worst          uint8 // severity + 1 of the worst finding told; 0 for none
	reset          bool  // its end by RST is counted
	over           bool
}

// event begins an event about r.
func (r *row) event(kind eventKind, at int64, side analyzer.Side) event {
	return event{kind: kind, time: at, conversation: r.id, client: r.client, server: r.server, side: side}
}

// end is one endpoint as it was told.
type end struct {
	told    uint32 // changes of state that were told
	hash    uint32 // of these
	state   tcp.State
	known   bool
	sure    bool // not presumed
	expired bool // its TIME_WAIT was told to be over; told and hash are of before
}

// standing is a finding, and since when it stands.
type standing struct {
	id         string
	summary    string
	since      int64
	severity   analyzer.Severity
	side       analyzer.Side
	confidence analyzer.Confidence
	told       bool
	seen       bool // in the newest look
}

type expiry struct {
	at   int64
	id   int
	side analyzer.Side
}

func newTracker(timeWait int64, tell func(*event)) *tracker {
	return &tracker{timeWait: timeWait, tell: tell, rows: map[int]*row{}, hosts: map[netip.Addr]*census{},
		unsure: map[int]struct{}{}, found: map[foundKey]int{}, resets: map[string]int{}}
}

// look takes what is presumed of a conversation at now.
func (t *tracker) look(c *analyzer.Conversation, now int64) { t.update(c, now, false) }

// done takes a conversation that is over, or handed on for another reason.
func (t *tracker) done(c *analyzer.Conversation, now int64) {
	r := t.update(c, now, true)
	for side := range r.ends {
		t.enter(r, analyzer.Side(side), tcp.Closed, false)
	}
	delete(t.rows, r.id)
	delete(t.unsure, r.id)
	r.over = true
	if r.worst > 0 {
		if len(t.over) == maxOver {
			t.over = slices.Delete(t.over, 0, maxOver/4)
		}
		t.over = append(t.over, r)
	}
}

func (t *tracker) update(c *analyzer.Conversation, now int64, final bool) *row {
	r := t.rows[c.ID]
	if r == nil {
		r = &row{id: c.ID, first: c.First}
		t.rows[c.ID] = r
	}
	if client, server := c.Endpoints[0].Addr, c.Endpoints[1].Addr; r.client != client || r.server != server {
		for side := range r.ends { // it is counted for its addresses
			t.enter(r, analyzer.Side(side), tcp.Closed, false)
		}
		r.client, r.server = client, server
	}
	r.protocol = c.Protocol.Protocol
	r.last, r.segments, r.bytes = c.Last, c.Segments, c.Endpoints[0].Bytes+c.Endpoints[1].Bytes
	var news [2][]event
	for side := range c.Endpoints {
		news[side] = t.timeline(r, analyzer.Side(side), &c.Endpoints[side])
	}
	for len(news[0])+len(news[1]) > 0 { // both sides' changes in one order
		side := 0
		if len(news[0]) == 0 || len(news[1]) > 0 && news[1][0].time < news[0][0].time {
			side = 1
		}
		t.tell(&news[side][0])
		news[side] = news[side][1:]
	}
	t.findings(r, c.Findings, now, final)
	if !r.reset && (c.Closed == analyzer.ClosedReset || c.Closed == analyzer.ClosedRefused) && (final || r.ends[0].state == tcp.Closed) {
		r.reset = true
		t.resets[resetCause(c.Findings)]++
	}
	return r
}

// resetCause is the id of the first finding about a reset.
func resetCause(fs []analyzer.Finding) string {
	for i := range fs {
		if aboutResets[fs[i].ID] {
			return fs[i].ID
		}
	}
	return "other"
}

// aboutResets are the ids of the rules that tell why a conversation was reset.
var aboutResets = func() map[string]bool {
	ids := map[string]bool{}
	for _, r := range analyzer.Rules() {
		if r.Reset {
			ids[r.ID] = true
		}
	}
	return ids
}()

// timeline returns what is new in one endpoint's timeline.
func (t *tracker) timeline(r *row, side analyzer.Side, e *analyzer.Endpoint) (news []event) {
	p := &r.ends[side]
	same := min(int(p.told), len(e.Timeline))
	ev := r.event(stateChanged, 0, side)
	ev.from, ev.fromNone = p.state, !p.known
	switch {
	case same < int(p.told) || hash(e.Timeline[:same]) != p.hash:
		// What was told is not taken back step by step: where it is now is what counts.
		ev.kind = stateCorrected
		same = max(0, len(e.Timeline)-1)
	case p.expired && same == len(e.Timeline):
		return nil
	case p.expired && e.Timeline[same].Evidence == analyzer.Timer:
		same++
	}
	for _, n := range e.Timeline[same:] {
		ev.to, ev.time, ev.frame, ev.cause, ev.evidence = n.State, n.Time, n.Frame, n.Cause, n.Evidence
		if ev.kind == stateChanged || ev.to != ev.from {
			news = append(news, ev)
		}
		ev.from, ev.fromNone = n.State, false
	}
	p.told, p.hash, p.expired = uint32(len(e.Timeline)), hash(e.Timeline), false
	if n := len(e.Timeline); n > 0 {
		last := &e.Timeline[n-1]
		p.sure = last.Evidence != analyzer.Presumed
		if last.State == tcp.TimeWait && (p.state != tcp.TimeWait || !p.known) {
			t.waiting = append(t.waiting, expiry{last.Time + t.timeWait, r.id, side})
		}
		t.enter(r, side, last.State, true)
	}
	return news
}

// hash tells timelines apart.
func hash(timeline []analyzer.Transition) uint32 {
	h := uint64(0)
	for i := range timeline {
		h = (h ^ uint64(timeline[i].Frame)<<8 ^ uint64(timeline[i].State)) * 0x9e3779b97f4a7c15
		h ^= h >> 32
	}
	return uint32(h)
}

// enter keeps count of the states.
func (t *tracker) enter(r *row, side analyzer.Side, s tcp.State, known bool) {
	p, addr := &r.ends[side], r.client.Addr()
	if side == analyzer.Server {
		addr = r.server.Addr()
	}
	count := func(n int) {
		t.states[p.state] += n
		h := t.hosts[addr]
		if h == nil {
			h = new(census)
			t.hosts[addr] = h
		}
		if h[p.state] += int32(n); n < 0 && *h == (census{}) {
			delete(t.hosts, addr)
		}
	}
	if p.known && p.state != tcp.Closed { // CLOSED is no socket
		count(-1)
	}
	p.state, p.known = s, known
	if known && s != tcp.Closed {
		count(1)
	}
}

// expire ends the TIME_WAITs whose time is over.
func (t *tracker) expire(now int64) {
	for len(t.waiting) > 0 && t.waiting[0].at <= now {
		x := t.waiting[0]
		t.waiting = t.waiting[1:]
		r := t.rows[x.id]
		if r == nil || r.ends[x.side].state != tcp.TimeWait || !r.ends[x.side].known {
			continue
		}
		ev := r.event(stateChanged, x.at, x.side)
		ev.from, ev.to, ev.cause, ev.evidence = tcp.TimeWait, tcp.Closed, tcp.Expire2MSL.String(), analyzer.Timer
		t.tell(&ev)
		t.enter(r, x.side, tcp.Closed, true)
		r.ends[x.side].expired = true
	}
}

// findings tells findings that have stood long enough, and takes back those that
// are gone.
func (t *tracker) findings(r *row, fs []analyzer.Finding, now int64, final bool) {
	unsure := false
	for i := range r.findings {
		r.findings[i].seen = false
	}
	for i := range fs {
		f := &fs[i]
		at := slices.IndexFunc(r.findings, func(s standing) bool { return s.id == f.ID && s.side == f.Side })
		if at < 0 {
			at = len(r.findings)
			r.findings = append(r.findings, standing{id: f.ID, side: f.Side, since: now})
		}
		s := &r.findings[at]
		s.severity, s.confidence, s.summary, s.seen = f.Severity, f.Confidence, f.Summary, true
		if !s.told {
			if s.told = final || now-s.since >= settle; s.told {
				t.found[foundKey{f.ID, f.Severity}]++
				ev := r.event(findingTold, now, f.Side)
				ev.finding = *f
				t.tell(&ev)
			} else {
				unsure = true
			}
		}
	}
	kept := r.findings[:0]
	r.worst = 0
	for _, s := range r.findings {
		switch {
		case !s.seen && s.told:
			ev := r.event(findingWithdrawn, now, s.side)
			ev.finding = analyzer.Finding{ID: s.id, Severity: s.severity, Side: s.side, Confidence: s.confidence, Summary: s.summary}
			t.tell(&ev)
		case s.told:
			r.worst = max(r.worst, uint8(s.severity)+1)
		}
		if s.seen {
			kept = append(kept, s)
		}
	}
	clear(r.findings[len(kept):])
	if r.findings = kept; len(kept) == 0 {
		r.findings = nil
	}
	if unsure {
		t.unsure[r.id] = struct{}{}
	} else {
		delete(t.unsure, r.id)
	}
}

// stale reports whether a conversation needs a look although nothing came: a
// finding waits to be told, or silence itself may be one. round spreads the
// latter over time.
func (t *tracker) stale(id int, round int) bool {
	if _, ok := t.unsure[id]; ok {
		return true
	}
	if (id+round)%rounds != 0 {
		return false
	}
	r := t.rows[id]
	return r != nil && (open(r.ends[0].state) || open(r.ends[1].state))
}

// rounds is how many looks apart a quiet conversation is looked at.
const rounds = 10

func open(s tcp.State) bool { return s != tcp.Closed && s != tcp.TimeWait }
