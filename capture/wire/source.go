package wire

import (
	"errors"
	"net/netip"
	"time"
)

// Any is the name that stands for all interfaces.
const Any = "any"

// Options tunes a capture. The zero Options is ready to use.
type Options struct {
	SnapLen     int           // bytes of each frame to keep; 0 keeps all
	Promiscuous bool          // also frames that are not for this host
	Buffer      int           // bytes of the kernel's ring; 0 means 64 MiB
	Latency     time.Duration // how long the kernel may hold a frame back to deliver it with others; 0 means 50 ms
	Everything  bool          // no filter in the kernel
}

// What Next returns besides frames.
var (
	// ErrQuiet says that nothing came in the time given. Call Next again.
	ErrQuiet = errors.New("nothing passed")
	// ErrDown says that the interface went down. It is returned once; call Next
	// again to go on when the interface comes up.
	ErrDown = errors.New("the interface is down")
	// ErrGone says that the interface no longer exists.
	ErrGone = errors.New("the interface is gone")
)

// What Open fails with, beside errors of the operating system.
var (
	ErrNoInterface  = errors.New("there is no such interface")
	ErrNotPermitted = errors.New("capturing is not permitted")
	ErrUnsupported  = errors.New("live capture is not built in on this system; build with -tags libpcap")
)

// Counters says what the kernel did with the frames that passed its filter.
type Counters struct {
	Received uint64 // delivered, or waiting in the ring
	Dropped  uint64 // lost for want of room in the ring
}

// Device is an interface that can be captured from.
type Device struct {
	Name        string
	Description string // of libpcap only
	Up          bool   // set up by the administrator
	Running     bool   // and the link is there
	Loopback    bool
	Addrs       []netip.Prefix
}

const (
	defaultBuffer = 64 << 20
	// At low rates the ring holds as many latencies as it has blocks: 256 of them
	// are 13 s.
	defaultLatency = 50 * time.Millisecond
	maxSnapLen     = 262_144 // what libpcap and Wireshark take at most
)

func (o Options) withDefaults() Options {
	if o.SnapLen <= 0 || o.SnapLen > maxSnapLen {
		o.SnapLen = maxSnapLen
	}
	if o.Buffer <= 0 {
		o.Buffer = defaultBuffer
	}
	if o.Latency <= 0 {
		o.Latency = defaultLatency
	}
	return o
}
