// Package report writes what package analyzer found: as text for people, as
// JSON or NDJSON for programs, as one HTML page. It analyses nothing.
//
// Every writer takes conversations in the order in which they end, one at a
// time, and keeps no more of them than it prints.
package report

import (
	"net/netip"

	"tcpreplay-fsm/analyzer"
)

// Schema names the JSON contract; docs/json.md describes it.
const Schema = "tcpreplay-fsm/1"

// Writer is one report being written.
type Writer interface {
	// Conversation takes the next conversation that is over. Nothing of c is
	// kept after the call, except by a writer that prints its ladder.
	Conversation(c *analyzer.Conversation) error

	// End takes what is known once the capture is read, and the findings about
	// several conversations, and completes the report. It does not close the
	// underlying writer. Nothing may be called after it.
	End(c *Capture, across []analyzer.Finding) error
}

// Capture is what a report says about the capture as a whole.
type Capture struct {
	Inputs   []Input
	Frames   int
	Segments int     // frames that are TCP segments; Frames = Segments + the sum of Skipped
	Skipped  []Count // in the order to show

	// Selected says that segments were left out because they were not asked for:
	// conversations have other numbers than in the whole capture.
	Selected bool

	First, Last int64 // time of the first and last frame, Unix nanoseconds; both 0 if no frame was read

	// Names is what the capture itself calls addresses; nil for most. They are of
	// strangers and prove nothing.
	Names map[netip.Addr]string

	Unshown int      // findings that were not asked for, and are not in the report
	Evicted int      // conversations handed on early to bound memory
	Notices []string // other bounds that were reached, and the like; a line each
}

// Input is one file or stream that was read.
type Input struct {
	Name      string
	Format    string // such as "pcapng, gzip"
	LinkTypes []string
	Frames    int
	Err       string // why reading stopped before the end, or ""
}

// Count says how many frames were left out for one reason.
type Count struct {
	Reason string
	N      int
}
