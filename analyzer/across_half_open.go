package analyzer

import (
	"fmt"
	"net/netip"
	"slices"

	"tcpreplay-fsm/tcp"
)

// halfOpens is what became of the connections to one listener that never opened.
type halfOpens struct {
	cited
	acked   int // the client acknowledged, and the server went on as if it had not
	refused int // the client's host answered the SYN,ACK with RST
	retried int // the client sent its SYN again: the SYN,ACK does not reach it
	from    map[netip.Addr]struct{}
}

func (x *halfOpens) take(v *Conversation) {
	x.add(v.ID, v.FirstFrame)
	cli := &v.Endpoints[Client]
	switch {
	case v.Opened == OpenedAborted:
		x.refused++
	case slices.ContainsFunc(cli.Timeline, func(t Transition) bool { return t.State == tcp.Established && t.Evidence != Presumed }):
		x.acked++
	case v.found(&ruleSYNRetransmit, Client):
		x.retried++
	}
	if x.from == nil {
		x.from = make(map[netip.Addr]struct{})
	}
	if len(x.from) < maxTracked {
		x.from[cli.Addr.Addr()] = struct{}{}
	}
}

// finding tells an overflow from a filter, a scan and a flood by what the clients did.
func (x *halfOpens) finding(at netip.AddrPort) Finding {
	few := 2*len(x.from) <= x.n
	var why string
	switch {
	case 2*x.acked >= x.n:
		why = "Most clients acknowledged and are connected as they see it, but the server goes on as if they had not: its accept queue is probably full. Compare Recv-Q with Send-Q in ss -ltn, and see ListenOverflows in nstat."
	case 2*x.refused >= x.n && few:
		why = "Most were answered by a RST of the client's host: a SYN scan, or a client that gives up before the answer comes."
	case 2*x.refused >= x.n:
		why = "Most were answered by RSTs of many hosts that had not asked: SYNs forged in their names."
	case 2*x.retried >= x.n:
		why = "Most clients send their SYN again: the server's SYN,ACKs do not reach them. A filter or a route back that leads elsewhere."
	case few:
		why = "They come from few addresses that never say more: a scan, or clients behind a filter that drops the answers."
	default:
		why = "They come from many addresses that never say more: a SYN flood with forged addresses. net.ipv4.tcp_syncookies (on by default) keeps the listener answering."
	}
	return x.cited.finding(&ruleHalfOpen, Server, Possible,
		fmt.Sprintf("%d connections to %s from %s never completed the handshake", x.n, at, addresses(len(x.from))), why)
}

// found reports whether r was found of side.
func (c *Conversation) found(r *Rule, side Side) bool {
	return slices.ContainsFunc(c.Findings, func(f Finding) bool { return f.ID == r.ID && f.Side == side })
}

// addresses counts addresses in words.
func addresses(n int) string {
	if n == 1 {
		return "one address"
	}
	return fmt.Sprintf("%d addresses", n)
}
