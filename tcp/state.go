package tcp

import "strconv"

// State is a state of RFC 9293 section 3.3.2. The zero State is CLOSED.
type State uint8

const (
	Closed State = iota
	Listen
	SynSent
	SynRcvd
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
	numStates
)

var stateNames = [numStates]string{"CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD", "ESTABLISHED",
	"FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT"}

func (s State) String() string {
	if s < numStates {
		return stateNames[s]
	}
	return "State(" + strconv.Itoa(int(s)) + ")"
}

// States lists all eleven states.
func States() []State {
	out := make([]State, numStates)
	for i := range out {
		out[i] = State(i)
	}
	return out
}

// Synchronized reports whether s is one of the states in which both initial
// sequence numbers are known (RFC 9293 section 3.5.2, group 3).
func (s State) Synchronized() bool { return s >= Established && s < numStates }

// Event is something that happened to one endpoint, named from its own chair.
// All sequence arithmetic is done before an Event exists: RecvFIN means a FIN
// that the endpoint accepted, with all data before it.
type Event uint8

const (
	NoEvent Event = iota
	OpenPassive
	SentSYN
	SentSYNACK
	RecvSYN
	RecvSYNACK
	RecvAckOfSYN
	SentFIN
	RecvFIN
	RecvAckOfFIN
	SentRST
	RecvRST
	Expire2MSL
	GiveUp
	Reuse
	numEvents
)

var eventNames = [numEvents]string{"", "passive open", "sent SYN", "sent SYN,ACK", "received SYN", "received SYN,ACK",
	"received ACK of SYN", "sent FIN", "received FIN", "received ACK of FIN", "sent RST", "received RST",
	"2 MSL over", "gave up", "4-tuple reused"}

func (e Event) String() string {
	if e < numEvents {
		return eventNames[e]
	}
	return "Event(" + strconv.Itoa(int(e)) + ")"
}

// Events lists all events.
func Events() []Event {
	var out []Event
	for e := OpenPassive; e < numEvents; e++ {
		out = append(out, e)
	}
	return out
}

// Arrow is one transition of the state machine.
type Arrow struct {
	From State
	On   Event
	To   State
	Ref  string // the text that requires it: an RFC 9293 section, or another source by name
}

