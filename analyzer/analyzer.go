package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// Options tunes an Analyzer. The zero Options is ready to use.
type Options struct {
	TimeWait time.Duration // how long TIME_WAIT lasts; 0 means 60 s (Linux, TCP_TIMEWAIT_LEN)

	MaxConversations int // conversations in memory; 0 means 1 000 000

	// Rows is how many ladder rows to keep of each conversation; 0 keeps none.
	Rows int
	// RowsOf limits ladders to the conversations with these ids; nil means all.
	RowsOf map[int]bool

	// Scope names the virtual network of a segment for people; nil leaves
	// Conversation.Scope empty.
	Scope func(id uint32) string

	// Done is handed each conversation when it is over or the capture ends.
	Done func(*Conversation)
}

// Analyzer follows every TCP conversation of one capture. It is not safe for
// concurrent use.
type Analyzer struct {
	o Options
}

// New returns an Analyzer.
func New(o Options) *Analyzer { return &Analyzer{o: o} }

// Add takes the next segment of the capture. Nothing of s is kept.
func (a *Analyzer) Add(s *tcp.Segment) {}

// AddICMP takes the next ICMP error about a TCP segment.
func (a *Analyzer) AddICMP(e *tcp.ICMPError) {}

// Close hands on the conversations that are still open, in the order of their
// ids, and returns the findings about several conversations.
func (a *Analyzer) Close() []Finding { return nil }

// Summary says what the analyzer saw and what bounds it reached.
type Summary struct {
	Segments      int
	Conversations int
	Evicted       int // conversations handed on early to bound memory
}

// Summary returns the counts so far.
func (a *Analyzer) Summary() Summary { return Summary{} }
