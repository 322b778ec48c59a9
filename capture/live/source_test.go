//go:build linux

package live

import (
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
