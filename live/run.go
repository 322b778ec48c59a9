package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// Run captures from s until the context is done, a bound of o is reached, the
// interface is gone, or a person ends it, and writes the final report.
//
// An interrupt (SIGINT, SIGTERM, SIGHUP, or q in the view) ends the capture; a
// second one while the report is being written makes Run return ErrInterrupted at
// once. SIGUSR1 writes a report of what is known so far.
func Run(ctx context.Context, s Source, o Options, out, errOut io.Writer) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if o.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Duration)
		defer cancel()
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, append([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, reportSignals...)...)
	defer signal.Stop(signals)

	w, err := newWorker(s, o)
	if err != nil {
		return err
	}
	if err := w.show(stop, out, errOut); err != nil {
		w.final.Abandon()
		return err
	}
	go w.reader.run(ctx)
	done := make(chan error, 1)
	go func() { done <- w.guarded() }()

	interrupted := false
	ending := ctx.Done()
	for {
		select {
		case err := <-done:
			return errors.Join(err, cause(ctx))
		case <-ending:
			ending = nil
			interrupted = true
		case sig := <-signals:
			switch {
			case isReportSignal(sig):
				w.ask(func() { w.reportNow() })
			case interrupted:
				w.leave()
				return ErrInterrupted
			default:
				stop(nil)
			}
		}
	}
}

// cause is the error that ended the run early, if it was one.
func cause(ctx context.Context) error {
	err := context.Cause(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// panicked is a failure of our own. The terminal is put right before it is told.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("internal error: %v\n%s", p.value, p.stack) }

func (w *worker) guarded() (err error) {
	defer func() {
		if v := recover(); v != nil {
			w.leave()
			err = &panicked{v, debug.Stack()}
		}
	}()
	return w.run()
}

// now is the wall clock that the view goes by; the analysis goes by the frames.
func now() int64 { return time.Now().UnixNano() }
