package live

import (
	"fmt"
	"slices"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/report"
)

// capture is what a report says about the capture.
func (w *worker) capture() *report.Capture {
	c := w.feed.Capture()
	c.Evicted = w.engine.Summary().Evicted
	in := report.Input{Name: w.o.Interface, Format: "live", Frames: c.Frames}
	for _, i := range w.names {
		if name := i.Link.String(); !slices.Contains(in.LinkTypes, name) {
			in.LinkTypes = append(in.LinkTypes, name)
		}
	}
	if w.ended != nil {
		in.Err = w.ended.Error()
	}
	c.Inputs = []report.Input{in}
	c.Notices = append(c.Notices, w.outages...)
	if n := w.counters.Dropped; n > 0 {
		c.Notices = append(c.Notices, words.Count(n, "frame")+" dropped by the kernel, and not in this report")
	}
	if n := w.unsaved(); n > 0 {
		c.Notices = append(c.Notices, fmt.Sprintf("%s not saved: %v", words.Count(n, "frame"), w.saveErr))
	}
	return c
}

// reportNow writes a report of what is known so far.
func (w *worker) reportNow() {
	where, err := w.writeNow()
	if err != nil {
		w.notice("no report was written: " + err.Error())
		return
	}
	w.notice("report written to " + where)
}

func (w *worker) writeNow() (string, error) {
	r, where, err := w.o.Now()
	if err != nil {
		return "", err
	}
	defer r.Abandon()
	for _, c := range w.finished {
		if err := r.Conversation(c); err != nil {
			return "", err
		}
	}
	w.count()
	about := w.capture()
	if w.older > 0 {
		about.Notices = append(about.Notices, fmt.Sprintf("the %s that ended first are left out of this report of now; the final report has them",
			words.Count(w.older, "conversation")))
	}
	keep := func(fs []analyzer.Finding) []analyzer.Finding {
		shown := w.shown(fs)
		about.Unshown += len(fs) - len(shown)
		return shown
	}
	across := w.engine.Live(now(), nil, func(c *analyzer.Conversation) bool {
		c.Findings = keep(c.Findings)
		err = r.Conversation(c)
		return err == nil
	})
	if err != nil {
		return "", err
	}
	if err := r.End(about, keep(across)); err != nil {
		return "", err
	}
	return where, r.Complete()
}

// finish completes what is saved and the final report.
func (w *worker) finish() error {
	w.look()
	w.count()
	if w.saver != nil {
		if w.saveErr == nil {
			w.saved(w.saver.Statistics(w.feed.Total.Last, w.counters.Received, w.counters.Dropped))
		}
		if err := w.saver.Close(); w.saveErr == nil {
			w.saved(err)
		}
	}
	w.leave()
	across := w.engine.Close()
	if w.o.Across != nil {
		across = w.o.Across(across)
	}
	if w.stream != nil {
		if n := w.stream.close(); n > 0 {
			w.say("%s left out: the output was too slow", words.Count(n, "event"))
		}
	}
	if w.served != nil {
		w.served.close()
	}
	w.say("%s captured, %d dropped by the kernel", words.Count(w.feed.Total.Frames, "frame"), w.counters.Dropped)
	if w.saver != nil {
		w.say("%s saved to %s", words.Count(w.saver.Saved(), "frame"), fileNames(w.saver.Files(), w.saver.Removed()))
	}
	defer w.final.Abandon()
	if w.finalErr != nil {
		return fmt.Errorf("report: %w", w.finalErr)
	}
	if err := w.final.End(w.capture(), across); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := w.final.Complete(); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// fileNames names files that were written, of which the oldest were removed.
func fileNames(names []string, removed int) string {
	n := len(names)
	switch {
	case n == 0:
		return "no file"
	case removed > 0:
		return fmt.Sprintf("%d files, of which the last %d are kept, up to %s", n+removed, n, names[n-1])
	case n == 1:
		return names[0]
	}
	return fmt.Sprintf("%d files up to %s", n, names[n-1])
}
