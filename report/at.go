package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/moment"
	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

// Instant is a frame of a capture, or a moment. The zero Instant is the capture's
// start.
type Instant struct {
	frame  int
	moment moment.Moment // if there is no frame
}

// ParseInstant reads a frame number ("40"), or a moment as moment.Parse does; seconds
// from the start that are a whole number need their unit ("40s").
func ParseInstant(s string) (Instant, error) {
	if n, err := strconv.Atoi(s); err == nil && n > 0 && s[0] != '+' {
		return Instant{frame: n}, nil
	}
	m, err := moment.Parse(s)
	if err != nil {
		return Instant{}, fmt.Errorf("%q is no moment: give a frame (40), a time from the start (12.5s) or a time (2006-01-02T15:04:05.5Z)", s)
	}
	return Instant{moment: m}, nil
}

// ssNames are the states as ss(8) prints them, by tcp.State.
var ssNames = [...]string{"UNCONN", "LISTEN", "SYN-SENT", "SYN-RECV", "ESTAB",
	"FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"}

// NewSocketsAt returns a Writer that prints the sockets that existed at one
// moment, as ss -tan would have shown them on each host: an endpoint of a
// conversation is a socket from its first state until CLOSED. Both hosts' are
// listed, by local address. Listening sockets are left out: a capture does not
// tell what they are bound to, nor since when.
func NewSocketsAt(w io.Writer, at Instant) Writer { return &socketsAt{out: w, at: at} }

type socketsAt struct {
	out   io.Writer
	at    Instant
	ends  []timedEnd
	steps []timedStep // of all ends, one after another
	known int64       // the latest time that some frame up to at.frame is known to have passed
	any   bool
}

// timedEnd is one endpoint; its timeline is the next steps entries.
type timedEnd struct {
	local, peer netip.AddrPort
	id, steps   int
}

type timedStep struct {
	time     int64
	frame    int
	state    tcp.State
	evidence analyzer.Evidence
}

func (s *socketsAt) Conversation(c *analyzer.Conversation) error {
	s.pass(c.FirstFrame, c.First)
	s.pass(c.LastFrame, c.Last)
	for i := range c.Rows {
		s.pass(c.Rows[i].Frame, c.Rows[i].Time)
	}
	for side := range c.Endpoints {
		e := &c.Endpoints[side]
		s.ends = append(s.ends, timedEnd{e.Addr, c.Endpoints[1-side].Addr, c.ID, len(e.Timeline)})
		for _, t := range e.Timeline {
			s.pass(t.Frame, t.Time)
			s.steps = append(s.steps, timedStep{t.Time, t.Frame, t.State, t.Evidence})
		}
	}
	return nil
}

// pass notes when a frame passed, to know the time of the frame asked for.
func (s *socketsAt) pass(frame int, t int64) {
	if frame > 0 && frame <= s.at.frame && (!s.any || t > s.known) {
		s.known, s.any = t, true
	}
}

// socket is one line of the table.
type socket struct {
	timedEnd
	timedStep
}

func (s *socketsAt) End(c *Capture, _ []analyzer.Finding) error {
	at := s.at.moment.In(c.First)
	switch {
	case s.at.frame > c.Frames:
		return fmt.Errorf("frame %d: the capture has %d", s.at.frame, c.Frames)
	case s.at.frame > 0 && s.any:
		at = s.known
	}
	if c.Frames == 0 {
		_, err := io.WriteString(s.out, "no sockets: the capture holds no frame\n")
		return err
	}
	beyond := at > c.Last // nothing is known of that: the last that is known is shown
	at = min(at, c.Last)
	var found []socket
	steps := s.steps
	for _, e := range s.ends {
		last := -1
		for i, t := range steps[:e.steps] {
			if s.at.frame > 0 && t.frame > 0 {
				if t.frame <= s.at.frame {
					last = i
				}
			} else if t.time <= at {
				last = i
			}
		}
		if last >= 0 && steps[last].state > tcp.Listen {
			found = append(found, socket{e, steps[last]})
		}
		steps = steps[e.steps:]
	}
	slices.SortFunc(found, func(a, b socket) int {
		return cmp.Or(a.local.Addr().Compare(b.local.Addr()), cmp.Compare(a.state, b.state), cmp.Compare(a.local.Port(), b.local.Port()),
			a.peer.Compare(b.peer), cmp.Compare(a.id, b.id))
	})
	return s.print(c, at, beyond, found)
}

func (s *socketsAt) print(c *Capture, at int64, beyond bool, found []socket) error {
	out := bufio.NewWriter(s.out)
	fmt.Fprintf(out, "%s at %s, %s after the start", words.Count(len(found), "socket"), clock(at), length(at-c.First))
	switch {
	case s.at.frame > 0:
		fmt.Fprintf(out, ", once frame %d had passed", s.at.frame)
	case beyond:
		out.WriteString(", where the capture ends")
	}
	out.WriteString("\n")
	if len(found) > fewSockets {
		out.WriteString(countStates(found) + "\n")
	}
	if len(found) > 0 {
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "\nState\tLocal Address:Port\tPeer Address:Port\tFor\tKnown by\tConversation")
		for _, f := range found {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s s\t%s\t%d\n", ssNames[f.state], f.local, f.peer, seconds(max(0, at-f.time)), f.evidence, f.id)
		}
		w.Flush()
	}
	return out.Flush()
}

// fewSockets are counted at a glance.
const fewSockets = 20

// countStates says how many sockets are in each state, the most first.
func countStates(found []socket) string {
	var n [len(ssNames)]int
	for _, f := range found {
		n[f.state]++
	}
	var states []tcp.State
	for i := range n {
		if n[i] > 0 {
			states = append(states, tcp.State(i))
		}
	}
	slices.SortStableFunc(states, func(a, b tcp.State) int { return n[b] - n[a] })
	var out []string
	for _, s := range states {
		out = append(out, fmt.Sprintf("%d %s", n[s], ssNames[s]))
	}
	return strings.Join(out, ", ")
}
