//go:build unix

package live

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/capture/save"
	"tcpreplay-fsm/capture/wire"
	"tcpreplay-fsm/report"
	"tcpreplay-fsm/tcp"
)

// script is a source that delivers what it is given, then ends with an error or
// is quiet.
type script struct {
	frames []capture.Frame
	end    error
	at     int
	loss   uint64
	odd    func() // called before each frame
	down   int    // the interface goes down before this frame; 0 for never
}

func (s *script) Next(f *capture.Frame, wait time.Duration) error {
	if s.odd != nil {
		s.odd()
	}
	if s.at == len(s.frames) {
		if s.end != nil {
			return s.end
		}
		time.Sleep(wait)
		return wire.ErrQuiet
	}
	if s.down > 0 && s.down == s.at {
		s.down = 0
		return fmt.Errorf("test0: %w", wire.ErrDown)
	}
	*f = s.frames[s.at]
	s.at++
	f.Number = s.at
	return nil
}

func (s *script) Interfaces() []capture.Interface {
	return []capture.Interface{{Name: "test0", Link: capture.LinkRaw}}
}

func (s *script) Counters() (wire.Counters, error) {
	return wire.Counters{Received: uint64(len(s.frames)), Dropped: s.loss}, nil
}

// handshake is three segments of a connection from a port.
func handshake(port uint16, at int64) (frames []capture.Frame) {
	for i, s := range []struct {
		flags    tcp.Flags
		seq, ack uint32
	}{{tcp.SYN, 100, 0}, {tcp.SYN | tcp.ACK, 300, 101}, {tcp.ACK, 101, 301}} {
		b := make([]byte, 40)
		copy(b, []byte{0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2})
		src, dst := port, uint16(80)
		if i == 1 {
			copy(b[12:], []byte{10, 0, 0, 2, 10, 0, 0, 1})
			src, dst = dst, src
		}
		binary.BigEndian.PutUint16(b[20:], src)
		binary.BigEndian.PutUint16(b[22:], dst)
		binary.BigEndian.PutUint32(b[24:], s.seq)
		binary.BigEndian.PutUint32(b[28:], s.ack)
		b[32], b[33], b[34] = 0x50, byte(s.flags), 0xff
		frames = append(frames, capture.Frame{Time: at + int64(i)*1e6, Data: b, WireLen: 40, Link: capture.LinkRaw})
	}
	return frames
}

// ledger is a report that remembers what it was given.
type ledger struct {
	ids       []int
	about     *report.Capture
	complete  bool
	abandoned bool
	err       error
}

func (l *ledger) Conversation(c *analyzer.Conversation) error {
	l.ids = append(l.ids, c.ID)
	return l.err
}
func (l *ledger) End(c *report.Capture, _ []analyzer.Finding) error { l.about = c; return nil }
func (l *ledger) Complete() error                                   { l.complete = true; return nil }
func (l *ledger) Abandon()                                          { l.abandoned = true }

func options(final *ledger) Options {
	return Options{Interface: "test0", Form: Silent, Final: func() (Report, error) { return final, nil },
		Now: func() (Report, string, error) { return nil, "", errors.New("no report of now here") }}
}

func start() int64 { return time.Now().UnixNano() - 1e9 }

func TestCount(t *testing.T) {
	var l ledger
	o := options(&l)
	o.Count = 4
	var words bytes.Buffer
	s := &script{frames: append(handshake(1, start()), handshake(2, start())...)}
	if err := Run(context.Background(), s, o, io.Discard, &words); err != nil {
		t.Fatal(err)
	}
	if !l.complete || l.about.Frames != 4 || l.about.Segments != 4 || len(l.ids) != 2 {
		t.Errorf("report %+v of %v", l.about, l.ids)
	}
	if !strings.Contains(words.String(), "4 frames captured, 0 dropped by the kernel") {
		t.Errorf("said %q", words.String())
	}
}

