package live

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

const second = int64(1e9)

// talk is a conversation with the given states of the client and the server,
// each entered at its own frame.
func talk(client, server []tcp.State, findings ...analyzer.Finding) *analyzer.Conversation {
	c := &analyzer.Conversation{ID: 7, Findings: findings, Closed: analyzer.ClosedOpen}
	for side, states := range [2][]tcp.State{client, server} {
		e := &c.Endpoints[side]
		e.Addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(side + 1)}), uint16(41000*(1-side)+80*side))
		for i, s := range states {
			e.Timeline = append(e.Timeline, analyzer.Transition{State: s, Frame: i + 1, Time: int64(i + 1), Cause: "it happened", Evidence: analyzer.Presumed})
			e.State = s
		}
	}
	return c
}

// listener collects what a tracker tells.
func listener() (*tracker, func() []string) {
	var told []string
	t := newTracker(60*second, func(e *event) { told = append(told, string(e.appendWhat(nil))) })
	return t, func() []string {
		defer func() { told = nil }()
		return told
	}
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: told\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTrackerTellsChanges(t *testing.T) {
	tr, told := listener()
	tr.look(talk([]tcp.State{tcp.SynSent}, nil), 1)
	expect(t, "SYN", told(), "client SYN_SENT (it happened)")
	tr.look(talk([]tcp.State{tcp.SynSent}, nil), 2)
	expect(t, "nothing new", told())
	tr.look(talk([]tcp.State{tcp.SynSent, tcp.Established}, []tcp.State{tcp.SynRcvd}), 3)
	expect(t, "SYN,ACK", told(), "server SYN_RCVD (it happened)", "client SYN_SENT -> ESTABLISHED (it happened)")
	if tr.states[tcp.Established] != 1 || tr.states[tcp.SynRcvd] != 1 || tr.states[tcp.SynSent] != 0 || len(tr.hosts) != 2 {
		t.Errorf("states %v, hosts %v", tr.states, tr.hosts)
	}
	tr.done(talk([]tcp.State{tcp.SynSent, tcp.Established}, []tcp.State{tcp.SynRcvd, tcp.Established}), 4)
	expect(t, "done", told(), "server SYN_RCVD -> ESTABLISHED (it happened)")
	if tr.states != [len(tr.states)]int{} || len(tr.rows) != 0 || len(tr.hosts) != 0 {
		t.Errorf("after the end: states %v, rows %v, hosts %v", tr.states, tr.rows, tr.hosts)
	}
}

// What was presumed turns out otherwise: crossing FINs.
func TestTrackerCorrects(t *testing.T) {
	tr, told := listener()
	tr.look(talk([]tcp.State{tcp.Established, tcp.FinWait1}, []tcp.State{tcp.Established, tcp.CloseWait}), 1)
	told()
	tr.look(talk([]tcp.State{tcp.Established, tcp.FinWait1}, []tcp.State{tcp.Established, tcp.FinWait1, tcp.Closing}), 2)
	expect(t, "correction", told(), "server CLOSE_WAIT -> CLOSING, corrected (it happened)")
	if tr.states[tcp.CloseWait] != 0 || tr.states[tcp.Closing] != 1 {
		t.Errorf("states %v", tr.states)
	}
}

func TestTrackerEndsTimeWait(t *testing.T) {
	tr, told := listener()
	tr.look(talk([]tcp.State{tcp.TimeWait}, []tcp.State{tcp.Closed}), 1)
	told()
	tr.expire(60 * second)
	expect(t, "before its time", told())
	tr.expire(60*second + 1)
	expect(t, "at its time", told(), "client TIME_WAIT -> CLOSED (2 MSL over)")
	tr.expire(600 * second)
	expect(t, "later", told())
	c := talk([]tcp.State{tcp.TimeWait}, []tcp.State{tcp.Closed})
	tr.look(c, 601*second)
	expect(t, "the analysis did not go that far", told())
	c.Endpoints[0].Timeline = append(c.Endpoints[0].Timeline, analyzer.Transition{State: tcp.Closed, Time: 60*second + 1, Evidence: analyzer.Timer})
	tr.look(c, 602*second)
	tr.look(c, 603*second)
	expect(t, "told already", told())
	if tr.states[tcp.TimeWait] != 0 {
		t.Errorf("states %v", tr.states)
	}
}

func TestTrackerFindings(t *testing.T) {
	f := analyzer.Finding{ID: "syn-unanswered", Severity: analyzer.Warning, Summary: "nobody answers"}
	tr, told := listener()
	look := func(at int64, fs ...analyzer.Finding) []string {
		tr.look(talk([]tcp.State{tcp.SynSent}, nil, fs...), at)
		return told()
	}
	look(0)
	expect(t, "too early", look(1, f))
	if !tr.stale(7, 0) {
		t.Error("nobody will look again")
	}
	expect(t, "it stands", look(1+second, f), "warning syn-unanswered: nobody answers")
	expect(t, "once", look(2*second, f))
	expect(t, "gone", look(3*second), "warning syn-unanswered withdrawn")
	expect(t, "early again", look(4*second, f))
	tr.done(talk([]tcp.State{tcp.SynSent}, nil, f), 4*second+1)
	expect(t, "the end waits for nothing", told(), "warning syn-unanswered: nobody answers")
	if len(tr.over) != 1 || len(tr.unsure) != 0 {
		t.Errorf("over %v, unsure %v", tr.over, tr.unsure)
	}
}

// What was told is taken back where less is known again, too.
func TestTrackerTakesBack(t *testing.T) {
	tr, told := listener()
	tr.look(talk([]tcp.State{tcp.SynSent, tcp.Established, tcp.FinWait1}, nil), 1)
	told()
	tr.look(talk([]tcp.State{tcp.SynSent, tcp.Established}, nil), 2)
	expect(t, "shorter", told(), "client FIN_WAIT_1 -> ESTABLISHED, corrected (it happened)")
	tr.look(talk([]tcp.State{tcp.SynSent, tcp.Established, tcp.CloseWait}, nil), 3)
	expect(t, "longer", told(), "client ESTABLISHED -> CLOSE_WAIT (it happened)")
}

// Sides that turn out to be the other way round are counted for their addresses.
func TestTrackerSwapsSides(t *testing.T) {
	tr, _ := listener()
	c := talk([]tcp.State{tcp.Established}, []tcp.State{tcp.CloseWait})
	tr.look(c, 1)
	c.Endpoints[0], c.Endpoints[1] = c.Endpoints[1], c.Endpoints[0]
	tr.look(c, 2)
	h := tr.hosts[netip.MustParseAddr("10.0.0.1")]
	if len(tr.hosts) != 2 || h == nil || h[tcp.Established] != 1 || h[tcp.CloseWait] != 0 {
		t.Errorf("%v", tr.hosts)
	}
	tr.done(c, 3)
	if len(tr.hosts) != 0 {
		t.Errorf("after the end: %v", tr.hosts)
	}
}

func TestLargest(t *testing.T) {
	tr, _ := listener()
	const hosts = 40 * maxHosts
	for i := range hosts {
		tr.hosts[netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})] = &census{tcp.Established: int32(i + 1)}
	}
	top := tr.largest()
	if len(top) != maxHosts+1 || top[0].census[tcp.Established] != hosts || top[maxHosts-1].census[tcp.Established] != hosts-maxHosts+1 {
		t.Fatalf("%d hosts, %v to %v", len(top), top[0], top[maxHosts-1])
	}
	if rest, want := top[maxHosts], int32((hosts-maxHosts)*(hosts-maxHosts+1)/2); rest.addr.IsValid() || rest.sockets() != want {
		t.Errorf("%+v, want %d others", rest, want)
	}
}

