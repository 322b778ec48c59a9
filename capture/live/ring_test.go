//go:build linux && !libpcap

package live

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

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

// drain reads what passed until it has been quiet, and returns the segments.
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
			links[f.Link]++
			if d.Decode(&f) == capture.Segment {
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
		for i := range s.Interfaces() {
			if n := s.Interfaces()[i].Name; n != "lo" {
				t.Errorf("%s: interface %q, want lo", name, n)
			}
		}
	}
}

// The kernel takes VLAN tags off; they are put back.
func TestVLANTag(t *testing.T) {
	a, b := netlab.New(t)
	for _, name := range []string{a.Interface, Any} {
		s := open(t, a, name, Options{})
		frame := segmentFrame()
		tagged := append(frame[:12:12], 0x88, 0xa8, 0, 7, 0x81, 0, 0x60, 5) // VLAN 5 within 7
		tagged = append(tagged, frame[12:]...)
		b.Do(func() { transmit(t, b, tagged) })
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
		if _, err := tun.Write(segmentFrame()[14:]); err != nil {
			t.Fatal(err)
		}
		got, links := drain(t, a, s)
		if len(got) != 1 || links[capture.LinkSLL2] == 0 || len(links) != 1 {
			t.Errorf("%s: saw %q in frames of %v", name, story(got), links)
		}
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
// too slow loses is counted to the frame.
func TestRate(t *testing.T) {
	seconds := 3
	if v := os.Getenv("LIVE_RATE_SECONDS"); v != "" {
		fmt.Sscan(v, &seconds)
	}
	a, b := netlab.New(t)
	s := open(t, a, a.Interface, Options{})
	want := 150_000 * seconds
	sent := make(chan int, 1)
	go func() { sent <- blast(t, b, 150_000, want) }()
	d := capture.NewDecoder(capture.Options{})
	got := 0
	a.Do(func() {
		var f capture.Frame
		for s.Next(&f, 2*time.Second) == nil {
			if d.Decode(&f) == capture.Segment && d.Segment().Tuple.SrcPort == blastPort {
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
	n = blast(t, b, 100_000, 50_000)
	got = 0
	a.Do(func() {
		var f capture.Frame
		for slow.Next(&f, 300*time.Millisecond) == nil {
			got++
		}
	})
	c, err = slow.Counters()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("nobody reads: sent %d, seen %d, dropped %d", n, got, c.Dropped)
	if c.Dropped == 0 || int(c.Dropped)+got < n || int(c.Received) != got {
		t.Errorf("sent %d, seen %d, counters %+v: they must add up", n, got, c)
	}
}

const blastPort = 40_000

// segmentFrame is a TCP segment in Ethernet, from and to nobody.
func segmentFrame() []byte {
	frame := make([]byte, 60)
	copy(frame, []byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 8, 0})
	ip := frame[14:]
	copy(ip, []byte{0x45, 0, 0, 46, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 77, 0, 200, 10, 77, 0, 201})
	binary.BigEndian.PutUint16(ip[20:], blastPort)
	binary.BigEndian.PutUint16(ip[22:], 80)
	copy(ip[32:], []byte{0x50, 0x10, 0xff, 0xff})
	return frame
}

// wire opens h's end of the cable to send frames; call it within h.Do.
func wire(t *testing.T, h *netlab.Host) int {
	i, err := net.InterfaceByName(h.Interface)
	if err != nil {
		t.Error(err)
		return -1
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1)
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: i.Index})
	}
	if err != nil {
		t.Error(err)
	}
	return fd
}

func transmit(t *testing.T, h *netlab.Host, frame []byte) {
	fd := wire(t, h)
	defer unix.Close(fd)
	if _, err := unix.Write(fd, frame); err != nil {
		t.Error(err)
	}
}

// blast sends n segments over the cable at a rate.
func blast(t *testing.T, from *netlab.Host, perSecond, n int) (sent int) {
	frame := segmentFrame()
	from.Do(func() {
		fd := wire(t, from)
		defer unix.Close(fd)
		begun := time.Now()
		for sent < n {
			due := int(time.Since(begun).Seconds() * float64(perSecond))
			for ; sent < min(due, n); sent++ {
				binary.BigEndian.PutUint32(frame[14+24:], uint32(sent)*6)
				if _, err := unix.Write(fd, frame); err != nil {
					t.Error(err)
					return
				}
			}
			time.Sleep(500 * time.Microsecond)
		}
	})
	return sent
}
