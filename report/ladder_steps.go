package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

// step is one line of a ladder.
type step struct {
	kind  stepKind
	rows  []analyzer.Row // oneSegment: one; folded: several
	seq   int64          // oneSegment: its numbers, from its senders' initial ones
	ack   int64
	enter entries              // oneSegment: the states that it made both sides enter
	apart *analyzer.Transition // elsewhere
	side  analyzer.Side        // elsewhere: whose state changed
	n     int                  // leftOut: how many
	what  string               // leftOut: of what
}

type stepKind uint8

const (
	oneSegment stepKind = iota
	folded              // a run of segments in which nothing happened
	elsewhere           // a state that no segment of the conversation ended: a timer did, or its next incarnation
	leftOut             // where a bound left something out
)

func (s *step) row() *analyzer.Row { return &s.rows[0] }

// frame is the first frame of the step, 0 if it has none.
func (s *step) frame() int {
	switch {
	case len(s.rows) > 0:
		return s.rows[0].Frame
	case s.apart != nil:
		return s.apart.Frame
	}
	return 0
}

func (s *step) time() int64 {
	switch {
	case len(s.rows) > 0:
		return s.rows[0].Time
	case s.apart != nil:
		return s.apart.Time
	}
	return 0
}

// text says what a step without a segment of its own stands for.
func (s *step) text() string {
	switch s.kind {
	case elsewhere:
		return printable(s.apart.Cause)
	case leftOut:
		return fmt.Sprintf("%d %s left out", s.n, s.what)
	}
	return words.Count(len(s.rows), "segment")
}

// bytes says how much data a folded run carried, and which way; "" if none.
func (s *step) bytes() string {
	var n [2]uint64
	for i := range s.rows {
		n[s.rows[i].From] += uint64(s.rows[i].Len)
	}
	var parts []string
	if n[analyzer.Client] > 0 {
		parts = append(parts, size(n[analyzer.Client])+" ►")
	}
	if n[analyzer.Server] > 0 {
		parts = append(parts, "◄ "+size(n[analyzer.Server]))
	}
	return strings.Join(parts, " ")
}

// marked lists what a folded run repeats of what was told before it, and how often.
func (s *step) marked() []string {
	var names []string
	counts := map[string]int{}
	for i := range s.rows {
		for _, m := range s.rows[i].Marks {
			if counts[m] == 0 {
				names = append(names, m)
			}
			counts[m]++
		}
	}
	for i, m := range names {
		if counts[m] > 1 {
			names[i] = fmt.Sprintf("%s ×%d", m, counts[m])
		}
	}
	return names
}

// size is a number of bytes in at most six columns.
func size(n uint64) string {
	units := [...]string{"B", "kB", "MB", "GB", "TB"}
	f, i := float64(n), 0
	for f >= 999.5 && i < len(units)-1 {
		f /= 1000
		i++
	}
	if i > 0 && f < 9.95 {
		return fmt.Sprintf("%.1f %s", f, units[i])
	}
	return fmt.Sprintf("%.0f %s", f, units[i])
}

const (
	minFold  = 8 // a shorter run is printed as it is
	sameNote = 2 // how often a note is printed before lines like it may be folded
)

// foldLadder turns rows into steps: runs in which nothing happened, or nothing
// that was not shown already, become one step. States that no row ended have a
// step of their own.
func foldLadder(c *analyzer.Conversation) []step {
	var steps []step
	apart := stepsApart(c)
	entered := enteredAt(c)
	numbers := analyzer.NewRelative(c)
	seen := map[string]int{}
	add := func(from, to int) {
		for len(apart) > 0 && apart[0].apart.Time < c.Rows[from].Time {
			steps, apart = append(steps, apart[0]), apart[1:]
		}
		if to-from >= minFold {
			steps = append(steps, step{kind: folded, rows: c.Rows[from:to]})
		}
		for i := from; i < to; i++ {
			seq, ack := numbers.Of(&c.Rows[i]) // of all rows: each counts from those before
			if to-from < minFold {
				steps = append(steps, step{rows: c.Rows[i : i+1], seq: seq, ack: ack, enter: entered[i]})
			}
		}
	}
	for i := 0; i < len(c.Rows); {
		if c.RowsOmitted > 0 && i == c.RowsGapAt {
			steps = append(steps, step{kind: leftOut, n: c.RowsOmitted, what: "segments"})
		}
		end := i
		for end < len(c.Rows) && foldable(&c.Rows[end], entered[end], seen) && (end == i || end != c.RowsGapAt) {
			end++
		}
		end = max(end, i+1)
		add(i, end)
		i = end
	}
	return append(steps, apart...)
}

