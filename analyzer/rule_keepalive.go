package analyzer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tcpreplay-fsm/internal/words"
)

var ruleKeepalive = Rule{
	ID: "keepalive", Title: "Keep-alive probes",
	Severity: Info, About: "idle and death",

	Seen: "Segments with sequence number SND.NXT-1 and no payload (Windows: one old byte) while nothing is in flight and the peer's window is " +
		"open; the peer answers each with an ACK. The intervals are constant. With the peer's window at 0 the same segment is a zero-window " +
		"probe, and its intervals double.",
	Means: "The side named has SO_KEEPALIVE on and nothing to say. The kernel sends the probes; the application does not know of them. This is " +
		"not HTTP keep-alive (connections used for several requests), and an application's heartbeat carries new data.",
	Apps: "Nothing, as long as an answer comes in time. Without answers: keepalive-timeout.",
	Check: "Whether idle time and interval are what you meant: ss -to shows the timer (keepalive). TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT; " +
		"net.ipv4.tcp_keepalive_time, _intvl, _probes (7200 s, 75 s, 9). Go switches it on for every connection with 15 s, 15 s, 9 " +
		"(net.KeepAliveConfig). To keep a NAT or load balancer from forgetting, the idle time must be shorter than its timer (idle-timeout). " +
		"One unanswered probe is no dead peer: Linux acknowledges at most one such segment in 500 ms (tcp_invalid_ratelimit).",
	Sources: "RFC 9293 section 3.8.4; RFC 1122 section 4.2.3.6; Linux tcp_keepalive_timer(), tcp_xmit_probe_skb()",

	detect: func(ev *evidence) []Finding {
		return ev.counted(obsKeepalive, Probable, func(side Side, o *observation) (string, string) {
			answered, some := 0, "none"
			if a := ev.c.observed(obsKeepaliveAnswer, side.Other()); a != nil {
				answered, some = a.n, strconv.Itoa(a.n)
			}
			idle := o.first - o.before
			s := fmt.Sprintf("the %s sent %s, %s answered", side, words.Count(o.n, "keep-alive probe"), some)
			d := fmt.Sprintf("The first came after %s of silence", seconds(idle))
			if every, ok := o.interval(); ok {
				s += fmt.Sprintf(", one every %s", seconds(every))
				d += fmt.Sprintf(", the next ones every %s", seconds(every))
			}
			d += "."
			if who := cadence(idle, o, answered); who != "" {
				d += " That fits the default of " + who + "."
			}
			d += " One unanswered probe does not mean a dead peer: Linux answers at most one such segment in 500 ms."
			return s, d
		})
	},
}

// idleSince is when the conversation last spoke before frame, as side's keep-alive timer
// counts it: the other's probes, and the answers to them, do not wind that up (Linux,
// keepalive_time_elapsed(): a probe is dropped in tcp_validate_incoming()). Where there are
// such, data and what first acknowledged it count.
func (c *conn) idleSince(side Side, frame int) int64 {
	if c.observed(obsKeepalive, side.Other()) == nil {
		return c.spokeBefore(frame)
	}
	last := c.first
	for x := range c.end {
		e := &c.end[x]
		if e.payloadFrame != 0 {
			last = max(last, e.payloadTime)
		}
		if e.is(hasACK) {
			last = max(last, e.advance.time)
		}
	}
	return last
}

// interval is the time between probes, and whether it was about constant.
func (o *observation) interval() (int64, bool) {
	n := len(o.seen)
	if n < 2 {
		return 0, false
	}
	gaps := make([]int64, 0, n)
	for i := 1; i < n; i++ {
		gaps = append(gaps, o.seen[i].time-o.seen[i-1].time)
	}
	slices.Sort(gaps)
	mid := gaps[len(gaps)/2]
	return mid, gaps[0] > mid/2 && gaps[len(gaps)-1] < 2*mid
}

// cadences are known defaults of keep-alive: idle time and interval.
var cadences = []struct {
	idle, every time.Duration
	who         string
}{
	{15 * time.Second, 15 * time.Second, "Go's net package (15 s, 15 s, 9 probes)"},
	{30 * time.Second, 15 * time.Second, "Go's http.DefaultTransport (30 s, 15 s, 9 probes)"},
	{45 * time.Second, 45 * time.Second, "Chromium (45 s)"},
	{60 * time.Second, 60 * time.Second, "curl (60 s)"},
	{300 * time.Second, 100 * time.Second, "the Redis server (300 s, 100 s, 3 probes)"},
	{7200 * time.Second, 75 * time.Second, "Linux or macOS (2 h, 75 s)"},
	{7200 * time.Second, time.Second, "Windows (2 h, 1 s, 10 probes)"},
}

// cadence names whose defaults an idle time and the times between probes fit, or
// "". An answer begins the idle time anew (Linux, tcp_keepalive_timer): only
// probes without one are an interval apart.
func cadence(idle int64, o *observation, answered int) string {
	near := func(got int64, want time.Duration) bool {
		return got > int64(want)*19/20 && got < int64(want)*21/20+int64(200*time.Millisecond)
	}
	every, regular := o.interval()
	var who []string
	for _, k := range cadences {
		apart := k.every
		if answered >= o.n-1 {
			apart = k.idle
		}
		if near(idle, k.idle) && (o.n < 2 || regular && near(every, apart)) {
			who = append(who, k.who)
		}
	}
	return strings.Join(who, " or ")
}
