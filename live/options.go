package live

import (
	"errors"
	"os"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/capture/save"
	"tcpreplay-fsm/report"
	"tcpreplay-fsm/tcp"
)

// Form is how events are shown.
type Form string

const (
	Screen Form = "screen" // full screen; standard output must be a terminal
	Text   Form = "text"   // a line an event
	NDJSON Form = "ndjson" // a JSON object a line
	Silent Form = "none"   // only the reports
)

// Options says what to do with what is captured. Interface, Form, Final and Now
// are needed.
type Options struct {
	Interface string // its name, for people and the report
	Form      Form
	Terminal  *os.File // of Screen: where keys come from; nil means standard input
	Color     bool     // of Screen
	Quiet     bool     // no words on stderr but errors

	Duration time.Duration // end after so long; 0 for no bound
	Count    int           // end after so many frames; 0 for no bound

	Capture  capture.Options
	Analyzer analyzer.Options // Done, Scope and, with Screen, Rows are set by Run

	// Selects and Wants limit the analysis to some frames and to some segments; nil
	// means all. What they leave out is saved all the same. An error ends the run.
	Selects func(*capture.Frame) (bool, error)
	Wants   func(t *tcp.Tuple, at, first int64) bool
	// Shows limits the findings that are told; nil means all. Finished is handed
	// each conversation before it goes into the final report, and may change its
	// findings; nil does nothing.
	Shows    func(*analyzer.Finding) bool
	Finished func(*analyzer.Conversation)
	// Across is handed the findings about several conversations before they go
	// into the final report, and returns those to keep; nil keeps all.
	Across func([]analyzer.Finding) []analyzer.Finding

	Save *save.Options // where to save what is captured; nil does not

	// Final opens the report of the whole run, Now one of what is known so far,
	// and tells where it will be.
	Final func() (Report, error)
	Now   func() (Report, string, error)

	Metrics string // address to serve Prometheus metrics at; "" does not
}

// Report is a report that is being written.
type Report interface {
	report.Writer
	Complete() error // called once after End
	Abandon()        // called instead if it will not be completed; harmless after Complete
}

// ErrInterrupted says that the run was told twice to end, and ended without its
// report.
var ErrInterrupted = errors.New("interrupted before the report was written")
