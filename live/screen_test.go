//go:build linux

package live

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcpreplay-fsm/tcp"
)

// terminal opens a terminal of 100 by 30 and collects what is written to it.
func terminal(t *testing.T) (tty *os.File, typed io.Writer, written *lockedBuffer) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("skipped: no pseudo terminals here")
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 100})
	}
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Skip("skipped: no pseudo terminals here: ", err)
	}
	t.Cleanup(func() { tty.Close() })
	written = &lockedBuffer{}
	go io.Copy(written, master)
	return tty, master, written
}

// The terminal is as it was when the run ends, however it ends.
func TestScreenIsRestored(t *testing.T) {
	for name, tt := range map[string]struct {
		keys  string
		wants func(*tcp.Tuple, int64, int64) bool
		err   string
	}{
		"q":      {keys: "q"},
		"ctrl-c": {keys: "\x03"},
		"crash":  {wants: func(*tcp.Tuple, int64, int64) bool { panic("our own mistake") }, err: "internal error: our own mistake"},
	} {
		t.Run(name, func(t *testing.T) {
			tty, typed, written := terminal(t)
			before, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
			if err != nil {
				t.Fatal(err)
			}
			var l ledger
			o := options(&l)
			o.Form, o.Terminal, o.Wants = Screen, tty, tt.wants
			o.Analyzer.Rows, o.Analyzer.RowsWhile = 10, 1 // of the report; the screen has its own
			s := &script{frames: append(handshake(1, start()), handshake(2, start())...)}
			shown := func(what string) bool {
				for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
					if strings.Contains(written.String(), what) {
						return true
					}
				}
				return false
			}
			s.odd = func() { // let the screen come up before there is anything on it
				if s.at == 0 && !shown("\x1b[?1049h") {
					t.Error("the screen did not come up")
				}
			}
			done := make(chan error, 1)
			go func() { done <- Run(context.Background(), s, o, tty, io.Discard) }()
			if tt.keys != "" {
				if !shown("ESTABLISHED") {
					t.Errorf("no conversation on the screen: %q", written.String())
				}
				if io.WriteString(typed, "\r"); !shown("seq 0 ack 1") {
					t.Errorf("no ladder on the screen: %q", written.String())
				}
				io.WriteString(typed, tt.keys)
			}
			select {
			case err = <-done:
			case <-time.After(10 * time.Second):
				t.Fatal("it does not end")
			}
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("ended with %v", err)
			}
			if l.complete != (tt.err == "") {
				t.Errorf("report complete: %v", l.complete)
			}
			after, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
			if err != nil || !reflect.DeepEqual(before, after) {
				t.Errorf("terminal was %+v, is %+v, %v", before, after, err)
			}
			shown("\x1b[?1049l") // what the terminal was sent comes to us later
			shown("\x1b[?25h")
			out := []byte(written.String())
			if in, left := bytes.LastIndex(out, []byte("\x1b[?1049h")), bytes.LastIndex(out, []byte("\x1b[?1049l")); in < 0 || left < in {
				t.Errorf("the alternate screen was entered at %d and left at %d", in, left)
			}
			if hidden, back := bytes.LastIndex(out, []byte("\x1b[?25l")), bytes.LastIndex(out, []byte("\x1b[?25h")); back < hidden {
				t.Errorf("the cursor was hidden at %d and shown at %d", hidden, back)
			}
		})
	}
}
