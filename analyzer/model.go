package analyzer

import (
	"net/netip"
	"sync"
	"time"

	"tcpreplay-fsm/protocol"
	"tcpreplay-fsm/tcp"
)

// Side is one of the two ends of a conversation. The client is who sent the
// first SYN; without a SYN, who looks like it (Conversation.InitiatorKnown).
type Side uint8

const (
	Client Side = iota
	Server
	Both    // of findings only
	Network // of findings only: neither end, but what lies between
)

// Other returns the opposite end.
func (s Side) Other() Side { return s ^ 1 }

func (s Side) String() string { return [...]string{"client", "server", "both", "network"}[s&3] }

// Evidence says how a transition is known.
type Evidence uint8

const (
	Sent     Evidence = iota // its own segment shows it
	Acked                    // its own later segment proves the receipt
	Presumed                 // the segment passed towards it; no proof of receipt was seen
	Timer                    // time alone: 2 MSL over, or what it sent again and again given up
	Adopted                  // the capture began later: the state it must already have been in
)

func (e Evidence) String() string {
	return [...]string{"sent", "acked", "presumed", "timer", "adopted"}[e]
}

// Transition is one change of an endpoint's state.
type Transition struct {
	State    tcp.State // the state entered
	Event    tcp.Event // what happened, from this endpoint's chair; NoEvent for an adopted state
	Frame    int       // the segment that caused it; 0 only for evidence Timer
	Time     int64     // when that segment passed, or when the timer ran out, Unix nanoseconds
	Evidence Evidence
	Cause    string // in plain words, such as "received FIN"
	Ref      string // the text that requires it, such as "RFC 9293 3.10.7.4"
}

// Opened is how a conversation began.
type Opened string

const (
	OpenedThreeWay     Opened = "three-way"
	OpenedSimultaneous Opened = "simultaneous"
	OpenedFastOpen     Opened = "fast-open"
	OpenedRefused      Opened = "refused"
	OpenedTimeout      Opened = "timeout"
	OpenedAborted      Opened = "aborted"
	OpenedIncomplete   Opened = "incomplete"
	OpenedMidstream    Opened = "midstream"
)

// ClosedHow is how a conversation ended.
type ClosedHow string

const (
	ClosedFourSegment  ClosedHow = "four-segment"
	ClosedThreeSegment ClosedHow = "three-segment"
	ClosedSimultaneous ClosedHow = "simultaneous"
	ClosedReset        ClosedHow = "reset"
	ClosedHalf         ClosedHow = "half-closed"
	ClosedTimeout      ClosedHow = "timeout"
	ClosedRefused      ClosedHow = "refused"
	ClosedOpen         ClosedHow = "open"
)

// Severity ranks findings.
type Severity uint8

const (
	Info Severity = iota
	Notice
	Warning
	Error
)

func (s Severity) String() string { return [...]string{"info", "notice", "warning", "error"}[s] }

// Confidence says how sure a finding is.
type Confidence uint8

const (
	Possible Confidence = iota
	Probable
	Certain
)

func (c Confidence) String() string { return [...]string{"possible", "probable", "certain"}[c] }

// Finding is something odd in the traffic, or worth knowing.
type Finding struct {
	ID            string // of its rule, such as "keepalive"
	Severity      Severity
	Side          Side
	Confidence    Confidence
	Frames        []int  // at least one; the first are the most telling; bounded
	Summary       string // one line
	Detail        string // what happened, what the application saw, what to check
	Conversations []int  // ids; only of findings about several conversations
}

// Endpoint is what is known of one side of a conversation.
type Endpoint struct {
	Addr     netip.AddrPort
	State    tcp.State // at the end of the capture, or when the conversation was over
	Timeline []Transition

	Segments        int
	Bytes           uint64 // unique payload bytes sent, as told by sequence numbers
	Retransmissions int    // segments that carried only bytes sent before
	Resets          int    // RSTs from this address, valid or not

	Unanswered  uint64 // payload bytes that passed towards it after it last sent payload
	LastPayload int64  // when it last sent payload, Unix nanoseconds; 0 for never
	Last        int64  // when it last sent anything; 0 for never

	ISN      tcp.Seq // initial sequence number, or the first one seen
	ISNKnown bool    // its SYN was captured

	// What its SYN offered; meaningful only when ISNKnown.
	Offered tcp.Options

	Measures Measures
}

// entered returns the transition into st, or nil.
func (e *Endpoint) entered(st tcp.State) *Transition {
	for i := range e.Timeline {
		if e.Timeline[i].State == st {
			return &e.Timeline[i]
		}
	}
	return nil
}

// ResetFate is what became of a RST at its receiver.
type ResetFate string

const (
	ResetAccepted  ResetFate = "accepted"      // it ended the receiver's connection
	ResetChallenge ResetFate = "challenge-ack" // in the window but not exact: answered with an ACK (RFC 5961 section 3)
	ResetIgnored   ResetFate = "ignored"       // its numbers are not acceptable, or it lacks the TCP signature
	ResetSurvived  ResetFate = "not-arrived"   // it should have ended the connection, but the receiver talked on
	ResetNoTarget  ResetFate = "no-connection" // the receiver had none, or none any more
)

