package live

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/capture/save"
	"tcpreplay-fsm/capture/wire"
	"tcpreplay-fsm/internal/feed"
	"tcpreplay-fsm/internal/words"
)

// A worker saves and analyses what a reader captured, in one goroutine, and tells
// what changes. Its fields are of that goroutine.
type worker struct {
	o       Options
	source  Source
	reader  *reader
	feed    feed.Feed
	engine  *analyzer.Analyzer
	tracker *tracker
	stop    context.CancelCauseFunc

	saver   *save.Writer
	saveErr error

	final    Report
	finalErr error
	finished []*analyzer.Conversation // the newest, for a report of now; only the last maxOver have ladders, for the screen
	older    int                      // finished before them

	bytes    uint64 // on the wire
	counters wire.Counters
	names    []capture.Interface
	ended    error    // why the source ended
	outages  []string // for the report

	begun   time.Time
	rate    rate
	round   int
	asks    chan func()
	stream  *stream
	view    *view
	served  *metrics
	skipped map[string]int // as the metrics told last, by reason
	words   io.Writer      // stderr, or nil
}

const (
	lookEvery   = 100 * time.Millisecond
	maxFinished = 5_000 // conversations kept for a report of now, beside those that go on
	screenRows  = 200   // ladder rows kept of each conversation for the screen
	maxOutages  = 50
)

func newWorker(s Source, o Options) (*worker, error) {
	w := &worker{o: o, source: s, reader: newReader(s), begun: time.Now(), asks: make(chan func(), 16), skipped: map[string]int{}}
	decoder := capture.NewDecoder(o.Capture)
	w.tracker = newTracker(int64(cmp.Or(o.Analyzer.TimeWait, analyzer.DefaultTimeWait)), w.tell)
	ao := o.Analyzer
	ao.Scope = decoder.ScopeName
	ao.Done = w.done
	if o.Form == Screen {
		ao.Rows, ao.RowsOf, ao.RowsWhile, ao.RowsLater = screenRows, nil, 0, false
	}
	w.engine = analyzer.New(ao)
	w.engine.Watch()
	w.feed = feed.Feed{Decoder: decoder, Follower: w.engine, Selects: o.Selects, Wants: o.Wants}
	var err error
	if o.Save != nil {
		if w.saver, err = save.Create(*o.Save); err != nil {
			return nil, err
		}
	}
	w.final, err = o.Final()
	return w, err
}

// show begins to show what happens.
func (w *worker) show(stop context.CancelCauseFunc, out, words io.Writer) error {
	w.stop = stop
	if !w.o.Quiet {
		w.words = words
	}
	if w.o.Metrics != "" {
		var err error
		if w.served, err = serveMetrics(w.o.Metrics); err != nil {
			return err
		}
		w.say("metrics at http://%s/metrics", w.served.addr)
	}
	switch w.o.Form {
	case Text, NDJSON:
		w.stream = newStream(w.o.Form, out, stop)
	case Screen:
		w.view = newView(w, out)
	}
	return nil
}

// leave puts the terminal right.
func (w *worker) leave() {
	if w.view != nil {
		w.view.close()
	}
}

// say tells a person about the run, where no view does.
func (w *worker) say(format string, args ...any) {
	if w.words != nil {
		fmt.Fprintf(w.words, "tcpreplay-fsm: "+format+"\n", args...)
	}
}

// ask has f done by the worker's goroutine, unless that is too busy.
func (w *worker) ask(f func()) {
	select {
	case w.asks <- f:
	default:
	}
}

func (w *worker) run() error {
	look, second := time.NewTicker(lookEvery), time.NewTicker(time.Second)
	defer look.Stop()
	defer second.Stop()
	for {
		select {
		case b, ok := <-w.reader.full:
			if !ok {
				return w.finish()
			}
			w.take(b)
			w.reader.give(b)
		case <-look.C:
			begun := time.Now()
			w.look()
			// A look costs what changed; it may not take more than a fifth of the time.
			look.Reset(max(lookEvery, 5*time.Since(begun)))
		case <-second.C:
			w.second()
		case f := <-w.asks:
			f()
		}
	}
}

