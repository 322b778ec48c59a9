//go:build linux

package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/internal/netlab"
	"tcpreplay-fsm/tcp"
)

// open opens an interface of h; its frames must be read within h.Do, where
// interfaces are named.
func open(t *testing.T, h *netlab.Host, name string, o Options) *Source {
	t.Helper()
	var s *Source
	var err error
	h.Do(func() { s, err = Open(name, o) })
	if errors.Is(err, ErrNotPermitted) {
		t.Skip("skipped: packet sockets are not allowed here")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// drain reads what passed until it has been quiet, and returns the segments and
// how many came with each link type.
func drain(t *testing.T, h *netlab.Host, s *Source) (segments []tcp.Segment, links map[capture.LinkType]int) {
	t.Helper()
	d := capture.NewDecoder(capture.Options{})
	links = map[capture.LinkType]int{}
	h.Do(func() {
		for {
			var f capture.Frame
			err := s.Next(&f, 300*time.Millisecond)
			if errors.Is(err, ErrQuiet) {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			if f.WireLen < len(f.Data) || f.Time == 0 {
				t.Errorf("frame %d: %d bytes of %d at %d", f.Number, len(f.Data), f.WireLen, f.Time)
			}
			if d.Decode(&f) == capture.Segment {
				links[f.Link]++
				g := *d.Segment()
				g.Payload = nil
				segments = append(segments, g)
			}
		}
	})
	return segments, links
}

// exchange opens a connection from a to b, sends hello, and closes it.
func exchange(t *testing.T, a, b *netlab.Host, address string) {
	t.Helper()
	var l net.Listener
	var err error
	b.Do(func() { l, err = net.Listen("tcp", net.JoinHostPort(address, "0")) })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c, err := l.Accept(); err == nil {
			buf := make([]byte, 16)
			c.Read(buf)
			c.Read(buf)
			c.Close()
		}
	}()
	a.Do(func() {
		var c net.Conn
		if c, err = net.Dial("tcp", l.Addr().String()); err == nil {
			fmt.Fprint(c, "hello")
			c.Close()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	<-done
	time.Sleep(20 * time.Millisecond) // the last ACK comes from the kernel
}

// story is the flags of the segments.
func story(segments []tcp.Segment) string {
	var words []string
	for _, s := range segments {
		words = append(words, s.Flags.String())
	}
	return strings.Join(words, " ")
}

func TestVeth(t *testing.T) {
	a, b := netlab.New(t)
	for _, family := range []string{b.IPv4, b.IPv6} {
		s := open(t, a, a.Interface, Options{})
		exchange(t, a, b, family)
		got, links := drain(t, a, s)
		if len(got) < 8 || got[0].Flags != tcp.SYN || got[1].Flags != tcp.SYN|tcp.ACK {
			t.Errorf("%s: saw %s", family, story(got))
		}
		if len(links) != 1 || links[capture.LinkEthernet] == 0 {
			t.Errorf("link types %v, want only Ethernet", links)
		}
		c, err := s.Counters()
		if err != nil || c.Dropped != 0 || int(c.Received) < len(got) {
			t.Errorf("counters %+v, %v, with %d segments", c, err, len(got))
		}
	}
}

// What the filter does not let through costs no room.
func TestFilter(t *testing.T) {
	a, b := netlab.New(t)
	s := open(t, a, a.Interface, Options{})
	all := open(t, a, a.Interface, Options{Everything: true})
	var udp net.PacketConn
	var err error
	b.Do(func() { udp, err = net.ListenPacket("udp", b.IPv4+":0") })
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	a.Do(func() {
		var c net.Conn
		if c, err = net.Dial("udp", udp.LocalAddr().String()); err == nil {
			c.Write([]byte("no TCP"))
			c.Close()
		}
		if c, err = net.Dial("udp", b.IPv4+":4789"); err == nil { // draws an ICMP error, too
			c.Write([]byte("perhaps a tunnel"))
			c.Close()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	count := func(s *Source) (n int) {
		a.Do(func() {
			var f capture.Frame
			for s.Next(&f, 300*time.Millisecond) == nil {
				if binary.BigEndian.Uint16(f.Data[12:]) == 0x0800 {
					n++
				}
			}
		})
		return n
	}
	if got := count(s); got != 2 {
		t.Errorf("%d IPv4 frames through the filter, want the tunnel's and the ICMP error", got)
	}
	if got := count(all); got != 3 {
		t.Errorf("%d IPv4 frames without a filter, want 3", got)
	}
}

func TestSnapLen(t *testing.T) {
	a, b := netlab.New(t)
	s := open(t, a, a.Interface, Options{SnapLen: 60})
	exchange(t, a, b, b.IPv4)
	longer := 0
	a.Do(func() {
		var f capture.Frame
		for s.Next(&f, 300*time.Millisecond) == nil {
			if len(f.Data) > 60 {
				t.Errorf("frame of %d bytes", len(f.Data))
			}
			if f.WireLen > 60 {
				longer++
			}
		}
	})
	if longer == 0 {
		t.Error("no frame was longer on the wire")
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := Open("no-such-if", Options{}); !errors.Is(err, ErrNoInterface) {
		t.Errorf("got %v, want ErrNoInterface", err)
	}
}

func TestDevices(t *testing.T) {
	devices, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range devices {
		if d.Loopback && d.Up && len(d.Addrs) > 0 {
			return
		}
	}
	t.Errorf("no loopback interface with an address among %+v", devices)
}

// At 150 000 small frames a second nothing is lost, and what a reader that is
// too slow loses is counted to the frame. LIVE_RATE_SECONDS sets how long.
func TestRate(t *testing.T) {
	seconds := 3
	if v := os.Getenv("LIVE_RATE_SECONDS"); v != "" {
		fmt.Sscan(v, &seconds)
	}
	a, b := netlab.New(t)
	s := open(t, a, a.Interface, Options{})
	const rate = 150_000 / netlab.Slow
	want := rate * seconds
	sent := make(chan int, 1)
	go func() { sent <- b.Blast(rate, want) }()
	d := capture.NewDecoder(capture.Options{})
	got := 0
	a.Do(func() {
		var f capture.Frame
		for s.Next(&f, 2*time.Second) == nil {
			if d.Decode(&f) == capture.Segment && d.Segment().Tuple.SrcPort >= netlab.BlastPort {
				got++
			}
		}
	})
	n := <-sent
	c, err := s.Counters()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("sent %d, seen %d, dropped %d", n, got, c.Dropped)
	if c.Dropped != 0 || got != n {
		t.Errorf("sent %d, seen %d, kernel counts %d dropped", n, got, c.Dropped)
	}

	// A ring that nobody reads.
	slow := open(t, a, a.Interface, Options{Buffer: 1 << 20})
	n = b.Blast(100_000, 50_000)
	rest := func() (frames int) {
		a.Do(func() {
			var f capture.Frame
			for slow.Next(&f, 300*time.Millisecond) == nil {
				frames++
			}
		})
		return frames
	}
	got = rest()
	c, err = slow.Counters()
	if err != nil {
		t.Fatal(err)
	}
	// The kernel counts a frame before its block is ours, and hosts send frames
	// of their own (neighbour discovery): what is counted by now is read by then.
	later := rest()
	t.Logf("nobody reads: sent %d, seen %d and %d, dropped %d", n, got, later, c.Dropped)
	if received := int(c.Received); c.Dropped == 0 || int(c.Dropped)+got < n || received < got || received > got+later {
		t.Errorf("sent %d, seen %d and then %d, counters %+v: they must add up", n, got, later, c)
	}
}
