// Package feed has what the frames of a capture hold followed, and counts the frames.
package feed

import (
	"errors"
	"io"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/report"
	"tcpreplay-fsm/tcp"
)

// Follower follows conversations: an analyzer.Analyzer or an analyzer.Parallel.
type Follower interface {
	Add(*tcp.Segment)
	AddICMP(*tcp.ICMPError)
}

// Feed hands a Follower what was asked for of the frames of a capture. Decoder and
// Follower must be set.
type Feed struct {
	Decoder  *capture.Decoder
	Follower Follower
	// Selects and Wants tell which frames and which segments were asked for; first is
	// the time of the first frame. nil means all.
	Selects func(*capture.Frame) (bool, error)
	Wants   func(t *tcp.Tuple, at, first int64) bool

	Total    report.Capture // Frames, Segments, First and Last, so far
	unwanted int            // frames that were not asked for
}

// Frame takes the next frame. Its error is that of Selects.
func (f *Feed) Frame(frame *capture.Frame) error {
	t := &f.Total
	if t.Frames == 0 {
		t.First, t.Last = frame.Time, frame.Time
	}
	t.Frames++
	t.First, t.Last = min(t.First, frame.Time), max(t.Last, frame.Time)
	if f.Selects != nil {
		if selected, err := f.Selects(frame); err != nil || !selected {
			f.unwanted++
			return err
		}
	}
	segments, wanted := 0, 0
	for v, more := f.Decoder.Decode(frame), true; more; v, more = f.Decoder.Further() {
		switch v {
		case capture.Segment:
			segments++
			if s := f.Decoder.Segment(); f.wants(&s.Tuple, s.Time) {
				wanted++
				f.Follower.Add(s)
			}
		case capture.ICMP:
			if e := f.Decoder.ICMP(); f.wants(&e.Quoted, e.Time) {
				f.Follower.AddICMP(e)
			}
		}
	}
	switch {
	case wanted > 0:
		t.Segments++
	case segments > 0:
		f.unwanted++
	}
	return nil
}

func (f *Feed) wants(t *tcp.Tuple, at int64) bool {
	return f.Wants == nil || f.Wants(t, at, f.Total.First)
}

// All takes every frame of in, as long as goOn says so.
func (f *Feed) All(in *capture.Reader, goOn func() bool) error {
	for {
		frame, err := in.Next()
		if errors.Is(err, io.EOF) || err == nil && !goOn() {
			return nil
		}
		if err == nil {
			err = f.Frame(frame)
		}
		if err != nil {
			return err
		}
	}
}

// Capture is what is known of the capture so far: Total, and what was skipped.
func (f *Feed) Capture() *report.Capture {
	c := f.Total
	for _, s := range f.Decoder.Skipped() {
		c.Skipped = append(c.Skipped, report.Count{Reason: s.Reason, N: s.Frames})
	}
	if f.unwanted > 0 {
		c.Selected = true
		c.Skipped = append(c.Skipped, report.Count{Reason: "not asked for", N: f.unwanted})
	}
	if n := f.Decoder.Beside(); n > 0 {
		c.Notices = append(c.Notices, words.Count(n, "segment")+" came in one frame with another (802.11 A-MSDU); segments counts such frames once")
	}
	return &c
}

// Captures follows what is in the named captures, merged in the order of time, and
// returns the findings about several conversations; o.Done is handed the
// conversations. A name "-" reads stdin. What can be read of a damaged capture is
// followed and is no error.
func Captures(names []string, stdin io.Reader, o analyzer.Options) ([]analyzer.Finding, error) {
	in, err := capture.Open(names, stdin, capture.Options{})
	if err != nil {
		return nil, err
	}
	defer in.Close()
	d := capture.NewDecoder(capture.Options{})
	o.Scope = d.ScopeName
	a := analyzer.New(o)
	to := &Feed{Decoder: d, Follower: a}
	if err := to.All(in, func() bool { return true }); err != nil {
		return nil, err
	}
	return a.Close(), nil
}
