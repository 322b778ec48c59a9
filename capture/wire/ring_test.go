//go:build linux && !libpcap

package wire

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/internal/netlab"
)

// On the loopback interface each packet passes out and in. It is seen once.
func TestLoopbackOnce(t *testing.T) {
	a, _ := netlab.New(t)
	for _, name := range []string{"lo", Any} {
		s := open(t, a, name, Options{})
		exchange(t, a, a, "127.0.0.1")
		got, links := drain(t, a, s)
		if links[capture.LinkEthernet] != len(got) {
			t.Errorf("%s: link types %v, want only Ethernet", name, links)
		}
		syns := strings.Count(story(got), "SYN")
		if syns != 2 {
			t.Errorf("%s: %d segments with SYN, want 2: %s", name, syns, story(got))
		}
		if !slices.ContainsFunc(s.Interfaces(), func(i capture.Interface) bool { return i.Name == "lo" }) {
			t.Errorf("%s: interfaces %+v, want lo among them", name, s.Interfaces())
		}
	}
}

// The kernel takes VLAN tags off; they are put back.
func TestVLANTag(t *testing.T) {
	a, b := netlab.New(t)
	for _, name := range []string{a.Interface, Any} {
		s := open(t, a, name, Options{})
		frame := netlab.Segment()
		tagged := append(frame[:12:12], 0x88, 0xa8, 0, 7, 0x81, 0, 0x60, 5) // VLAN 5 within 7
		tagged = append(tagged, frame[12:]...)
		b.Transmit(tagged)
		d := capture.NewDecoder(capture.Options{})
		segments := 0
		a.Do(func() {
			var f capture.Frame
			for s.Next(&f, 300*time.Millisecond) == nil {
				if d.Decode(&f) != capture.Segment {
					continue
				}
				segments++
				if got := d.ScopeName(d.Segment().Scope); got != "vlan 7 / vlan 5" {
					t.Errorf("%s: scope %q in % x", name, got, f.Data[:40])
				}
				if !bytes.Equal(f.Data, tagged) {
					t.Errorf("got  % x\nsent % x", f.Data, tagged)
				}
			}
		})
		if segments != 1 {
			t.Errorf("%s: %d segments, want 1", name, segments)
		}
	}
}

// An interface without a link layer has the cooked header.
func TestTunnelDevice(t *testing.T) {
	a, _ := netlab.New(t)
	var tun *os.File
	a.Do(func() {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			return
		}
		req, _ := unix.NewIfreq("tun0")
		req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if unix.IoctlIfreq(fd, unix.TUNSETIFF, req) == nil {
			tun = os.NewFile(uintptr(fd), "tun0")
		}
	})
	if tun == nil {
		t.Skip("skipped: no TUN devices here")
	}
	defer tun.Close()
	a.IP("link", "set", "tun0", "up")
	for _, name := range []string{"tun0", Any} {
		s := open(t, a, name, Options{})
		if _, err := tun.Write(netlab.Segment()[14:]); err != nil {
			t.Fatal(err)
		}
		got, links := drain(t, a, s)
		if len(got) != 1 || links[capture.LinkSLL2] == 0 || len(links) != 1 {
			t.Errorf("%s: saw %q in frames of %v", name, story(got), links)
		}
	}
}

// A capture waits for an interface that is down, and ends with one that is gone.
func TestInterfaceDownAndGone(t *testing.T) {
	a, b := netlab.New(t)
	s := open(t, a, a.Interface, Options{})
	next := func() (err error) {
		a.Do(func() {
			var f capture.Frame
			for err == nil {
				err = s.Next(&f, time.Second)
			}
		})
		return err
	}
	a.IP("link", "set", a.Interface, "down")
	if err := next(); !errors.Is(err, ErrDown) {
		t.Fatalf("after down: %v, want ErrDown", err)
	}
	a.IP("link", "set", a.Interface, "up")
	exchange(t, a, b, b.IPv4)
	if got, _ := drain(t, a, s); len(got) < 8 {
		t.Errorf("after up: saw %s", story(got))
	}
	a.IP("link", "del", a.Interface)
	for err := error(ErrDown); ; err = next() {
		if errors.Is(err, ErrGone) {
			break
		}
		if !errors.Is(err, ErrDown) {
			t.Fatalf("after del: %v, want ErrGone", err)
		}
	}
}
