package analyzer

import (
	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

// conn is one incarnation of a 4-tuple while it is followed. It holds counters
// for every segment and a log of the few that can change a state; what the
// endpoints' states were is worked out from the log (replay.go) when somebody
// asks, with all that was seen since as proof.
type conn struct {
	tuple tcp.Tuple // from the client to the server
	id    int32     // -1 until it is certain that this is a conversation of its own
	slot  int32     // its place in Analyzer.conns
	scope [2]uint32 // by sending side, once bound
	bound [2]bool
	roles roles

	listed  bool // it is certain to be a conversation of its own
	closing bool // a FIN or RST was seen: from here on the log takes more
	logFull bool
	steady  bool  // its next segments may be foretold (predict.go)
	heard   uint8 // segments listened to for its label
	facts   factBits

	firstFrame, lastFrame int
	first, lastTime       int64

	end [2]endpoint
	log entries
	obs *observations // nil until there was one
	*seldom

	longPause int64

	next *conn // the next conversation with the same key in the table

	label *heard // nil if its first bytes told nothing so far
}

// seldom is what few conversations have.
type seldom struct {
	rows      *ladder // nil if it is not wanted
	rare      []rareEntry
	icmp      []icmpSeen
	copies    int        // segments recorded more than once by the capture itself
	challenge *challenge // what may draw a challenge ACK; nil if nothing

	prior         *conn        // the incarnation its SYN met, while it is open whether it was accepted
	heir          *conn        // the incarnation that may follow it; the inverse of prior
	syn           *tcp.Segment // the SYN that opened it, while prior is set
	copied        bool         // while prior is set: that SYN is a copy of the one that opened prior
	succ          *successor   // nil if none
	reuse         *reuse
	rst           []resetSeen
	resetsOmitted int         // RSTs beyond those kept in rst
	tls           *tlsTrouble // nil if none was seen
	conflicts     []conflict  // known only to who keeps the bytes; filled in when it is over
}

// usual is the seldom of most conversations: nothing. It is only read.
var usual seldom

// seldomly returns where to put what few conversations have.
func (c *conn) seldomly() *seldom {
	if c.seldom == &usual {
		c.seldom = new(seldom)
	}
	return c.seldom
}

// successor is the SYN that took the 4-tuple over from this incarnation.
type successor struct {
	frame int
	time  int64
	side  Side // of this incarnation, who sent it

	answered bool // with a SYN,ACK: it was for real
}

// roles says how the client was told from the server.
type roles uint8

const (
	rolesGuessed roles = iota // by port, or by who spoke first
	rolesSYNACK               // the receiver of a SYN,ACK is the client
	rolesSYN                  // who sent the first SYN is the client
)

// segments is how many both sides sent.
func (c *conn) segments() uint32 { return c.end[0].segments + c.end[1].segments }

// spokeBefore is when the conversation last spoke before frame, as far as kept.
func (c *conn) spokeBefore(frame int) int64 {
	last := c.first
	for x := range c.end {
		for _, r := range c.end[x].recent {
			if r.frame != 0 && r.frame < frame {
				last = max(last, r.time)
			}
		}
	}
	return last
}

// endpoint is what is known of one side from the segments it sent.
type endpoint struct {
	segments, resets uint32

	passed     reassembly.Ranges // sequence numbers it sent that passed; SYN and FIN count
	isn        tcp.Seq           // of its SYN, else the first number seen
	nxt        tcp.Seq           // end of the highest segment: SND.NXT as far as known
	top        tcp.Seq           // end of the highest payload byte, SYN or FIN
	ack        tcp.Seq           // highest acknowledgement it sent: RCV.NXT as far as known
	has        endpointBits
	scale      uint8
	steps      uint8  // from isn to origin (span.go)
	window     uint16 // as last advertised, not scaled
	linkSource uint16 // tcp.Segment's, of its first segment that had one

	advance ackAdvance // its newest new acknowledgement
	*trouble

	offered  synOptions // of its SYN
	tsRecent uint32     // highest TSval it sent in order
	bursts   uint16     // how often its peer, silent meanwhile, was sent payload anew; at most what fits
	opened   uint8      // plain segments logged since its SYN

	recent               [3]recent // its newest segments, the newest first: a RST's trigger is among the peer's
	payloadFrame         int       // its newest segment with payload
	payloadTime          int64
	answered             uint64 // payload its peer had sent when it last sent payload itself
	time                 int64  // when it last sent
	windowMin, windowMax uint32 // bytes, of what it advertised in other segments than SYNs; 0 until then
	meter                *meter // nil until it sent payload, a FIN or what is worth counting
}

type endpointBits uint16

const (
	hasSeq         endpointBits = 1 << iota // it sent something: isn, nxt and top are set
	hasSYN                                  // isn is from its SYN
	hasACK                                  // ack is set
	hasFIN                                  // it sent a FIN
	hasTS                                   // tsRecent is set
	hasWindow                               // window is set
	hasData                                 // it sent payload
	hasECN                                  // its SYN offered ECN
	hasLinkSources                          // its segments came from several link addresses
	hasKey                                  // its SYN, or the first of its segments, is signed
)

func (e *endpoint) is(b endpointBits) bool { return e.has&b == b }

// windowBytes is the window it last advertised, in bytes.
func (e *endpoint) windowBytes() uint32 { return uint32(e.window) << e.scale }

// trouble is what few endpoints have.
type trouble struct {
	beyond *ackBeyond  // an acknowledgement of what was not seen, while it is open what that means; else nil
	lost   *gap        // the newest of its bytes that were acknowledged but never seen; nil if none
	tail   *unanswered // what it sent again and again with no answer so far
	vain   *vain       // what it sent again and again with no acknowledgement so far

	resetsElsewhere uint32 // RSTs it sent to segments of the incarnation before, or another in its name (signature.go)
}

// noTrouble is the trouble of most endpoints. It is only read.
var noTrouble trouble

// troubled returns where to put what few endpoints have.
func (e *endpoint) troubled() *trouble {
	if e.trouble == &noTrouble {
		e.trouble = new(trouble)
	}
	return e.trouble
}

// ackAdvance is when an endpoint's acknowledgement last moved.
type ackAdvance struct {
	from, to tcp.Seq
	frame    int
	time     int64
}

// ackBeyond is an acknowledgement of more than the capture holds: either the
// capture lost segments, or the acknowledgement is bogus (RFC 5961 section 5).
type ackBeyond struct {
	before tcp.Seq // the endpoint's acknowledgement until then
	edge   tcp.Seq // how far the peer had been seen to send
	frame  int
	time   int64
}

// gap is a range that was acknowledged but never captured.
type gap struct {
	tcp.Block
	frame int // which acknowledged it
	time  int64
	total uint64
}

// synOptions is what a SYN offers.
type synOptions struct {
	set            tcp.OptionSet
	mss            uint16
	windowScale    uint8
	fastOpenCookie uint8
	mptcpSubtype   uint8
}

func (o synOptions) has(want tcp.OptionSet) bool { return o.set&want == want }

func offeredBy(o *tcp.Options) synOptions {
	return synOptions{o.Set, o.MSS, o.WindowScale, o.FastOpenCookie, o.MPTCPSubtype}
}

func (o synOptions) options() tcp.Options {
	return tcp.Options{Set: o.set, MSS: o.mss, WindowScale: o.windowScale, FastOpenCookie: o.fastOpenCookie, MPTCPSubtype: o.mptcpSubtype}
}

// recent is one of an endpoint's newest segments.
type recent struct {
	frame    int
	time     int64
	seq, ack tcp.Seq
	len      uint32
	tsval    uint32
	flags    tcp.Flags
	ipid     uint16
	window   uint16
	ttl      uint8
	link     uint8 // the capture interface, modulo 256
}

// factBits are neutral facts; Conversation.Facts spells them.
type factBits uint16

const (
	factDataInHandshakeACK factBits = 1 << iota
	factFINWithData
	factSeqWrap
	factECN
	factMPTCP
	factUrgent
	factCookieRequest
	factSYNData
	factSYNDataAcked
	factTurned // client and server changed places (crossing.go); a Sink knows them as they were
)

// challenge is a segment that its receiver may answer with a challenge ACK
// (RFC 5961).
type challenge struct {
	frame int
	time  int64
	side  Side // who would send it
}