// What is over is bounded.
func TestTrackerForgets(t *testing.T) {
	tr, _ := listener()
	for i := range 1000 {
		c := talk([]tcp.State{tcp.Closed}, nil, analyzer.Finding{ID: "abort", Severity: analyzer.Warning})
		c.ID, c.Closed = i, analyzer.ClosedReset
		tr.look(c, int64(i))
		tr.done(c, int64(i)+1)
	}
	if len(tr.over) > maxOver || len(tr.rows) != 0 || tr.resets["abort"] != 1000 || tr.found[foundKey{"abort", analyzer.Warning}] != 1000 {
		t.Errorf("%d over, %d rows, resets %v, found %v", len(tr.over), len(tr.rows), tr.resets, tr.found)
	}
}

func TestPage(t *testing.T) {
	tr, _ := listener()
	for i := range 30 {
		var fs []analyzer.Finding
		if i == 20 {
			fs = []analyzer.Finding{{ID: "abort", Severity: analyzer.Warning}}
		}
		c := talk([]tcp.State{tcp.Established}, []tcp.State{tcp.Established}, fs...)
		c.ID, c.Last, c.Endpoints[0].Bytes = i, int64(i), uint64(1000-i)
		if c.Protocol.Protocol = "TLS"; i == 3 {
			c.Protocol.Protocol = "HTTP"
		}
		tr.look(c, 0)
		tr.look(c, second)
	}
	for _, tt := range []struct {
		q           query
		first, from int
		n, matches  int
	}{
		{query{rows: 10}, 20, 0, 10, 30},
		{query{rows: 10, from: 25}, 9, 20, 10, 30},
		{query{rows: 10, sort: byTime}, 29, 0, 10, 30},
		{query{rows: 10, sort: byBytes}, 0, 0, 10, 30},
		{query{rows: 10, sort: byNumber, from: 5}, 5, 5, 10, 30},
		{query{rows: 10, filter: "abort"}, 20, 0, 1, 1},
		{query{rows: 10, filter: "establ"}, 20, 0, 10, 30},
		{query{rows: 10, filter: "http"}, 3, 0, 1, 1},
		{query{rows: 10, filter: ":41000"}, 20, 0, 10, 30},
		{query{rows: 10, filter: "192.168"}, -1, 0, 0, 0},
	} {
		rows, from, matches := tr.page(tt.q)
		first := -1
		if len(rows) > 0 {
			first = rows[0].id
		}
		if first != tt.first || from != tt.from || len(rows) != tt.n || matches != tt.matches {
			t.Errorf("page(%+v): first %d, from %d, %d rows of %d, want %+v", tt.q, first, from, len(rows), matches, tt)
		}
	}
}