// Reset is the verdict about one RST.
type Reset struct {
	Frame int
	Time  int64 // Unix nanoseconds
	Side  Side  // whose address it carries

	// Reply is set if it has the form of a RST that answers a segment. The other
	// form is that of a socket that aborts.
	Reply   bool
	Trigger int // the frame that a reply answers; 0 if the capture does not hold it

	Cause      string   // such as "unread-data"; docs/json.md lists them
	Reasons    []string // of the kernel's enum sk_rst_reason, the likeliest first; several where the wire cannot tell
	Confidence Confidence
	Summary    string // the cause in words

	Fate ResetFate
	Why  string // Fate in words

	// What the application of each side saw, by Side; empty where that cannot be told.
	Saw [2]string

	// Injected says why somebody else seems to have sent it, a sign each; nil if
	// nothing does.
	Injected []string
}

// Row is one line of a conversation's ladder: a segment, and the states of
// both sides after it.
type Row struct {
	Frame    int
	Time     int64 // Unix nanoseconds
	From     Side
	Flags    tcp.Flags
	Seq, Ack tcp.Seq // absolute; subtract the ISN for display
	Len      uint32
	Window   uint32      // bytes, scaled where the scale is known
	SACK     []tcp.Block // blocks it carried; nil for most
	InFlight [2]uint32   // bytes that each side has sent and its peer not acknowledged, after this segment
	RTT      int64       // nanoseconds from the newest segment that it is the first to acknowledge; 0 if that was not timed, or too short for the clock
	States   [2]tcp.State
	Evidence [2]Evidence
	Changed  [2]bool  // this frame changed the state of that side
	Known    [2]bool  // false before the first state of that side is known
	Marks    []string // short names of what the segment is, such as "retransmission"
	Note     string   // plain words; empty for most rows
	Comment  string   // the frame's comment in the capture
	ICMP     bool     // an ICMP error that quotes a segment; From is who the error went to
}

// Conversation is one incarnation of a TCP 4-tuple, with all that was inferred.
// The analyzer hands it over when it is over or the capture ends; it belongs to
// the receiver from then on.
type Conversation struct {
	ID             int // by first frame, from 0; Wireshark's tcp.stream where that is right
	InitiatorKnown bool
	Scope          string // VLANs and tunnels, or ""

	FirstFrame, LastFrame int
	First, Last           int64 // Unix nanoseconds
	Segments              int

	Endpoints [2]Endpoint // by Side
	Agreed    Agreed      // the options both SYNs offered

	// Protocol is a guess from the first bytes; the zero Label if they told nothing
	// or Options.Labels is off.
	Protocol protocol.Label
	// HTTPRequests is how many HTTP/1 requests its client began to send, at least;
	// 0 for what is not HTTP. More than one is HTTP keep-alive, which has nothing to
	// do with TCP's. HTTPVersion is that of the newest, such as "1.1".
	HTTPRequests int
	HTTPVersion  string

	Opened   Opened
	Closed   ClosedHow
	ClosedBy string // "client", "server", "both" or "none"
	Verdict  string // a sentence: who closed, how and why; and what HTTP or TLS tells of that
	Facts    []string
	Findings []Finding // most severe first

	// Resets has a verdict for each RST, in the order of frames. ResetsOmitted
	// counts those that its bound left out.
	Resets        []Reset
	ResetsOmitted int

	// Rows is the ladder, nil unless it was asked for. RowsOmitted counts
	// segments left out of it by its bound.
	Rows        []Row
	RowsOmitted int
	RowsGapAt   int // index in Rows before which the omitted rows stood; 0 if none

	// LoadRows fills these three if Options.RowsLater left them empty; else it is
	// nil. It is to be called once at most, and before Release.
	LoadRows func()
	spent    *conn // what Release gives back as well: LoadRows still needs it

	// Series is what graphs are drawn of, nil unless it was asked for; bounded as
	// Rows is.
	Series        []Point
	SeriesOmitted int
	SeriesGapAt   int // index in Series before which the omitted points stood; 0 if none
}

// conversations are those given back.
var conversations = sync.Pool{New: func() any { return new(Conversation) }}

// Release gives the memory of c and of its timelines back, to be used for another
// conversation: a capture may hold millions. Who does so must keep neither; what
// else hangs on c stays as it is. It need not be called.
func (c *Conversation) Release() {
	if c.spent != nil {
		c.spent.release()
	}
	client, server := c.Endpoints[Client].Timeline[:0], c.Endpoints[Server].Timeline[:0]
	*c = Conversation{}
	c.Endpoints[Client].Timeline, c.Endpoints[Server].Timeline = client, server
	conversations.Put(c)
}

// Duration is the time from the first to the last segment.
func (c *Conversation) Duration() time.Duration { return time.Duration(c.Last - c.First) }

// Worst is the highest severity among the findings, and whether there is one.
func (c *Conversation) Worst() (Severity, bool) {
	worst, any := Info, false
	for i := range c.Findings {
		any = true
		worst = max(worst, c.Findings[i].Severity)
	}
	return worst, any
}