// take saves and analyses a batch.
func (w *worker) take(b *batch) {
	w.names = b.interfaces
	for i := range b.frames {
		if w.o.Count > 0 && w.feed.Total.Frames == w.o.Count {
			break
		}
		w.frame(&b.frames[i])
	}
	if w.o.Count > 0 && w.feed.Total.Frames == w.o.Count {
		w.stop(nil)
	}
	if b.notice != "" {
		w.notice(b.notice)
		if len(w.outages) < maxOutages {
			w.outages = append(w.outages, time.Now().UTC().Format("2006-01-02 15:04:05 UTC")+": "+b.notice)
		}
	}
	if b.end != nil {
		w.ended = b.end
		w.notice(b.end.Error())
	}
}

func (w *worker) frame(f *capture.Frame) {
	w.bytes += uint64(f.WireLen)
	w.save(f)
	if err := w.feed.Frame(f); err != nil {
		w.stop(err)
	}
}

func (w *worker) save(f *capture.Frame) {
	if w.saver != nil && w.saveErr == nil {
		w.saved(w.saver.Write(f, w.names[f.Interface]))
	}
}

// unsaved is how many frames could not be saved.
func (w *worker) unsaved() int {
	if w.saveErr == nil {
		return 0
	}
	return w.feed.Total.Frames - w.saver.Saved()
}

// saved tells once that saving ended. The capture goes on.
func (w *worker) saved(err error) {
	if err != nil && w.saveErr == nil {
		w.saveErr = err
		w.notice(fmt.Sprintf("saving ended: %v; the capture goes on", err))
	}
}

// done takes a conversation that is over.
func (w *worker) done(c *analyzer.Conversation) {
	all := c.Findings
	c.Findings = w.shown(slices.Clone(all))
	w.tracker.done(c, now())
	c.Findings = all
	if w.o.Finished != nil {
		w.o.Finished(c)
	}
	if w.finalErr == nil {
		if w.finalErr = w.final.Conversation(c); w.finalErr != nil {
			w.stop(nil)
		}
	}
	c.LoadRows, c.Series = nil, nil
	if w.view == nil {
		c.Rows = nil
	} else if n := len(w.finished); n >= maxOver {
		w.finished[n-maxOver].Rows = nil
	}
	w.finished = append(w.finished, c)
	if n := len(w.finished) - maxFinished; n >= maxFinished/4 { // not for each one
		w.finished = slices.Delete(w.finished, 0, n)
		w.older += n
	}
}

func (w *worker) shown(fs []analyzer.Finding) []analyzer.Finding {
	if w.o.Shows == nil {
		return fs
	}
	return slices.DeleteFunc(fs, func(f analyzer.Finding) bool { return !w.o.Shows(&f) })
}

// look tells what changed since the last look.
func (w *worker) look() {
	at := now()
	w.engine.Changed(at, func(c *analyzer.Conversation) {
		c.Findings = w.shown(c.Findings)
		w.tracker.look(c, at)
	})
	w.tracker.expire(at)
	w.refresh()
}

// second does what is due every second.
func (w *worker) second() {
	at := now()
	w.round++
	w.engine.Live(at, func(id int) bool { return w.tracker.stale(id, w.round) }, func(c *analyzer.Conversation) bool {
		c.Findings = w.shown(c.Findings)
		w.tracker.look(c, at)
		return true
	})
	if w.saver != nil && w.saveErr == nil {
		w.saved(w.saver.Flush())
	}
	before := w.counters.Dropped
	w.count()
	if lost := w.counters.Dropped - before; lost > 0 {
		w.notice(words.Count(lost, "frame") + " dropped by the kernel: more come than can be read")
	}
	w.rate.tick(w.feed.Total.Frames, w.bytes, time.Now())
	if w.served != nil {
		w.served.publish(w.status())
	}
}

func (w *worker) count() {
	if c, err := w.source.Counters(); err == nil {
		w.counters = c
	}
}

func (w *worker) tell(e *event) {
	if w.stream != nil {
		w.stream.tell(e)
	}
	if w.view != nil {
		w.view.tell(e)
	}
}

// notice tells about the capture itself.
func (w *worker) notice(text string) {
	w.tell(&event{kind: noticeGiven, time: now(), text: text})
	if w.view == nil {
		w.say("%s", text)
	}
}
