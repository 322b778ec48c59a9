package live

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/report"
	"tcpreplay-fsm/tcp"
)

// A view shows a run on a terminal. The worker hands it pictures of what it
// needs, made for the part of the table that is on the screen; keys come back as
// questions to the worker.
type view struct {
	program *tea.Program
	done    chan struct{}
	once    sync.Once

	mu     sync.Mutex
	query  query
	events []line // since the last picture
	lost   int    // left out of events

	shown time.Time // when the last picture was made; of the worker
}

// query is what the screen asks for.
type query struct {
	sort   order
	filter string
	from   int // first row on the screen
	rows   int // how many fit
	open   int // conversation whose ladder is shown; -1 for none
	width  int
	color  bool
	paused bool
}

// line is one event of the event stream.
type line struct {
	text     string
	finding  bool
	severity analyzer.Severity // of a finding
}

// picture is what the screen shows. Nobody changes it once it is made.
type picture struct {
	about   string // the interface
	up      time.Duration
	rate    rate
	frames  int
	dropped uint64
	down    bool
	states  [tcp.TimeWait + 1]int
	active  int
	total   int
	rows    []row
	matches int // rows that pass the filter
	from    int
	events  []line
	ladder  string // of query.open
	ladderN int
}

const (
	frameEvery    = 250 * time.Millisecond
	maxLineQueue  = 500
	maxLadderText = 1 << 20
	wide          = 120 // columns from which on events have addresses
)

func newView(w *worker, out io.Writer) *view {
	v := &view{done: make(chan struct{}), query: query{open: -1, rows: 50, width: 80, color: w.o.Color}}
	options := []tea.ProgramOption{tea.WithOutput(out), tea.WithoutSignalHandler()}
	if w.o.Terminal != nil {
		options = append(options, tea.WithInput(w.o.Terminal))
	}
	m := newModel(w.o.Color)
	m.ask = v.ask
	m.report = func() { w.ask(w.reportNow) }
	m.quit = func() { w.stop(nil) }
	v.program = tea.NewProgram(m, options...)
	go func() {
		defer close(v.done)
		if _, err := v.program.Run(); err != nil && !errors.Is(err, tea.ErrProgramKilled) {
			w.stop(fmt.Errorf("the view failed: %w", err))
		}
	}()
	return v
}

// close leaves the screen and puts the terminal right. It may be called again,
// from any goroutine.
func (v *view) close() {
	v.once.Do(func() {
		v.program.Quit()
		select {
		case <-v.done:
		case <-time.After(2 * time.Second):
			v.program.Kill()
			<-v.done
		}
	})
}

// ask sets what the next picture shows.
func (v *view) ask(q query) {
	v.mu.Lock()
	v.query = q
	v.mu.Unlock()
}

func (v *view) tell(e *event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.events) == maxLineQueue { // more than anybody can read
		v.lost++
		return
	}
	l := line{text: string(e.appendBrief(nil))}
	if v.query.width >= wide {
		l.text = string(e.appendText(nil))
	}
	if e.kind == findingTold {
		l.finding, l.severity = true, e.finding.Severity
	}
	v.events = append(v.events, l)
}

// refresh shows how things are, a few times a second.
func (w *worker) refresh() {
	v := w.view
	if v == nil || time.Since(v.shown) < frameEvery {
		return
	}
	v.shown = time.Now()
	v.mu.Lock()
	q := v.query
	events := v.events
	if v.lost > 0 {
		events = append(events, line{text: words.Count(v.lost, "event") + " not shown: too many at once"})
	}
	v.events, v.lost = nil, 0
	v.mu.Unlock()

	p := &picture{about: w.o.Interface, up: time.Since(w.begun), rate: w.rate, frames: w.feed.Total.Frames, dropped: w.counters.Dropped,
		down: w.reader.down.Load(), states: w.tracker.states, active: len(w.tracker.rows), total: w.engine.Summary().Conversations,
		events: events}
	p.rows, p.from, p.matches = w.tracker.page(q)
	if q.open >= 0 {
		p.ladder, p.ladderN = w.ladder(q)
	}
	v.program.Send(p)
}

// ladder is one conversation in full, as text.
func (w *worker) ladder(q query) (string, int) {
	var b bytes.Buffer
	show := func(c *analyzer.Conversation) bool {
		c.Findings = w.shown(c.Findings)
		report.Conversation(&b, c, report.TextOptions{Width: q.width, Color: q.color})
		return false
	}
	w.engine.Live(now(), func(id int) bool { return id == q.open }, show)
	if b.Len() == 0 {
		i := slices.IndexFunc(w.finished, func(c *analyzer.Conversation) bool { return c.ID == q.open })
		if i < 0 {
			return "This conversation is over; the final report has it.", q.open
		}
		c := *w.finished[i]
		show(&c)
	}
	b.Truncate(min(b.Len(), maxLadderText))
	return b.String(), q.open
}
