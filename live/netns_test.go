//go:build linux && !libpcap

package live

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	runtimemetrics "runtime/metrics"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture/save"
	"tcpreplay-fsm/capture/wire"
	"tcpreplay-fsm/internal/feed"
	"tcpreplay-fsm/internal/netlab"
	"tcpreplay-fsm/report"
)

// listenOn opens a's end of the cable.
func listenOn(t *testing.T, h *netlab.Host) *wire.Source {
	t.Helper()
	var s *wire.Source
	var err error
	h.Do(func() { s, err = wire.Open(h.Interface, wire.Options{}) })
	if errors.Is(err, wire.ErrNotPermitted) {
		t.Skip("skipped: packet sockets are not allowed here")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// kernelNames are the states as ss(8) spells them.
var kernelNames = map[string]string{"ESTAB": "ESTABLISHED", "SYN-SENT": "SYN_SENT", "SYN-RECV": "SYN_RCVD", "FIN-WAIT-1": "FIN_WAIT_1",
	"FIN-WAIT-2": "FIN_WAIT_2", "TIME-WAIT": "TIME_WAIT", "CLOSE-WAIT": "CLOSE_WAIT", "LAST-ACK": "LAST_ACK", "CLOSING": "CLOSING"}

// sockets are the states of one host's sockets, by local and peer address.
func sockets(t *testing.T, h *netlab.Host) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.Lines(h.Run("ss", "-Htan")) {
		f := strings.Fields(line)
		if len(f) < 5 || f[0] == "LISTEN" {
			continue
		}
		name := kernelNames[f[0]]
		if name == "" {
			t.Errorf("ss says %q", line)
		}
		out[f[3]+" > "+f[4]] = name
	}
	return out
}

// observer follows the NDJSON lines of a run.
type observer struct {
	mu       sync.Mutex
	states   map[string]string // of endpoints that have a socket, by local and peer address
	findings map[string]int
}

func (o *observer) read(r io.Reader) error {
	in := bufio.NewScanner(r)
	for in.Scan() {
		var e struct {
			Event, Side, To, ID string
			Client, Server      struct {
				Addr netip.Addr
				Port uint16
			}
		}
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			return fmt.Errorf("%s: %w", in.Text(), err)
		}
		local, peer := netip.AddrPortFrom(e.Client.Addr, e.Client.Port), netip.AddrPortFrom(e.Server.Addr, e.Server.Port)
		if e.Side == "server" {
			local, peer = peer, local
		}
		key := local.String() + " > " + peer.String()
		o.mu.Lock()
		switch {
		case e.Event == "finding":
			o.findings[e.ID]++
		case e.To == "CLOSED":
			delete(o.states, key)
		case e.To != "":
			o.states[key] = e.To
		}
		o.mu.Unlock()
	}
	return in.Err()
}

func (o *observer) snapshot() map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := map[string]string{}
	for k, v := range o.states {
		c[k] = v
	}
	return c
}

// lab is a run on a cable, and the connections that pass it.
type lab struct {
	t    *testing.T
	a, b *netlab.Host
	seen *observer
}

// agree waits until we say of every socket what the kernels of both hosts say.
func (l *lab) agree(step string) {
	l.t.Helper()
	var kernel, ours map[string]string
	for deadline := time.Now().Add(4 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		kernel = sockets(l.t, l.a)
		for k, v := range sockets(l.t, l.b) {
			kernel[k] = v
		}
		if ours = l.seen.snapshot(); reflect.DeepEqual(kernel, ours) {
			return
		}
	}
	l.t.Errorf("after %s: ss says\n%s\nwe say\n%s", step, list(kernel), list(ours))
}

func list(m map[string]string) string {
	b, _ := json.MarshalIndent(m, "", "  ")
	return string(b)
}

