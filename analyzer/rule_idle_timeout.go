package analyzer

import (
	"fmt"
	"time"
)

// idleMin is the shortest silence that is looked at.
const idleMin = int64(25 * time.Second)

// idleTimers are well-known idle timers of what stands between two hosts.
var idleTimers = []struct {
	after time.Duration
	who   string
}{
	{60 * time.Second, "an AWS Application Load Balancer (60 s)"},
	{240 * time.Second, "an Azure load balancer or NAT gateway (4 min)"},
	{350 * time.Second, "an AWS Network Load Balancer or NAT gateway (350 s)"},
	{600 * time.Second, "Google Cloud's VPC (10 min)"},
	{900 * time.Second, "many firewalls (15 min)"},
	{1200 * time.Second, "Google Cloud NAT (20 min)"},
	{1800 * time.Second, "many firewalls (30 min)"},
	{3600 * time.Second, "many firewalls (60 min)"},
	{432000 * time.Second, "Linux conntrack (5 days)"},
}

var ruleIdleTimeout = Rule{
	ID: "idle-timeout", Title: "Silence, and then the connection was found dead",
	Severity: Warning, About: "idle and death", Reset: true,

	Seen: "A long silence, and the first data after it is answered by a RST from a host that had closed nothing, or by nothing at all.",
	Means: "Something on the path kept state of the connection and dropped it while it was idle: NAT, firewall, load balancer, " +
		"connection-tracking. Some then answer with RST, most just drop. Known idle timers: AWS Network Load Balancer and NAT gateway 350 s, " +
		"Azure 4 min, many firewalls 15, 30 or 60 min; the silence is compared with them. A host that rebooted during the silence looks the " +
		"same (half-open-peer-lost).",
	Apps: "Who speaks first: ECONNRESET (Go: \"connection reset by peer\"), or a request that hangs until its deadline and, much later, " +
		"ETIMEDOUT. The other end notices nothing and keeps a dead connection.",
	Check: "Keep-alive with an idle time below the smallest timer on the path (TCP_KEEPIDLE; Go: net.KeepAliveConfig; Java: " +
		"jdk.net.ExtendedSocketOptions). In connection pools: a maximum idle time below it (Go: http.Transport.IdleConnTimeout, " +
		"sql.DB.SetConnMaxIdleTime). Or raise the timer of the box.",
	Sources: "RFC 5382 section 5 (NATs should keep TCP connections for 2 h 4 min); RFC 9293 section 3.8.4",

	detect: func(ev *evidence) []Finding {
		for i := range ev.resets {
			q := &ev.resets[i]
			r := q.r
			if !r.reply || r.trigger.frame == 0 || r.trigger.len == 0 || q.cause != causeNoSocket {
				continue
			}
			quiet := r.trigger.time - ev.c.spokeBefore(r.trigger.frame)
			if quiet < idleMin {
				continue
			}
			return one(Network, Possible, []int{r.trigger.frame, r.frame},
				fmt.Sprintf("%s of silence, then data was answered by RST", seconds(quiet)), idleDetail(quiet))
		}
		for x := Client; x <= Server; x++ {
			t := ev.c.end[x].tail
			if t == nil || t.kind != segRetransmit || t.n < deathCopies {
				continue
			}
			if quiet := t.first - ev.c.end[x.Other()].time; quiet >= idleMin && ev.c.longPause >= idleMin {
				return one(Network, Possible, t.list(),
					fmt.Sprintf("%s of silence, then data that nobody answered", seconds(ev.c.longPause)), idleDetail(ev.c.longPause))
			}
		}
		return nil
	},
}

// idleDetail compares a silence with known idle timers.
func idleDetail(quiet int64) string {
	d := "Something between the two ends (NAT, firewall, load balancer) probably forgot the connection while it was idle."
	for _, k := range idleTimers {
		if quiet >= int64(k.after) {
			d = fmt.Sprintf("Something between the two ends probably forgot the connection while it was idle. The silence is longer than the idle timer of %s.", k.who)
		}
	}
	return d + " Keep-alive with a shorter idle time than that timer prevents it (TCP_KEEPIDLE; Go: net.KeepAliveConfig)."
}
