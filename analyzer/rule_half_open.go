package analyzer

import (
	"slices"
	"time"

	"tcpreplay-fsm/tcp"
)

// halfOpenAge is how long a SYN,ACK must have gone unanswered at the end of the
// capture before the connection counts as half open: Linux sends it again after 1 s.
const halfOpenAge = int64(time.Second)

var ruleHalfOpen = Rule{
	ID: "half-open", Title: "The handshake was never completed",
	Severity: Warning, About: "opening", Reset: true,

	Seen: "The server sent SYN,ACK and never went on to ESTABLISHED: no ACK came, or what came was a RST or was ignored.",
	Means: "One: the client is gone, or the ACK is lost. Many to one listener from many addresses that never say anything more: a SYN flood with " +
		"forged addresses. Many from one address, each ended by a RST: a SYN scan. Clients that acknowledge and are sent SYN,ACK again: the " +
		"accept queue is full.",
	Apps: "accept() does not return these, unless Fast Open had it do so at the SYN. A client that has acknowledged believes it is connected; " +
		"its first read then waits, or ends with ECONNRESET when the server gives up.",
	Check: "ss -tn state syn-recv on the server, nstat -az TcpExtListenOverflows TcpExtTCPReqQFullDoCookies TcpExtSyncookiesSent. Against a " +
		"flood: net.ipv4.tcp_syncookies (1 by default), tcp_max_syn_backlog, somaxconn. Against an overflow: accept faster, or a larger " +
		"listen() backlog.",
	Sources: "RFC 9293 section 3.5; RFC 4987 (SYN flooding); Linux tcp_conn_request()",

	detect: func(ev *evidence) []Finding {
		c := ev.c
		if !c.end[Server].is(hasSYN) || !ev.was(Server, tcp.SynRcvd) || ev.v.Opened == OpenedSimultaneous ||
			ev.was(Server, tcp.Established) || ev.was(Server, tcp.FinWait1) || ev.was(Server, tcp.CloseWait) {
			return nil
		}
		reset := c.end[Client].resets+c.end[Server].resets > 0
		dropped := ev.state(Server) == tcp.Closed
		if !reset && !dropped && ev.end-c.lastTime < halfOpenAge && c.observed(obsSYNACKRetransmit, Server) == nil {
			return nil
		}
		why := "The client never acknowledged the SYN,ACK: it is gone, its address was forged, or the ACK is lost on the way."
		switch {
		case c.end[Client].resets > 0:
			why = "The client answered the SYN,ACK with a RST: it no longer wanted the connection, or never asked for it."
		case c.end[Server].resets > 0:
			why = "The server answered the ACK with a RST: the listener went away, or its accept queue is full and tcp_abort_on_overflow is set."
		case dropped:
			why = "An ICMP error said that the SYN,ACK cannot reach the client, and the listener forgot the request."
		case c.end[Client].opened > 0:
			why = "The client acknowledged and takes the connection for open, but the server sends its SYN,ACK again: the ACK is lost or ignored."
		}
		accepted := " accept() never returns this connection."
		switch {
		case ev.fastOpened() && slices.ContainsFunc(c.rst, func(r resetSeen) bool { return r.side == Server && !r.reply }):
			// Only a socket sends such a RST: the one that Fast Open made at the SYN (tcp_try_fastopen()).
			why, accepted = "The server's application had the connection from the SYN on, by Fast Open, and aborted it before the handshake was over.", ""
		case ev.fastOpened():
			accepted = " With Fast Open accept() may have returned it before."
		}
		frames := []int{ev.entered(Server, tcp.SynRcvd).Frame}
		for i := range c.log {
			if en := &c.log[i]; en.side == Server && en.flags.Has(tcp.SYN) {
				frames = append(frames, en.frame)
			}
		}
		f := one(Server, Probable, frames, "SYN,ACK sent, but the server never reached ESTABLISHED", why+accepted)
		if c.end[Client].resets > 0 {
			f[0].Severity = Notice
		}
		return f
	},
}