// foldable reports whether r may vanish in a run, and counts it as seen.
func foldable(r *analyzer.Row, enter entries, seen map[string]int) bool {
	if enter.any() || r.Comment != "" || r.ICMP || r.Flags.Any(tcp.SYN|tcp.FIN|tcp.RST|tcp.URG) {
		return false
	}
	if r.Note == "" && len(r.Marks) == 0 {
		return true
	}
	key := r.From.String() + strings.Join(r.Marks, ",") + r.Note
	seen[key]++
	return seen[key] > sameNote
}

// entries are transitions of both sides that a row of the ladder shows.
type entries [2][]analyzer.Transition

func (e entries) any() bool { return len(e[0])+len(e[1]) > 0 }

// enteredAt lists for every row the transitions that are known to have happened
// by it. A transition may belong to an earlier frame: one that was captured
// before it arrived, behind something that its receiver sent.
func enteredAt(c *analyzer.Conversation) []entries {
	out := make([]entries, len(c.Rows))
	for side := range c.Endpoints {
		line := c.Endpoints[side].Timeline
		for i := range c.Rows {
			r := &c.Rows[i]
			for len(line) > 0 && line[0].Frame <= r.Frame && (line[0].Frame > 0 || line[0].Time <= r.Time) {
				if !isApart(c, &line[0]) {
					out[i][side] = append(out[i][side], line[0])
				}
				line = line[1:]
			}
		}
	}
	return out
}

// isApart reports whether no segment of the conversation caused t.
func isApart(c *analyzer.Conversation, t *analyzer.Transition) bool {
	return t.Frame == 0 || t.Frame > c.LastFrame
}

// stepsApart lists the transitions that no segment of c caused, in time order.
func stepsApart(c *analyzer.Conversation) []step {
	var out []step
	for side := range c.Endpoints {
		for i := range c.Endpoints[side].Timeline {
			if t := &c.Endpoints[side].Timeline[i]; isApart(c, t) {
				out = append(out, step{kind: elsewhere, apart: t, side: analyzer.Side(side)})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b step) int { return cmp.Compare(a.apart.Time, b.apart.Time) })
	return out
}

// boundLadder cuts the middle out of a ladder of more than most steps.
func boundLadder(steps []step, most int) []step {
	if len(steps) <= most {
		return steps
	}
	tail := most / 3
	head := most - tail - 1
	cut := steps[head : len(steps)-tail]
	out := append([]step{}, steps[:head]...)
	out = append(out, step{kind: leftOut, n: len(cut), what: "lines"})
	return append(out, steps[len(steps)-tail:]...)
}

// sideState is what a ladder line says about one endpoint.
type sideState struct {
	state    tcp.State
	evidence analyzer.Evidence
	known    bool
	changed  bool
}

// marks stand behind a state that was just entered, by its evidence.
var marks = [...]string{
	analyzer.Sent: "•", analyzer.Acked: "✓", analyzer.Presumed: "?", analyzer.Timer: "~", analyzer.Adopted: "…",
}

func (s sideState) String() string {
	switch {
	case !s.known:
		return "-"
	case s.changed:
		return s.state.String() + " " + marks[s.evidence]
	}
	return s.state.String()
}

// states are those of client and server.
type states [2]sideState

// statesBefore are those before the first row: unknown, but for a server that
// goes on to SYN_RCVD, which must be listening.
func statesBefore(c *analyzer.Conversation) (now states) {
	line := c.Endpoints[analyzer.Server].Timeline
	if len(line) > 0 && line[0].State == tcp.SynRcvd && c.Opened != analyzer.OpenedSimultaneous {
		now[analyzer.Server] = sideState{state: tcp.Listen, known: true}
	}
	return now
}

// after is what the states are once s has happened. A step that was left out
// changes nothing that could be told.
func (now states) after(s *step) states {
	now[0].changed, now[1].changed = false, false
	switch s.kind {
	case elsewhere:
		now[s.side] = sideState{s.apart.State, s.apart.Evidence, true, true}
	case oneSegment, folded:
		r := &s.rows[len(s.rows)-1]
		for side := range now {
			if r.Known[side] {
				now[side] = sideState{r.States[side], r.Evidence[side], true, len(s.enter[side]) > 0}
			}
		}
	}
	return now
}
