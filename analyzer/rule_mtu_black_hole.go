package analyzer

import (
	"fmt"
	"time"

	"tcpreplay-fsm/internal/words"
)

const (
	// smallMTU is what every path takes: payload that fits into 1280 bytes with headers and
	// options (RFC 8200 section 5; tunnels of IPv4 keep to it) is lost for another reason.
	smallMTU = 1200
	// holeWait is for how long bytes must be missing for their sender to have sent
	// them again: Linux does so after 200 ms, RFC 6298 after 1 s.
	holeWait = int64(3 * time.Second)
)

var ruleMTUBlackHole = Rule{
	ID: "mtu-black-hole", Title: "Large segments seem to get lost, small ones pass",
	Severity: Warning, About: "data",

	Seen: "A segment is sent three times or more and is not acknowledged to the end, though the peer goes on sending, and none as large of the same " +
		"sender got through before. Or, captured near the receiver: bytes are missing for 3 s or more, to the end, in front of smaller segments that came.",
	Means: "A link on the way has a smaller MTU (a tunnel, a VPN, an overlay network, PPPoE) and the ICMP message that would tell the sender is " +
		"filtered or was never sent: the sender goes on with segments that nothing can carry. A link that loses much may look the same, and so does a " +
		"firewall that drops what is in them.",
	Apps: "connect() and small requests work; the first large answer, upload or TLS certificate never comes, until one end's time-out. write() " +
		"succeeds into the send buffer.",
	Check: "ping -M do -s 1472 ADDRESS from both ends and tracepath ADDRESS: what is the largest that passes? Let ICMP type 3 code 4 and ICMPv6 type " +
		"2 through every firewall; else clamp the MSS (iptables TCPMSS --clamp-mss-to-pmtu), set the interface's MTU right, or " +
		"net.ipv4.tcp_mtu_probing=1. See path-mtu.",
	Sources: "RFC 2923 section 2.1; RFC 4821; Linux tcp_mtu_probing()",

	detect: func(ev *evidence) []Finding {
		for x := Client; x <= Server; x++ {
			e, p := &ev.c.end[x], &ev.c.end[x.Other()]
			if v := e.vain; ev.lostForSize(x) && p.time > v.first {
				sure, detail := Possible, "No segment as large of its sender got through before; the handshake did."
				if p.sackWidth() > 0 {
					sure, detail = Probable, "A smaller one behind it arrived, as the receiver reports (SACK)."
				}
				return one(x, sure, v.list(), fmt.Sprintf("the %s sent %s again %s over %s in vain, while the %s went on answering", x, words.Count(v.len, "byte"), times(v.n), seconds(v.last-v.first), x.Other()),
					detail+" Probably a link on the way has a smaller MTU, and its ICMP message does not reach the sender.")
			}
			if hole, wait := ev.missing(x); hole >= smallMTU && wait >= holeWait {
				return one(x, Possible, []int{e.payloadFrame}, fmt.Sprintf("%s of the %s did not come in %s, but smaller segments behind them did", words.Count(hole, "byte"), x, seconds(wait)),
					"Their sender repeats such bytes after 200 ms to 1 s (RFC 6298): they were lost each time. Probably a link on the way has a smaller MTU, and its ICMP message does not reach the sender.")
			}
		}
		return nil
	},
}

// lostForSize reports whether side sent the same again and again to no acknowledgement, and
// nothing as large of it is known to have got through.
func (ev *evidence) lostForSize(side Side) bool {
	e, p := &ev.c.end[side], &ev.c.end[side.Other()]
	v := e.vain
	return v != nil && v.n >= deathCopies && v.len >= smallMTU && e.is(hasSYN) && p.ack == v.seq &&
		uint32(v.seq.Sub(e.origin().Add(1))) < v.len && p.sackWidth() < v.len
}

// missing returns how many bytes of side its peer waits for that did not pass here, and for
// how long, where none of its segments that came can have been a full one.
func (ev *evidence) missing(side Side) (bytes uint32, wait int64) {
	e, p := &ev.c.end[side], &ev.c.end[side.Other()]
	if !e.is(hasSYN) || !p.is(hasACK) || e.bytes() == 0 || e.bytes() >= uint64(p.largest()) {
		return 0, 0
	}
	for hole := range e.passed.Holes(e.origin()) {
		if hole.Left == p.ack {
			end := ev.c.lastTime
			if ev.v.Closed == ClosedOpen || ev.v.Closed == ClosedHalf {
				end = ev.end
			}
			return uint32(hole.Right.Sub(hole.Left)), end - e.payloadTime
		}
		break
	}
	return 0, 0
}

// sackWidth is the most bytes in a row beyond its acknowledgement that e reported.
func (e *endpoint) sackWidth() uint32 {
	if e.meter == nil || e.meter.hitches == nil {
		return 0
	}
	return e.meter.sacked
}
