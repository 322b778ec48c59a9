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
	tell     func(*Event)

	rows    map[int]*row
	states  [tcp.TimeWait + 1]int // endpoints by state
	hosts   map[netip.Addr]*[tcp.TimeWait + 1]int
	waiting []expiry         // TIME_WAITs that will end, the first to end first
	unsure  map[int]struct{} // rows with findings that are not told yet

	found  map[foundKey]int // findings told, those that were withdrawn among them
	resets map[string]int   // conversations that ended by RST, by what is found about it
	over   []*row           // conversations handed on with findings, the newest last
}

// maxOver is how many conversations that are over the view may still show.
const maxOver = 200

type foundKey struct {
	id       string
	severity analyzer.Severity
}

// row is one conversation as it was told.
type row struct {
	id             int
	client, server netip.AddrPort
	ends           [2]end
	findings       []standing
	worst          int // severity + 1 of the worst finding told; 0 for none
	first, last    int64
	segments       int
	bytes          uint64
	reset          bool // its end by RST is counted
	over           bool
}

// end is one endpoint as it was told.
type end struct {
	addr  netip.Addr
	state tcp.State
	known bool
	sure  bool // not presumed
	told  []step
}

type step struct {
	frame int
	state tcp.State
}

// standing is a finding, and since when it stands.
type standing struct {
	analyzer.Finding
	since int64
	told  bool
	seen  bool // in the newest look
}

type expiry struct {
	at   int64
	id   int
	side analyzer.Side
}

func newTracker(timeWait int64, tell func(*Event)) *tracker {
	return &tracker{timeWait: timeWait, tell: tell, rows: map[int]*row{}, hosts: map[netip.Addr]*[tcp.TimeWait + 1]int{},
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
	r.client, r.server = c.Endpoints[0].Addr, c.Endpoints[1].Addr
	r.last, r.segments, r.bytes = c.Last, c.Segments, c.Endpoints[0].Bytes+c.Endpoints[1].Bytes
	var news [2][]Event
	for side := range c.Endpoints {
		news[side] = t.timeline(r, analyzer.Side(side), &c.Endpoints[side])
	}
	for len(news[0])+len(news[1]) > 0 { // both sides' changes in one order
		side := 0
		if len(news[0]) == 0 || len(news[1]) > 0 && news[1][0].Time < news[0][0].Time {
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

var aboutResets = map[string]bool{"refused": true, "refused-icmp": true, "open-aborted": true, "syn-scan": true,
	"rst-on-close-unread-data": true, "rst-on-data-after-close": true, "rst-after-fin": true, "abort": true,
	"half-open-peer-lost": true, "half-open": true, "rst-injected": true, "keepalive-timeout": true, "idle-timeout": true,
	"accept-queue-overflow": true, "time-wait-assassination": true, "retransmission-timeout": true, "zero-window-timeout": true}

// timeline returns what is new in one endpoint's timeline.
func (t *tracker) timeline(r *row, side analyzer.Side, e *analyzer.Endpoint) (news []Event) {
	p := &r.ends[side]
	same := 0
	for same < len(p.told) && same < len(e.Timeline) && p.told[same] == (step{e.Timeline[same].Frame, e.Timeline[same].State}) {
		same++
	}
	event := Event{Kind: StateChanged, Conversation: r.id, Client: r.client, Server: r.server, Side: side, From: p.state, FromNone: !p.known}
	if corrected := same < len(p.told); corrected && len(e.Timeline) > 0 {
		// What was told is not taken back step by step: where it is now is what counts.
		event.Kind = StateCorrected
		same = max(same, len(e.Timeline)-1)
	}
	for _, n := range e.Timeline[same:] {
		event.To, event.Time, event.Frame, event.Cause, event.Evidence = n.State, n.Time, n.Frame, n.Cause, n.Evidence
		if event.Kind == StateChanged || event.To != event.From {
			news = append(news, event)
		}
		event.From, event.FromNone = n.State, false
	}
	p.addr = e.Addr.Addr()
	p.told = p.told[:0]
	for _, n := range e.Timeline {
		p.told = append(p.told, step{n.Frame, n.State})
	}
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

// enter keeps count of the states.
func (t *tracker) enter(r *row, side analyzer.Side, s tcp.State, known bool) {
	p := &r.ends[side]
	count := func(n int) {
		t.states[p.state] += n
		h := t.hosts[p.addr]
		if h == nil {
			h = new([tcp.TimeWait + 1]int)
			t.hosts[p.addr] = h
		}
		if h[p.state] += n; n < 0 && *h == ([tcp.TimeWait + 1]int{}) {
			delete(t.hosts, p.addr)
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
		t.tell(&Event{Kind: StateChanged, Time: x.at, Conversation: r.id, Client: r.client, Server: r.server, Side: x.side,
			From: tcp.TimeWait, To: tcp.Closed, Cause: tcp.Expire2MSL.String(), Evidence: analyzer.Timer})
		t.enter(r, x.side, tcp.Closed, true)
		r.ends[x.side].told = append(r.ends[x.side].told, step{0, tcp.Closed})
	}
}

// findings tells findings that have stood long enough, and takes back those that
// are gone.
func (t *tracker) findings(r *row, fs []analyzer.Finding, now int64, final bool) {
	for i := range r.findings {
		r.findings[i].seen = false
	}
	for i := range fs {
		at := slices.IndexFunc(r.findings, func(s standing) bool { return s.ID == fs[i].ID && s.Side == fs[i].Side })
		if at < 0 {
			at = len(r.findings)
			r.findings = append(r.findings, standing{since: now})
		}
		r.findings[at].Finding, r.findings[at].seen = fs[i], true
	}
	unsure := false
	kept := r.findings[:0]
	r.worst = 0
	for _, s := range r.findings {
		event := Event{Kind: Found, Time: now, Conversation: r.id, Client: r.client, Server: r.server, Side: s.Side, Finding: s.Finding}
		switch {
		case !s.seen && s.told:
			event.Kind = Withdrawn
			t.tell(&event)
		case s.seen && !s.told && (final || now-s.since >= settle):
			s.told = true
			t.found[foundKey{s.ID, s.Severity}]++
			t.tell(&event)
		case s.seen && !s.told:
			unsure = true
		}
		if s.seen {
			kept = append(kept, s)
		}
		if s.seen && s.told {
			r.worst = max(r.worst, int(s.Severity)+1)
		}
	}
	clear(r.findings[len(kept):])
	r.findings = kept
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