// arrows is figure 5 of RFC 9293, an arrow a row, in the order a reader meets
// them in the figure; then resets, timers and what figure 5 leaves to the text.
var arrows = []Arrow{
	// Opening.
	{Closed, OpenPassive, Listen, "RFC 9293 3.10.1"},
	{Closed, SentSYN, SynSent, "RFC 9293 3.10.1"},
	{Listen, SentSYN, SynSent, "RFC 9293 3.10.2"},
	{Listen, RecvSYN, SynRcvd, "RFC 9293 3.10.7.2"},
	{SynSent, RecvSYN, SynRcvd, "RFC 9293 3.10.7.3"}, // simultaneous open
	{SynSent, RecvSYNACK, Established, "RFC 9293 3.10.7.3"},
	{SynRcvd, RecvAckOfSYN, Established, "RFC 9293 3.10.7.4"},
	{SynRcvd, RecvSYNACK, Established, "RFC 9293 3.5"}, // simultaneous open: the other SYN,ACK acknowledges ours (figure 7)

	// Closing first.
	{SynRcvd, SentFIN, FinWait1, "RFC 9293 3.10.4"},
	{Established, SentFIN, FinWait1, "RFC 9293 3.10.4"},
	{FinWait1, RecvAckOfFIN, FinWait2, "RFC 9293 3.10.7.4"},
	{FinWait1, RecvFIN, Closing, "RFC 9293 3.10.7.4"},
	{FinWait2, RecvFIN, TimeWait, "RFC 9293 3.10.7.4"},
	{Closing, RecvAckOfFIN, TimeWait, "RFC 9293 3.10.7.4"},

	// Closing second.
	{SynRcvd, RecvFIN, CloseWait, "RFC 9293 3.10.7.4"},
	{Established, RecvFIN, CloseWait, "RFC 9293 3.10.7.4"},
	{CloseWait, SentFIN, LastAck, "RFC 9293 3.10.4"},
	{LastAck, RecvAckOfFIN, Closed, "RFC 9293 3.10.7.4"},

	// A SYN,ACK sent again is no change; nor is a FIN received again, which
	// restarts TIME_WAIT.
	{SynRcvd, SentSYNACK, SynRcvd, "RFC 9293 3.10.7.2"},
	{CloseWait, RecvFIN, CloseWait, "RFC 9293 3.10.7.4"},
	{Closing, RecvFIN, Closing, "RFC 9293 3.10.7.4"},
	{LastAck, RecvFIN, LastAck, "RFC 9293 3.10.7.4"},
	{TimeWait, RecvFIN, TimeWait, "RFC 9293 3.10.7.4"},

	// A valid RST arrives. From SYN_RCVD figure 5 returns a passive opener to
	// LISTEN; the listening socket never left it, and the connection is gone.
	{SynSent, RecvRST, Closed, "RFC 9293 3.10.7.3"},
	{SynRcvd, RecvRST, Closed, "RFC 9293 3.10.7.4"},
	{Established, RecvRST, Closed, "RFC 9293 3.10.7.4"},
	{FinWait1, RecvRST, Closed, "RFC 9293 3.10.7.4"},
	{FinWait2, RecvRST, Closed, "RFC 9293 3.10.7.4"},
	{CloseWait, RecvRST, Closed, "RFC 9293 3.10.7.4"},
	{Closing, RecvRST, Closed, "RFC 9293 3.10.7.4"},
	{LastAck, RecvRST, Closed, "RFC 9293 3.10.7.4"},
	{TimeWait, RecvRST, Closed, "RFC 9293 3.10.7.4"}, // RFC 1337: TIME_WAIT assassination

	// Abort: the endpoint resets the connection, or shows that it has none.
	{SynSent, SentRST, Closed, "RFC 9293 3.10.5"},
	{SynRcvd, SentRST, Closed, "RFC 9293 3.10.5"},
	{Established, SentRST, Closed, "RFC 9293 3.10.5"},
	{FinWait1, SentRST, Closed, "RFC 9293 3.10.5"},
	{FinWait2, SentRST, Closed, "RFC 9293 3.10.5"},
	{CloseWait, SentRST, Closed, "RFC 9293 3.10.5"},
	{Closing, SentRST, Closed, "RFC 9293 3.10.5"},
	{LastAck, SentRST, Closed, "RFC 9293 3.10.5"},
	{TimeWait, SentRST, Closed, "RFC 9293 3.10.5"},

	// Time.
	{TimeWait, Expire2MSL, Closed, "RFC 9293 3.10.8"},
	{SynSent, GiveUp, Closed, "RFC 9293 3.10.8"},
	{SynRcvd, GiveUp, Closed, "RFC 9293 3.10.8"},
	{Established, GiveUp, Closed, "RFC 9293 3.10.8"},
	{FinWait1, GiveUp, Closed, "RFC 9293 3.10.8"},
	{FinWait2, GiveUp, Closed, "RFC 9293 3.10.8"}, // Linux: orphaned FIN_WAIT_2, net.ipv4.tcp_fin_timeout
	{CloseWait, GiveUp, Closed, "RFC 9293 3.10.8"},
	{Closing, GiveUp, Closed, "RFC 9293 3.10.8"},
	{LastAck, GiveUp, Closed, "RFC 9293 3.10.8"},

	// A new incarnation takes the 4-tuple over.
	{TimeWait, Reuse, Closed, "RFC 9293 3.6.1"},
}

// grid is arrows indexed for Next: the row of the arrow plus one, 0 for none.
var grid = func() (g [numStates][numEvents]uint8) {
	for i, a := range arrows {
		g[a.From][a.On] = uint8(i + 1)
	}
	return g
}()

// Arrows returns a copy of the whole table, in the order of RFC 9293 figure 5.
func Arrows() []Arrow { return append([]Arrow(nil), arrows...) }

// Next returns the arrow that leaves from on e. If there is none it returns
// false, and the caller decides whether that is a harmless repeat or odd.
func Next(from State, e Event) (Arrow, bool) {
	if from >= numStates || e >= numEvents || grid[from][e] == 0 {
		return Arrow{From: from, On: e, To: from}, false
	}
	return arrows[grid[from][e]-1], true
}