// connect makes a connection from a to b. Port 0 lets the kernel choose.
func (l *lab) connect(from int, to net.Listener) (client, server *net.TCPConn) {
	l.t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(l.a.IPv4), Port: from}, KeepAlive: -1,
		Control: func(_, _ string, c syscall.RawConn) error {
			return c.Control(func(fd uintptr) { unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) })
		}}
	l.a.Do(func() {
		c, err := d.Dial("tcp", to.Addr().String())
		if err != nil {
			l.t.Error(err)
			return
		}
		client = c.(*net.TCPConn)
	})
	c, err := to.Accept()
	if err != nil || client == nil {
		l.t.Fatal("no connection: ", err)
	}
	server = c.(*net.TCPConn)
	l.t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// Real connections between two kernels: what we presume while they go on is what
// the kernels say, the report is that of the saved file, and nothing is lost.
func TestKernelsAgree(t *testing.T) {
	a, b := netlab.New(t)
	b.Run("sh", "-c", "command -v ss") // fails clearly without it
	source := listenOn(t, a)
	dir := t.TempDir()
	saved := filepath.Join(dir, "saved.pcapng")
	var final bytes.Buffer
	ctx, stop := context.WithCancel(context.Background())
	lines, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, source, Options{Interface: a.Interface, Form: NDJSON, Quiet: true, Analyzer: analyzer.Options{Labels: true}, Save: &save.Options{Name: saved},
			Final: func() (Report, error) { return memory{report.NewJSON(&final)}, nil },
			Now:   func() (Report, string, error) { return nil, "", errors.New("not asked for") }}, out, io.Discard)
		out.Close()
	}()
	l := &lab{t: t, a: a, b: b, seen: &observer{states: map[string]string{}, findings: map[string]int{}}}
	read := make(chan error, 1)
	go func() { read <- l.seen.read(lines) }()

	var listener net.Listener
	var err error
	b.Do(func() {
		c := net.ListenConfig{KeepAlive: -1}
		listener, err = c.Listen(ctx, "tcp", b.IPv4+":8000")
	})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	l.scenes(listener)

	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := <-read; err != nil {
		t.Error(err)
	}
	for _, id := range []string{"keepalive", "refused", "abort", "syn-retransmit"} {
		if l.seen.findings[id] == 0 {
			t.Errorf("%s was not told; told: %v", id, l.seen.findings)
		}
	}
	var live, file map[string]any
	if err := json.Unmarshal(final.Bytes(), &live); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(reportOf(t, saved), &file); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"conversations", "findings"} {
		if !reflect.DeepEqual(live[part], file[part]) {
			t.Errorf("%s: the live report differs from that of the saved file:\n%v\n%v", part, live[part], file[part])
		}
	}
	if n := len(live["conversations"].([]any)); n != 8 {
		t.Errorf("%d conversations, want 8", n)
	}
	if c, err := source.Counters(); err != nil || c.Dropped != 0 {
		t.Errorf("counters %+v, %v", c, err)
	}
}

func (l *lab) scenes(listener net.Listener) {
	t := l.t
	client, server := l.connect(0, listener)
	l.agree("connecting")
	fmt.Fprint(client, "hello")
	client.CloseWrite()
	l.agree("the client's shutdown")
	server.Read(make([]byte, 10))
	server.Close()
	l.agree("the server's close")

	client, server = l.connect(0, listener)
	server.Close()
	l.agree("the server's close first")
	client.Close()
	l.agree("the client's close second")

	client, _ = l.connect(0, listener)
	client.SetLinger(0)
	client.Close()
	l.agree("a reset")

	client, _ = l.connect(0, listener)
	if err := client.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 3}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2500 * time.Millisecond)
	l.agree("keep-alives")

	// The server holds the TIME_WAIT; the client comes again from the same port.
	client, server = l.connect(40001, listener)
	server.Close()
	l.agree("closing what will be reused")
	client.Close()
	l.agree("TIME_WAIT before the reuse")
	l.connect(40001, listener)
	l.agree("the reuse")

	// Nothing listens there.
	l.a.Do(func() {
		if c, err := net.Dial("tcp", l.b.IPv4+":8001"); err == nil {
			c.Close()
			t.Error("port 8001 answers")
		}
	})
	l.agree("a refusal")

	// Nobody answers: SYN_SENT until the client gives up.
	mac := strings.TrimSpace(l.b.Run("cat", "/sys/class/net/"+l.b.Interface+"/address"))
	l.a.IP("neigh", "replace", "10.77.0.99", "lladdr", mac, "dev", l.a.Interface)
	given := make(chan struct{})
	l.a.Do(func() {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Error(err)
			return
		}
		if err := unix.Connect(fd, &unix.SockaddrInet4{Port: 80, Addr: [4]byte{10, 77, 0, 99}}); err != unix.EINPROGRESS {
			t.Error(err)
		}
		go func() {
			defer close(given)
			time.Sleep(2500 * time.Millisecond) // two SYNs more
			l.agree("an attempt that nobody answers")
			unix.Close(fd)
		}()
	})
	<-given
}