// TestSelects analyses some frames only, and ends the run if they cannot be judged.
func TestSelects(t *testing.T) {
	var l ledger
	o := options(&l)
	o.Count = 6
	s := &script{frames: append(handshake(1, start()), handshake(2, start())...)}
	o.Selects = func(f *capture.Frame) (bool, error) { return f.Number > 3, nil }
	if err := Run(context.Background(), s, o, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if l.about.Frames != 6 || l.about.Segments != 3 || len(l.ids) != 1 || len(l.about.Skipped) != 1 || l.about.Skipped[0].N != 3 {
		t.Errorf("report %+v of %v", l.about, l.ids)
	}

	unknown := errors.New("no such link type")
	o.Selects = func(*capture.Frame) (bool, error) { return false, unknown }
	s.at = 0
	if err := Run(context.Background(), s, o, io.Discard, io.Discard); !errors.Is(err, unknown) {
		t.Errorf("got %v, want %v", err, unknown)
	}
}

// TestReportOfNow has a report of now say how many findings it leaves out.
func TestReportOfNow(t *testing.T) {
	var final, now ledger
	o := options(&final)
	o.Now = func() (Report, string, error) { return &now, "now.txt", nil }
	o.Shows = func(*analyzer.Finding) bool { return false }
	w, err := newWorker(&script{}, o)
	if err != nil {
		t.Fatal(err)
	}
	frames := handshake(1, start())[:2]
	copy(frames[1].Data[24:], make([]byte, 4)) // refused
	frames[1].Data[33] = byte(tcp.RST | tcp.ACK)
	for i := range frames {
		w.frame(&frames[i])
	}
	if _, err := w.writeNow(); err != nil {
		t.Fatal(err)
	}
	if !now.complete || len(now.ids) != 1 || now.about.Unshown != 1 {
		t.Errorf("report %+v of %v", now.about, now.ids)
	}
}

func TestDuration(t *testing.T) {
	var l ledger
	o := options(&l)
	o.Duration = 300 * time.Millisecond
	begun := time.Now()
	if err := Run(context.Background(), &script{frames: handshake(1, start()), loss: 5}, o, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(begun); d < o.Duration || d > 3*time.Second {
		t.Errorf("it took %v", d)
	}
	if !l.complete || l.about.Frames != 3 {
		t.Errorf("report %+v", l.about)
	}
	if n := l.about.Notices; len(n) != 1 || !strings.Contains(n[0], "5 frames dropped by the kernel") {
		t.Errorf("notices %q", n)
	}
}

func TestInterfaceGone(t *testing.T) {
	var l ledger
	var out bytes.Buffer
	o := options(&l)
	o.Form = Text
	s := &script{frames: handshake(1, start()), end: fmt.Errorf("test0: %w", wire.ErrGone)}
	if err := Run(context.Background(), s, o, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !l.complete || l.about.Inputs[0].Err != "test0: the interface is gone" {
		t.Errorf("report %+v", l.about)
	}
	if !strings.Contains(out.String(), "-- test0: the interface is gone\n") || !strings.Contains(out.String(), "SYN_SENT -> ESTABLISHED") {
		t.Errorf("lines %s", out.String())
	}
}

// An interface that was down in between is told, also in the report.
func TestInterfaceDown(t *testing.T) {
	var l ledger
	var out bytes.Buffer
	o := options(&l)
	o.Form = Text
	s := &script{frames: handshake(1, start()), down: 1, end: fmt.Errorf("test0: %w", wire.ErrGone)}
	if err := Run(context.Background(), s, o, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	const told = ": the interface is down; waiting for it to come up"
	if l.about.Frames != 3 || len(l.about.Notices) != 1 || !strings.HasSuffix(l.about.Notices[0], told) || !strings.Contains(out.String(), told) {
		t.Errorf("report %+v, lines %s", l.about, out.String())
	}
}

// A full disk ends the saving, not the capture, and is told and counted.
func TestDiskFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("skipped: needs /dev/full")
	}
	var l ledger
	o := options(&l)
	o.Save = &save.Options{Name: "/dev/full"}
	o.Duration = 1500 * time.Millisecond // the buffer is written once a second
	var words bytes.Buffer
	late := time.Now().Add(1200 * time.Millisecond)
	s := &script{frames: append(handshake(1, start()), handshake(2, start())...)}
	s.odd = func() {
		if s.at == 3 {
			time.Sleep(time.Until(late))
		}
	}
	if err := Run(context.Background(), s, o, io.Discard, &words); err != nil {
		t.Fatal(err)
	}
	if !l.complete || l.about.Frames != 6 || len(l.about.Notices) != 1 || !strings.HasPrefix(l.about.Notices[0], "6 frames not saved: ") ||
		!strings.Contains(l.about.Notices[0], "no space left") {
		t.Errorf("report %+v", l.about)
	}
	if !strings.Contains(words.String(), "saving ended: write /dev/full: no space left on device; the capture goes on") ||
		!strings.Contains(words.String(), "0 frames saved to /dev/full") {
		t.Errorf("said %q", words.String())
	}
}

func TestReportNow(t *testing.T) {
	var final, early ledger
	o := options(&final)
	made := make(chan struct{})
	o.Now = func() (Report, string, error) { return &early, "now.txt", nil }
	ctx, stop := context.WithCancel(context.Background())
	var words lockedBuffer
	done := make(chan error)
	go func() {
		done <- Run(ctx, &script{frames: append(handshake(1, start()), handshake(2, start())...)}, o, io.Discard, &words)
	}()
	time.AfterFunc(300*time.Millisecond, func() {
		p, _ := os.FindProcess(os.Getpid())
		p.Signal(syscall.SIGUSR1)
		for !strings.Contains(words.String(), "report written to now.txt") {
			time.Sleep(5 * time.Millisecond)
		}
		close(made)
	})
	select {
	case <-made:
	case <-time.After(5 * time.Second):
		t.Error("no report of now")
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if !early.complete || len(early.ids) != 2 || early.about.Frames != 6 || !final.complete || len(final.ids) != 2 {
		t.Errorf("of now %+v, final %+v", &early, &final)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// An interrupt ends the capture with its report; a second one, while that is
// being written, ends at once.
func TestInterrupts(t *testing.T) {
	self, _ := os.FindProcess(os.Getpid())
	t.Run("once", func(t *testing.T) {
		var l ledger
		time.AfterFunc(200*time.Millisecond, func() { self.Signal(os.Interrupt) })
		if err := Run(context.Background(), &script{frames: handshake(1, start())}, options(&l), io.Discard, io.Discard); err != nil || !l.complete {
			t.Errorf("%v, complete %v", err, l.complete)
		}
	})
	t.Run("twice", func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		o := options(&ledger{})
		o.Final = func() (Report, error) { return &stuck{release: release}, nil }
		time.AfterFunc(200*time.Millisecond, func() { self.Signal(os.Interrupt) })
		time.AfterFunc(900*time.Millisecond, func() { self.Signal(os.Interrupt) })
		begun := time.Now()
		err := Run(context.Background(), &script{frames: handshake(1, start())}, o, io.Discard, io.Discard)
		if !errors.Is(err, ErrInterrupted) || time.Since(begun) > 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

// stuck is a report that takes its time.
type stuck struct {
	ledger
	release chan struct{}
}

func (s *stuck) Conversation(*analyzer.Conversation) error { <-s.release; return nil }

func TestFailures(t *testing.T) {
	t.Run("report", func(t *testing.T) {
		l := ledger{err: syscall.ENOSPC}
		o := options(&l)
		o.Count = 3
		if err := Run(context.Background(), &script{frames: handshake(1, start())}, o, io.Discard, io.Discard); !errors.Is(err, syscall.ENOSPC) || !l.abandoned {
			t.Errorf("%v, abandoned %v", err, l.abandoned)
		}
	})
	t.Run("reader went away", func(t *testing.T) {
		var l ledger
		o := options(&l)
		o.Form = Text
		err := Run(context.Background(), &script{frames: handshake(1, start())}, o, failing{syscall.EPIPE}, io.Discard)
		if !errors.Is(err, syscall.EPIPE) || !l.complete {
			t.Errorf("%v, complete %v", err, l.complete)
		}
	})
	t.Run("panic", func(t *testing.T) {
		var l ledger
		o := options(&l)
		o.Wants = func(*tcp.Tuple, int64, int64) bool { panic("our own mistake") }
		err := Run(context.Background(), &script{frames: handshake(1, start())}, o, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), "internal error: our own mistake") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no place to save", func(t *testing.T) {
		o := options(&ledger{})
		o.Save = &save.Options{Name: filepath.Join(t.TempDir(), "no", "such", "dir")}
		if err := Run(context.Background(), &script{}, o, io.Discard, io.Discard); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
}

func TestMetrics(t *testing.T) {
	var l ledger
	o := options(&l)
	o.Metrics = "0"
	ctx, stop := context.WithCancel(context.Background())
	var words lockedBuffer
	done := make(chan error)
	go func() { done <- Run(ctx, &script{frames: handshake(1, start()), loss: 2}, o, io.Discard, &words) }()
	var page string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline) && !strings.Contains(page, "frames_total 3"); time.Sleep(50 * time.Millisecond) {
		url := regexp.MustCompile(`http://127\.0\.0\.1:\d+/metrics`).FindString(words.String())
		if url == "" {
			continue
		}
		r, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r.Body)
		r.Body.Close()
		page = string(b)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"tcpreplay_fsm_frames_total 3", "tcpreplay_fsm_dropped_frames_total 2", "tcpreplay_fsm_interface_up 1",
		`tcpreplay_fsm_sockets{host="10.0.0.1",state="ESTABLISHED"} 1`, "# HELP tcpreplay_fsm_sockets ", "tcpreplay_fsm_conversations 1"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
}

func TestFileNames(t *testing.T) {
	for want, got := range map[string]string{
		"no file":           fileNames(nil, 0),
		"a.pcapng":          fileNames([]string{"a.pcapng"}, 0),
		"2 files up to b.p": fileNames([]string{"a.p", "b.p"}, 0),
		"5 files, of which the last 2 are kept, up to e.p": fileNames([]string{"d.p", "e.p"}, 3),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A conversation that was silent for long goes into the report and is forgotten.
func TestIdleAgesOut(t *testing.T) {
	var l ledger
	o := options(&l)
	o.Analyzer.IdleTimeout = time.Hour
	w, err := newWorker(&script{}, o)
	if err != nil {
		t.Fatal(err)
	}
	w.names = []capture.Interface{{Name: "test0", Link: capture.LinkRaw}}
	for port, at := range []int64{0, 30 * 60e9, 2 * 3600e9} {
		for _, f := range handshake(uint16(port+1), start()+at) {
			w.frame(&f)
		}
		w.look()
		if want := []int{0, 0, 2}[port]; len(l.ids) != want || len(w.tracker.rows) != port+1-want {
			t.Errorf("%v later: %v handed on, %d followed", time.Duration(at), l.ids, len(w.tracker.rows))
		}
	}
}
