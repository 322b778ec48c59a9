package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/internal/feed"
	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/report"
)

// Ladder rows kept of a conversation: of one that was asked for, and of each of
// the few that are printed unasked.
const (
	rowsAsked   = 200_000
	rowsUnasked = 5_000
)

// analyze is the main job: captures in, report out.
func analyze(o *options, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	switch {
	case slices.Contains(o.inputs, "-") && isTerminal(stdin): // which would wait for ever, without a word
		return exitError, errors.New("standard input is a terminal: pipe a capture into it, as tcpdump -w - | tcpreplay-fsm -")
	case o.format == "html" && (o.output == "" || o.output == "-") && isTerminal(stdout):
		return exitError, errors.New("a page is not for the terminal: name a file with -o FILE.html")
	}
	co := o.capturing()
	signals := watchInterrupts(o, stdin, stderr)
	defer signals.stop()
	in, err := capture.Open(o.inputs, stdin, co)
	if err != nil {
		return exitError, err
	}
	defer in.Close()
	var names []string
	for _, i := range in.Inputs() {
		names = append(names, i.Name)
	}
	out, err := openOutput(o.output, names, stdout)
	if err != nil {
		return exitError, err
	}
	defer out.abandon()
	signals.report.Store(out)
	warn := func(format string, args ...any) {
		if !o.quiet {
			fmt.Fprintf(stderr, "tcpreplay-fsm: warning: "+format+"\n", args...)
		}
	}

	decoder := capture.NewDecoder(co)
	bytes, err := o.openStreams(out)
	if err != nil {
		return exitError, err
	}
	r := results{out: o.newWriter(out), findings: &o.findings}
	ao := o.analysis()
	ao.Scope, ao.Done = decoder.ScopeName, r.take
	a := o.engine(bytes.with(ao))

	bar := newProgress(stderr, o.quiet, in.BytesRead)
	to := feed.Feed{Decoder: decoder, Follower: a, Selects: o.selects(), Wants: o.wants}
	// What cannot be written is told at the end. A test is of the whole capture all the same.
	err = to.All(in, func() bool { bar.tick(); return !r.failed.Load() || o.findings.tests() })
	bar.finish()
	if err != nil {
		return exitError, err
	}
	total := to.Capture()
	if err := describeInputs(total, in, warn); err != nil {
		return exitError, err
	}
	across := o.findings.keep(a.Close())
	total.Evicted, total.Unshown = a.Summary().Evicted, o.findings.hidden
	if err = cmp.Or(r.err, bytes.close(), o.missing(r.n)); err == nil {
		err = r.out.End(total, across)
	}
	if err == nil {
		err = out.complete()
	}
	for _, c := range r.cut {
		warn("%s", c)
	}
	return o.findings.status(stderr), err
}

// results takes the conversations as they end, and writes them.
type results struct {
	out      report.Writer
	findings *selection
	n        int         // conversations so far
	cut      []string    // what their bounds left out
	err      error       // of writing; nothing is written after it
	failed   atomic.Bool // err is set: take may run beside the feed
}

func (r *results) take(c *analyzer.Conversation) {
	r.n++
	c.Findings = r.findings.keep(c.Findings)
	if c.SeriesOmitted > 0 {
		r.cut = append(r.cut, fmt.Sprintf("--series %d: %d segments in the middle of the conversation are left out; %d are kept", c.ID, c.SeriesOmitted, len(c.Series)))
	}
	if r.err == nil {
		r.err = r.out.Conversation(c)
		r.failed.Store(r.err != nil)
	}
	if c.Rows == nil && c.LoadRows == nil { // else the writer may have kept it
		c.Release()
	}
}

// missing is an error if a conversation was asked for that is not among the first n.
func (o *options) missing(n int) error {
	for _, id := range slices.Concat(o.conversations, o.series, []int{o.follow}) {
		switch {
		case id < n:
		case n == 0:
			return fmt.Errorf("there is no conversation %d: there are none at all", id)
		default:
			return fmt.Errorf("there is no conversation %d: the last one is %d", id, n-1)
		}
	}
	return nil
}

