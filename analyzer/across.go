package analyzer

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"tcpreplay-fsm/tcp"
)

// across gathers what rules over several conversations need: counters for each
// listener and each client, bounded in number.
type across struct {
	listeners map[netip.AddrPort]*listener
	clients   map[netip.Addr]*client
	full      bool
}

// maxTracked bounds the listeners and clients that are followed.
const maxTracked = 20_000

// maxCited bounds the conversations and frames that a finding names.
const maxCited = 16

// listener is what was seen of one server address and port.
type listener struct {
	halfOpen, closeWait cited
	oldestCloseWait     int64
}

// client is what was seen of one client address.
type client struct {
	probes   cited // attempts that were refused, unanswered or aborted
	targets  map[netip.AddrPort]struct{}
	timeWait map[netip.AddrPort]*timeWaits
}

// timeWaits counts the TIME_WAIT sockets that a client holds towards one server.
type timeWaits struct {
	cited
	first, last int64
}

// cited counts conversations and names the first of them.
type cited struct {
	n      int
	ids    []int
	frames []int
}

func (x *cited) add(id, frame int) {
	x.n++
	if len(x.ids) < maxCited {
		x.ids = append(x.ids, id)
		x.frames = append(x.frames, frame)
	}
}

// add takes in one finished conversation; end is the time of the capture then.
func (x *across) add(v *Conversation, end int64) {
	if x.listeners == nil {
		x.listeners = make(map[netip.AddrPort]*listener)
		x.clients = make(map[netip.Addr]*client)
	}
	srv, cli := v.Endpoints[Server].Addr, v.Endpoints[Client].Addr.Addr()
	failed := v.Opened == OpenedRefused || v.Opened == OpenedTimeout || v.Opened == OpenedAborted || v.Opened == OpenedIncomplete
	tw := v.Endpoints[Client].entered(tcp.TimeWait)
	cw := v.Endpoints[Server].entered(tcp.CloseWait)
	if cw != nil && (v.Endpoints[Server].State != tcp.CloseWait || end-cw.Time < closeWaitAge) {
		cw = nil
	}
	if !failed && tw == nil && cw == nil {
		return
	}
	l := x.listeners[srv]
	if l == nil && len(x.listeners) < maxTracked {
		l = &listener{}
		x.listeners[srv] = l
	}
	c := x.clients[cli]
	if c == nil && len(x.clients) < maxTracked {
		c = &client{targets: make(map[netip.AddrPort]struct{}), timeWait: make(map[netip.AddrPort]*timeWaits)}
		x.clients[cli] = c
	}
	if l == nil || c == nil {
		x.full = true
		return
	}
	if v.Opened == OpenedIncomplete || v.Opened == OpenedAborted {
		l.halfOpen.add(v.ID, v.FirstFrame)
	}
	if cw != nil {
		l.closeWait.add(v.ID, cw.Frame)
		l.oldestCloseWait = max(l.oldestCloseWait, end-cw.Time)
	}
	if failed {
		c.probes.add(v.ID, v.FirstFrame)
		if len(c.targets) < maxTracked {
			c.targets[srv] = struct{}{}
		}
	}
	if tw != nil {
		t := c.timeWait[srv]
		if t == nil && len(c.timeWait) < maxTracked {
			t = &timeWaits{first: tw.Time}
			c.timeWait[srv] = t
		}
		if t != nil {
			t.add(v.ID, tw.Frame)
			t.first, t.last = min(t.first, tw.Time), max(t.last, tw.Time)
		}
	}
}

const (
	// scanTargets is how many ports or hosts one client must have tried in vain.
	scanTargets = 10
	// floodHalfOpen is how many half-open connections of one listener are a flood
	// or a listener in trouble.
	floodHalfOpen = 16
	// ephemeralPorts is the size of Linux's default range, 32768 to 60999.
	ephemeralPorts = 28232
	// pressurePorts is from how many TIME_WAIT sockets towards one server on we speak up.
	pressurePorts = ephemeralPorts / 10
)

// findings returns the findings about several conversations, in a fixed order.
func (x *across) findings() []Finding {
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
		for _, s := range sortedKeys(c.timeWait, netip.AddrPort.Compare) {
			t := c.timeWait[s]
			if t.n < pressurePorts {
				continue
			}
			out = append(out, t.finding(&rulePortPressure, Client, Probable,
				fmt.Sprintf("%s put %d sockets into TIME_WAIT towards %s", a, t.n, s), portDetail(t)))
		}
	}
	for _, a := range listeners {
		l := x.listeners[a]
		if l.closeWait.n > 1 {
			out = append(out, l.closeWait.finding(&ruleCloseWaitLeak, Server, Probable,
				fmt.Sprintf("%d connections of %s are in CLOSE_WAIT, the oldest for %s", l.closeWait.n, a, seconds(l.oldestCloseWait)),
				"The application behind this port does not close what its clients have closed. Each one holds a file descriptor."))
		}
		if l.halfOpen.n >= floodHalfOpen {
			out = append(out, l.halfOpen.finding(&ruleHalfOpen, Server, Possible,
				fmt.Sprintf("%d connections to %s never completed the handshake", l.halfOpen.n, a),
				"Many at once from many addresses: a SYN flood; from one address: a scan; clients that acknowledge and are ignored: the accept queue is full."))
		}
	}
	return out
}

// portDetail estimates when the ephemeral ports run out.
func portDetail(t *timeWaits) string {
	span := time.Duration(t.last - t.first)
	if span <= 0 {
		return "All within one instant."
	}
	rate := float64(t.n) / span.Seconds()
	held := min(float64(t.n), rate*defaultTimeWait.Seconds())
	d := fmt.Sprintf("%.3g a second, each kept for 60 s: about %.0f at a time of %d ephemeral ports (Linux's default range).", rate, held, ephemeralPorts)
	if limit := float64(ephemeralPorts) / defaultTimeWait.Seconds(); rate > limit {
		d += fmt.Sprintf(" Above %.0f a second the ports run out, %s after the start.", limit, time.Duration(float64(ephemeralPorts)/rate*float64(time.Second)).Round(time.Second))
	}
	return d + " Keep connections open (pools, HTTP keep-alive), let the server close first, or set tcp_tw_reuse."
}

// finding makes a finding about the conversations counted.
func (x *cited) finding(r *Rule, side Side, sure Confidence, summary, detail string) Finding {
	return Finding{ID: r.ID, Severity: r.Severity, Side: side, Confidence: sure,
		Frames: x.frames, Conversations: x.ids, Summary: summary, Detail: detail}
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
