package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// Measures are figures of one direction: what this endpoint sent, and how the
// other received it. docs/measures.md defines each. Durations are nanoseconds;
// 0 means not measured.
type Measures struct {
	HandshakeRTT int64  // its half of the handshake's round trip, from the point of capture to this endpoint and back
	WindowMax    uint32 // largest and smallest receive window it advertised, in bytes, after its SYN; scaled where the scale is known
	WindowMin    uint32
	LongestIdle  int64 // longest pause between two segments of the conversation while open

	PayloadBytes uint64 `json:",omitempty"` // payload sent, with copies counted again; Endpoint.Bytes has the unique ones

	// Retransmissions by what seems to have triggered them: a retransmission
	// timer (RFC 6298), duplicate ACKs or SACK (RFC 5681, 6675), the probe for a
	// lost tail (RFC 8985 section 7), or something else. They add up to
	// Endpoint.Retransmissions.
	Timeouts, FastRetransmissions             int    `json:",omitempty"`
	TailRetransmissions, OtherRetransmissions int    `json:",omitempty"`
	Spurious                                  int    `json:",omitempty"` // D-SACKs of the peer: it had the bytes already (RFC 2883)
	RetransmittedBytes                        uint64 `json:",omitempty"`

	OutOfOrder    int `json:",omitempty"` // segments that others overtook
	DuplicateACKs int `json:",omitempty"` // that it sent
	SACKs, DSACKs int `json:",omitempty"` // segments with SACK blocks that it sent, and those of them that report a duplicate

	// RTT of what it sent: from a segment with data or FIN to the ACK that covers
	// it, both at the point of capture, without what was sent again (Karn). The
	// median and the 95th percentile are exact for up to 16 samples; of more they
	// are at most 6.25 % off.
	RTTSamples                        int   `json:",omitempty"`
	RTTMin, RTTMedian, RTTP95, RTTMax int64 `json:",omitempty"`

	InFlightMax   uint32 `json:",omitempty"` // most bytes sent and not yet acknowledged, at the point of capture
	InitialWindow uint32 `json:",omitempty"` // bytes sent before the first ACK of any of them; only if its SYN was captured

	ZeroWindow int64 `json:",omitempty"` // how long its receive window was closed
	WindowFull int64 `json:",omitempty"` // how long its peer's window had no room for more

	DataTime int64 `json:",omitempty"` // from its first payload to its last
	// Limited says what kept it from sending more: "application", "receiver" or
	// "network", where one of them took more than half of DataTime; a probable
	// label, and "" for less than ten segments with payload.
	Limited string `json:",omitempty"`
	// How much of DataTime each of the three took.
	LimitedByApplication int64 `json:",omitempty"`
	LimitedByReceiver    int64 `json:",omitempty"`
	LimitedByNetwork     int64 `json:",omitempty"`
}

// Throughput is unique payload bytes a second over DataTime; 0 if that is 0.
func (e *Endpoint) Throughput() float64 {
	if e.Measures.DataTime == 0 {
		return 0
	}
	return float64(e.Bytes) * float64(time.Second) / float64(e.Measures.DataTime)
}

// Agreed is what both SYNs offered, so that the connection has it.
type Agreed struct {
	Known       bool // both SYNs were captured; else nothing below is set
	WindowScale bool // RFC 7323 section 2
	Timestamps  bool // RFC 7323 section 3
	SACK        bool // RFC 2018 section 2
	ECN         bool // RFC 3168 section 6.1.1
	MPTCP       bool // RFC 8684 section 3.1
	FastOpen    bool // the server took the data of the SYN (RFC 7413)
}

func (c *conn) agreed() Agreed {
	x, y := &c.end[Client], &c.end[Server]
	if !x.is(hasSYN) || !y.is(hasSYN) {
		return Agreed{}
	}
	both := func(o tcp.OptionSet) bool { return x.offered.has(o) && y.offered.has(o) }
	return Agreed{Known: true, WindowScale: both(tcp.OptWindowScale), Timestamps: both(tcp.OptTimestamps), SACK: both(tcp.OptSACKPermitted),
		ECN: x.is(hasECN) && y.is(hasECN), MPTCP: both(tcp.OptMPTCP), FastOpen: c.facts&factSYNDataAcked != 0}
}

// TimeIn is how long a side was in each state, in nanoseconds by tcp.State, from
// its first known state to the last segment of the conversation.
func (c *Conversation) TimeIn(side Side) (in [tcp.TimeWait + 1]int64) {
	timeline := c.Endpoints[side].Timeline
	for i, t := range timeline {
		until := c.Last
		if i+1 < len(timeline) {
			until = min(until, timeline[i+1].Time)
		}
		in[t.State] += max(0, until-t.Time)
	}
	return in
}

// measures gathers the figures of what side sent.
func (c *conn) measures(side Side) Measures {
	e := &c.end[side]
	m := e.meter
	if m == nil {
		m = &meter{}
	}
	count := func(k obsKind) int {
		if o := c.observed(k, side); o != nil {
			return o.n
		}
		return 0
	}
	out := Measures{HandshakeRTT: c.handshakeRTT(side), WindowMax: e.windowMax, WindowMin: e.windowMin, LongestIdle: c.longPause,
		PayloadBytes: m.payload, OutOfOrder: count(obsOutOfOrder), DuplicateACKs: count(obsDupACK),
		InFlightMax: m.flight, InitialWindow: m.initial,
		LimitedByApplication: m.waits[byApplication], LimitedByReceiver: m.waits[byReceiver], LimitedByNetwork: m.waits[byNetwork]}
	if p := c.end[side.Other()].meter; p != nil && p.hitches != nil {
		out.Spurious = int(p.dsacks)
	}
	if h := m.hitches; h != nil {
		out.SACKs, out.DSACKs = int(h.sacks), int(h.dsacks)
		out.ZeroWindow, out.WindowFull = h.zero.total(c.lastTime), h.full.total(c.lastTime)
		a := &h.again
		out.Timeouts, out.FastRetransmissions = a.n[byTimeout], a.n[byFast]
		out.TailRetransmissions, out.OtherRetransmissions = a.n[byTail], a.n[byOther]
		out.RetransmittedBytes = a.bytes
	}
	if n := int(m.rtt.n); n > 0 {
		out.RTTSamples, out.RTTMin, out.RTTMax = n, m.rtt.min, m.rtt.max
		out.RTTMedian, out.RTTP95 = m.rtt.quantile(50), m.rtt.quantile(95)
	}
	if m.payload > 0 {
		out.DataTime = e.payloadTime - m.firstData
	}
	if m.dataSegments >= fewestToJudge {
		out.Limited = m.limited()
	}
	return out
}