// engine follows the conversations of a capture: an analyzer.Analyzer or an
// analyzer.Parallel.
type engine interface {
	feed.Follower
	Close() []analyzer.Finding
	Summary() analyzer.Summary
}

// engine chooses who follows the conversations. What comes slowly through a pipe
// is not gathered into batches, so that lines appear when they can.
func (o *options) engine(ao analyzer.Options) engine {
	if ao.Sink != nil || o.format == "ndjson" && slices.Contains(o.inputs, "-") {
		return analyzer.New(ao)
	}
	return analyzer.NewParallel(ao, o.jobs)
}

// describeInputs completes the figures, and warns of inputs that ended early.
// It is an error if that left nothing at all.
func describeInputs(total *report.Capture, in *capture.Reader, warn func(string, ...any)) error {
	var bad error
	total.Names = in.Names()
	for _, i := range in.Inputs() {
		r := report.Input{Name: i.Name, Format: i.Format, LinkTypes: i.LinkTypes, Frames: i.Frames}
		if i.Err != nil {
			r.Err = strings.TrimPrefix(i.Err.Error(), i.Name+": ")
			if bad == nil {
				bad = i.Err
			}
			switch {
			case i.Frames > 0:
				warn("%s; the frames before that were analysed", oneLine(i.Err))
			case total.Frames > 0:
				warn("%s; only the other inputs were analysed", oneLine(i.Err))
			}
		}
		if i.OutOfOrder > 0 {
			total.Notices = append(total.Notices, fmt.Sprintf("%s: of its %d frames %d %s an earlier time than the frame before", i.Name, i.Frames, i.OutOfOrder, words.Of(i.OutOfOrder, "carries", "carry")))
		}
		if i.Dropped > 0 {
			total.Notices = append(total.Notices, fmt.Sprintf("%s: %s %s dropped while it was captured, as it says itself", i.Name, words.Count(i.Dropped, "frame"), words.Of(i.Dropped, "was", "were")))
		}
		total.Inputs = append(total.Inputs, r)
	}
	if total.Frames == 0 {
		return bad
	}
	return nil
}

// capturing is what the command line says about reading and decoding captures.
func (o *options) capturing() capture.Options {
	return capture.Options{MaxExpand: o.maxExpand, VerifyChecksums: o.verifyChecksums, MergeVLANs: o.mergeVLANs}
}

// analysis is what the command line says about following conversations.
func (o *options) analysis() analyzer.Options {
	ao := analyzer.Options{TimeWait: o.timeWait, MaxConversations: o.maxConversations, Labels: true}
	switch {
	case len(o.conversations)+len(o.series) > 0:
		ao.Rows, ao.RowsOf, ao.SeriesOf = rowsAsked, setOf(o.conversations), setOf(o.series)
	case o.format == "html":
		ao.Rows, ao.RowsLater = o.htmlRows, true // the page shows those that tell most
	case o.format == "text":
		ao.Rows, ao.RowsWhile = rowsUnasked, report.FewConversations
	}
	return ao
}

func (o *options) newWriter(out *destination) report.Writer {
	switch {
	case o.follow >= 0:
		return noReport{} // its bytes are printed as they come
	case o.at != nil:
		return report.NewSocketsAt(out, *o.at)
	case len(o.series) > 0 && o.format == "text":
		return report.NewSeriesCSV(out)
	}
	switch o.format {
	case "json":
		return report.NewJSON(out)
	case "ndjson":
		if slices.Contains(o.inputs, "-") { // a pipe may never end: whoever reads us waits for lines
			return report.NewNDJSON(out.target)
		}
		return report.NewNDJSON(out)
	case "html":
		return report.NewHTML(out, report.HTMLOptions{DetailBytes: o.htmlDetail, Rows: o.htmlRows, Workers: o.jobs})
	}
	return report.NewText(out, o.text(out.target))
}