// reportOf is the report of a file, as the command writes it.
func reportOf(t *testing.T, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := report.NewJSON(&out)
	across, err := feed.Captures([]string{name}, nil, analyzer.Options{Labels: true, Done: func(c *analyzer.Conversation) { w.Conversation(c) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.End(&report.Capture{}, across); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// memory is a report that nobody has to complete.
type memory struct{ report.Writer }

func (memory) Complete() error { return nil }
func (memory) Abandon()        {}

// tally counts conversations by how they opened and closed.
type tally struct {
	n    int
	how  map[string]int
	last *report.Capture
}

func (y *tally) Conversation(c *analyzer.Conversation) error {
	y.n++
	y.how[string(c.Opened)+", "+string(c.Closed)]++
	return nil
}
func (y *tally) End(c *report.Capture, _ []analyzer.Finding) error { y.last = c; return nil }
func (*tally) Complete() error                                     { return nil }
func (*tally) Abandon()                                            {}

// At 150 000 small frames a second the whole of it loses nothing, saving
// included. LIVE_RATE_SECONDS sets how long.
func TestRate(t *testing.T) {
	seconds := 3
	if v := os.Getenv("LIVE_RATE_SECONDS"); v != "" {
		fmt.Sscan(v, &seconds)
	}
	a, b := netlab.New(t)
	source := listenOn(t, a)
	ctx, stop := context.WithCancel(context.Background())
	y := &tally{how: map[string]int{}}
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, source, Options{Interface: a.Interface, Form: Text, Quiet: true,
			Save:  &save.Options{Name: filepath.Join(t.TempDir(), "a.pcapng"), MaxBytes: 16 << 20, Keep: 2},
			Final: func() (Report, error) { return y, nil },
			Now:   func() (Report, string, error) { return nil, "", errors.New("not asked for") }}, io.Discard, io.Discard)
	}()
	const rate = 150_000 / netlab.Slow
	sent := b.Blast(rate, rate*seconds)
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	c, err := source.Counters()
	t.Logf("sent %d, analysed %d in %d conversations, dropped %d", sent, y.last.Segments, y.n, c.Dropped)
	if err != nil || c.Dropped != 0 || y.last.Segments != sent || y.n != 1000 {
		t.Errorf("sent %d, analysed %d in %d conversations, counters %+v, %v", sent, y.last.Segments, y.n, c, err)
	}
}

// A thousand new connections a second: memory becomes flat, and every one is in
// the report. LIVE_SOAK sets how long.
func TestSoak(t *testing.T) {
	long := 15 * time.Second
	if v := os.Getenv("LIVE_SOAK"); v != "" {
		var err error
		if long, err = time.ParseDuration(v); err != nil {
			t.Fatal(err)
		}
	} else if testing.Short() {
		t.Skip("skipped: -short")
	}
	a, b := netlab.New(t)
	a.Run("sysctl", "-qw", "net.ipv4.ip_local_port_range=1024 65535")
	source := listenOn(t, a)
	ctx, stop := context.WithCancel(context.Background())
	y := &tally{how: map[string]int{}}
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, source, Options{Interface: a.Interface, Form: Silent, Quiet: true,
			Analyzer: analyzer.Options{IdleTimeout: time.Hour, Labels: true},
			Final:    func() (Report, error) { return y, nil },
			Now:      func() (Report, string, error) { return nil, "", errors.New("not asked for") }}, io.Discard, io.Discard)
	}()
	const perSecond, ports = 1000 / netlab.Slow, 8
	var servers []net.Listener
	b.Do(func() {
		for i := range ports {
			s, err := net.Listen("tcp", fmt.Sprintf("%s:%d", b.IPv4, 9000+i))
			if err != nil {
				t.Error(err)
				return
			}
			servers = append(servers, s)
			go serve(s)
		}
	})
	normal, reset := 0, 0
	var settled []uint64 // bytes alive, once what is over has begun to be forgotten
	a.Do(func() {
		begun, told := time.Now(), time.Now()
		for i := 0; time.Since(begun) < long; i++ {
			if ahead := time.Duration(i)*time.Second/perSecond - time.Since(begun); ahead > 0 {
				time.Sleep(ahead)
			}
			c, err := net.Dial("tcp", servers[i%ports].Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			c.Write([]byte("hello"))
			if i%10 == 0 {
				c.(*net.TCPConn).SetLinger(0)
				reset++
			} else {
				c.Read(make([]byte, 16))
				normal++
			}
			c.Close()
			if time.Since(told) > min(time.Minute, long/8) {
				told = time.Now()
				c, _ := source.Counters()
				alive, words := memoryUsed()
				t.Logf("%v: %d connections, %s, %d dropped", time.Since(begun).Round(time.Second), i, words, c.Dropped)
				if time.Since(begun) > 5*time.Minute {
					settled = append(settled, alive)
				}
			}
		}
	})
	for _, s := range servers {
		s.Close()
	}
	time.Sleep(200 * time.Millisecond)
	_, words := memoryUsed()
	t.Logf("at the end: %d connections, %s", normal+reset, words)
	if n := len(settled) / 2; n > 1 {
		first, second := slices.Max(settled[:n]), slices.Max(settled[n:])
		t.Logf("after five minutes at most %d MiB were alive, in the second half of the rest %d MiB", first>>20, second>>20)
		if second > first+first/5 {
			t.Error("memory grows")
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	counters, _ := source.Counters()
	t.Logf("%v, evicted %d, dropped %d", y.how, y.last.Evicted, counters.Dropped)
	closed := 0
	for how, n := range y.how {
		if strings.HasPrefix(how, "three-way, ") && !strings.HasSuffix(how, "reset") {
			closed += n
		}
	}
	if y.n != normal+reset || y.how["three-way, reset"] != reset || closed != normal || counters.Dropped != 0 {
		t.Errorf("%d normal and %d reset connections; the report has %d: %v, dropped %d", normal, reset, y.n, y.how, counters.Dropped)
	}
}

func serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			buf := make([]byte, 16)
			n, _ := c.Read(buf)
			c.Write(buf[:n])
			c.Read(buf)
			c.Close()
		}()
	}
}

// memoryUsed is how much was alive at the last collection of garbage, and more in
// words.
func memoryUsed() (alive uint64, words string) {
	live := []runtimemetrics.Sample{{Name: "/gc/heap/live:bytes"}}
	runtimemetrics.Read(live)
	alive = live[0].Value.Uint64()
	status, _ := os.ReadFile("/proc/self/status")
	_, rss, _ := strings.Cut(string(status), "VmRSS:")
	rss, _, _ = strings.Cut(rss, "\n")
	return alive, fmt.Sprintf("%d MiB alive, resident %s", alive>>20, strings.TrimSpace(rss))
}
