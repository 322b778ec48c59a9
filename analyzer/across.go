package analyzer

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"tcpreplay-fsm/tcp"
)

// across gathers what rules over several conversations need: counters for each
// listener, each client and each pair of them, bounded in number.
type across struct {
	listeners map[netip.AddrPort]*listener
	clients   map[netip.Addr]*client
	pairs     map[pair]*traffic
	timeWaits int // entries into TIME_WAIT that are kept, of all pairs
	endings   int // ends of connections that are kept, of all listeners
}

// maxTracked bounds the listeners, clients and pairs that are followed.
const maxTracked = 20_000

// maxCited bounds the conversations and frames that a finding names.
const maxCited = 16

// listener is what was seen of one server address and port.
type listener struct {
	halfOpen halfOpens
	leaked   *leaked // by the server; nil if none
	endings  endings
}

// client is what was seen of one client address.
type client struct {
	probes  cited // attempts that were refused, unanswered or aborted
	targets map[netip.AddrPort]struct{}
}

// pair is a client and the service that it connects to.
type pair struct {
	client netip.Addr
	server netip.AddrPort
}

// traffic is what was seen of one pair.
type traffic struct {
	connects connects
	dropped  dropped
	leaked   *leaked   // by the client; nil if none
	timeWait timeWaits // of the client's
}

// cited counts conversations and names the first of them.
type cited struct {
	n     int
	named []citation
}

type citation struct{ id, frame int }

func (x *cited) add(id, frame int) {
	x.n++
	if len(x.named) < maxCited {
		x.named = append(x.named, citation{id, frame})
	}
}

// add takes in one finished conversation; end is the time of the capture then.
func (x *across) add(v *Conversation, end int64) {
	if x.listeners == nil {
		x.listeners = make(map[netip.AddrPort]*listener)
		x.clients = make(map[netip.Addr]*client)
		x.pairs = make(map[pair]*traffic)
	}
	srv, cli := v.Endpoints[Server].Addr, v.Endpoints[Client].Addr.Addr()
	if p := tracked(x.pairs, pair{cli, srv}); p != nil {
		p.connects.take(v)
		p.dropped.take(v)
		p.leaked = p.leaked.take(v, Client, end)
		if tw := v.Endpoints[Client].entered(tcp.TimeWait); tw != nil {
			p.timeWait.take(v, tw, &x.timeWaits)
		}
	}
	if lasted(v) || v.Endpoints[Server].State == tcp.CloseWait {
		if l := tracked(x.listeners, srv); l != nil {
			l.endings.take(v, &x.endings)
			l.leaked = l.leaked.take(v, Server, end)
		}
	}
	switch v.Opened {
	case OpenedIncomplete, OpenedAborted:
		if l := tracked(x.listeners, srv); l != nil {
			l.halfOpen.take(v)
		}
	case OpenedRefused, OpenedTimeout:
	default:
		return
	}
	if c := tracked(x.clients, cli); c != nil {
		c.probes.add(v.ID, v.FirstFrame)
		if c.targets == nil {
			c.targets = make(map[netip.AddrPort]struct{})
		}
		if len(c.targets) < maxTracked {
			c.targets[srv] = struct{}{}
		}
	}
}

// tracked returns m's value for k, a new one if need be, or nil where m is full.
func tracked[K comparable, V any](m map[K]*V, k K) *V {
	v := m[k]
	if v == nil && len(m) < maxTracked {
		v = new(V)
		m[k] = v
	}
	return v
}

const (
	// scanTargets is how many ports or hosts one client must have tried in vain.
	scanTargets = 10
	// floodHalfOpen is how many half-open connections of one listener are a flood
	// or a listener in trouble.
	floodHalfOpen = 16
	// slowConnects is in how many conversations of a pair a SYN must have been sent
	// again.
	slowConnects = 2
)

// findings returns the findings about several conversations, in a fixed order.
// timeWait is how long TIME_WAIT lasts.
func (x *across) findings(timeWait time.Duration) []Finding {
	var out []Finding
	clients := sortedKeys(x.clients, netip.Addr.Compare)
	listeners := sortedKeys(x.listeners, netip.AddrPort.Compare)
	for _, a := range clients {
		c := x.clients[a]
		if len(c.targets) >= scanTargets && c.probes.n >= scanTargets {
			out = append(out, c.probes.finding(&ruleSYNScan, Client, Probable,
				fmt.Sprintf("%s tried %d addresses and ports in vain", a, len(c.targets)),
				fmt.Sprintf("%d attempts were refused, unanswered or aborted. A port scan, or a client with a stale list of servers.", c.probes.n)))
		}
	}
	for _, k := range sortedKeys(x.pairs, pair.compare) {
		p := x.pairs[k]
		if f, ok := p.dropped.finding(k); ok {
			out = append(out, f)
		}
		if p.connects.n >= slowConnects {
			out = append(out, p.connects.finding(k))
		}
		if p.leaked != nil && p.leaked.n > 1 {
			out = append(out, p.leaked.finding(Client, fmt.Sprintf("%s to %s", k.client, k.server), "The client does not close what the server has closed: a pool that does not look for EOF, or a code path that forgets the connection. ", "the server"))
		}
		if f, ok := p.timeWait.finding(k, timeWait); ok {
			out = append(out, f)
		}
	}
	for _, a := range listeners {
		l := x.listeners[a]
		if l.leaked != nil && l.leaked.n > 1 {
			out = append(out, l.leaked.finding(Server, a.String(), "The application behind this port does not close what its clients have closed. ", "their clients"))
		}
		if f, ok := l.endings.finding(a); ok {
			out = append(out, f)
		}
		if l.halfOpen.n >= floodHalfOpen {
			out = append(out, l.halfOpen.finding(a))
		}
	}
	return out
}

// compare orders pairs by client, then by server.
func (p pair) compare(q pair) int {
	return cmp.Or(p.client.Compare(q.client), p.server.Compare(q.server))
}

// finding makes a finding about the conversations counted.
func (x *cited) finding(r *Rule, side Side, sure Confidence, summary, detail string) Finding {
	f := Finding{ID: r.ID, Severity: r.Severity, Side: side, Confidence: sure, Summary: summary, Detail: detail}
	for _, c := range x.named {
		f.Conversations, f.Frames = append(f.Conversations, c.id), append(f.Frames, c.frame)
	}
	return f
}

// sortedKeys returns the keys of m in order.
func sortedKeys[K comparable, V any](m map[K]V, compare func(K, K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compare)
	return keys
}
