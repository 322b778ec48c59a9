package analyzer

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

const (
	// togetherWithin is within what time a process that ends has closed its sockets.
	togetherWithin = int64(100 * time.Millisecond)
	// togetherAtLeast is how many connections closed at once are no chance.
	togetherAtLeast = 4
	// togetherAge is how old a connection must be to count: short ones end all the time. By as
	// much must the times differ for which they had been quiet: an idle timeout has but one.
	togetherAge = int64(time.Second)
	// maxEndings bounds how many connections of a listener are kept, maxAllEndings those of all.
	maxEndings    = 1 << 12
	maxAllEndings = 1 << 18
)

// endings are how the connections of one listener ended that lasted.
type endings struct {
	all  []ending
	many bool // there were more
}

type ending struct {
	opened, closed int64 // the latter is the largest of all for one that is open
	quiet          int64 // for how long neither end had sent data then
	frame          int
	id             int32
	byServer, rst  bool
}

// lasted reports whether v was there for so long that its end may say something.
func lasted(v *Conversation) bool { return v.Closed == ClosedOpen || v.Last-v.First >= togetherAge }

// take adds how v ended; kept counts those of all listeners.
func (x *endings) take(v *Conversation, kept *int) {
	e := ending{opened: v.First, closed: v.Last, id: int32(v.ID), frame: v.LastFrame}
	if v.Closed == ClosedOpen {
		e.closed = math.MaxInt64
	}
	for _, t := range v.Endpoints[Server].Timeline {
		if t.Event == tcp.SentFIN && t.State == tcp.FinWait1 || t.Event == tcp.SentRST && t.State == tcp.Closed && v.ClosedBy == Server.String() {
			e.closed, e.frame, e.byServer, e.rst = t.Time, t.Frame, true, t.Event == tcp.SentRST
			break
		}
	}
	if e.closed-e.opened < togetherAge || v.Endpoints[Server].entered(tcp.Established) == nil {
		return
	}
	said := v.First
	for side := range v.Endpoints {
		if last := v.Endpoints[side].LastPayload; last <= e.closed {
			said = max(said, last)
		}
	}
	e.quiet = e.closed - said
	if len(x.all) == maxEndings || *kept == maxAllEndings {
		x.many = true
		return
	}
	*kept++
	x.all = append(x.all, e)
}

// finding tells of the moment at which the server closed all it had; false if there was none.
func (x *endings) finding(at netip.AddrPort) (Finding, bool) {
	var by []ending
	for _, e := range x.all {
		if e.byServer {
			by = append(by, e)
		}
	}
	if x.many || len(by) < togetherAtLeast {
		return Finding{}, false
	}
	slices.SortFunc(by, func(a, b ending) int { return cmp.Or(cmp.Compare(a.closed, b.closed), cmp.Compare(a.id, b.id)) })
	var most []ending
	for from, to := 0, 0; from < len(by); from++ {
		for to < len(by) && by[to].closed-by[from].closed <= togetherWithin {
			to++
		}
		if to-from > len(most) {
			most = by[from:to]
		}
	}
	if len(most) < togetherAtLeast {
		return Finding{}, false
	}
	first, last := most[0].closed, most[len(most)-1].closed
	outlives := func(e ending) bool { return e.opened < first && e.closed > last }
	shortest, longest := int64(math.MaxInt64), int64(0)
	var c cited
	resets := 0
	for _, e := range most {
		shortest, longest = min(shortest, e.quiet), max(longest, e.quiet)
		c.add(int(e.id), e.frame)
		if e.rst {
			resets++
		}
	}
	if longest-shortest < togetherAge || slices.ContainsFunc(x.all, outlives) {
		return Finding{}, false
	}
	how := ""
	if resets > 0 {
		how = fmt.Sprintf(" %s got a RST: data lay unread, or accept() had not returned it.", words.Count(resets, "connection"))
	}
	return c.finding(&ruleClosedTogether, Server, Probable,
		fmt.Sprintf("%s closed all %d connections older than 1 s within %s", at, len(most), seconds(last-first)),
		fmt.Sprintf("They had been quiet for %s to %s: no idle timeout, which closes each after the same silence. Its process probably ended or was restarted.%s", seconds(shortest), seconds(longest), how)), true
}

var ruleClosedTogether = Rule{
	ID: "closed-together", Title: "A server closed all its connections at one moment",
	Severity: Notice, About: "closing",

	Seen: "Within 100 ms a server closes, with FIN or RST, all connections of one port that were older than 1 s, four or more, whose last data was " +
		"at different times. Over several conversations only.",
	Means: "Its process ended: a deployment, a restart, exit(), SIGTERM or SIGKILL, a crash, the kernel's out-of-memory killer. The kernel closes the " +
		"sockets of a process that ends as close() does: RST where data lay unread or the connection had not been accepted, FIN elsewhere, " +
		"whatever was still to be said. An idle timeout closes each connection after the same silence instead.",
	Apps: "Clients read end of file (Go: io.EOF) or ECONNRESET, also in the middle of an answer; new connections are refused until the server " +
		"listens again.",
	Check: "What the service's log, journalctl -u and dmesg (Out of memory, segfault) say of that moment; kubectl describe pod (Last State). A " +
		"server that stops in good order closes its listener first, answers what it has, and then closes.",
	Sources: "RFC 9293 section 3.6; Linux do_exit(), __tcp_close(), inet_csk_listen_stop()",
}
