//go:build libpcap

package wire

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/gopacket/pcap"

	"tcpreplay-fsm/capture"
)

// A Source delivers frames as they pass. Only Counters may be called from
// another goroutine.
type Source struct {
	name   string
	link   capture.LinkType
	handle *pcap.Handle
	frames int

	mu   sync.Mutex
	last Counters
}

// poll is how long libpcap waits at a time.
const poll = 100 * time.Millisecond

// Open opens an interface, or all of them with [Any] where libpcap can. Frames
// that pass from then on are delivered.
func Open(name string, o Options) (*Source, error) {
	o = o.withDefaults()
	h, err := activate(name, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &Source{name: name, link: capture.LinkType(h.LinkType()), handle: h}
	if o.Everything {
		return s, nil
	}
	if h.SetBPFFilter(expression(true)) != nil { // this link layer has no EtherTypes
		if err := h.SetBPFFilter(expression(false)); err != nil {
			h.Close()
			return nil, fmt.Errorf("%s: filter: %w", name, err)
		}
	}
	return s, nil
}

func activate(name string, o Options) (*pcap.Handle, error) {
	in, err := pcap.NewInactiveHandle(name)
	if err != nil {
		return nil, err
	}
	defer in.CleanUp()
	for _, err := range []error{
		in.SetSnapLen(o.SnapLen), in.SetPromisc(o.Promiscuous),
		in.SetTimeout(poll), in.SetBufferSize(o.Buffer),
	} {
		if err != nil {
			return nil, err
		}
	}
	h, err := in.Activate()
	if err != nil {
		return nil, classify(err)
	}
	return h, nil
}

// classify names what gopacket only says in words.
func classify(err error) error {
	switch text := strings.ToLower(err.Error()); {
	case strings.Contains(text, "permission"), strings.Contains(text, "not permitted"):
		return ErrNotPermitted
	case strings.Contains(text, "no such device"):
		return ErrNoInterface
	}
	return err
}

// Next reads the next frame into f, waiting for it as long as is given. Data is
// valid until the next call.
func (s *Source) Next(f *capture.Frame, wait time.Duration) error {
	for begun := time.Now(); ; {
		data, info, err := s.handle.ZeroCopyReadPacketData()
		switch {
		case errors.Is(err, pcap.NextErrorTimeoutExpired):
			if time.Since(begun) >= wait {
				return ErrQuiet
			}
			continue
		case err != nil:
			if text := strings.ToLower(err.Error()); strings.Contains(text, "went down") || strings.Contains(text, "disappeared") {
				return fmt.Errorf("%s: %w", s.name, ErrGone)
			}
			return fmt.Errorf("%s: %w", s.name, err)
		}
		s.frames++
		*f = capture.Frame{Number: s.frames, Time: info.Timestamp.UnixNano(), Data: data,
			WireLen: max(info.Length, len(data)), Link: s.link}
		return nil
	}
}

// Interfaces lists the interfaces that frames came from.
func (s *Source) Interfaces() []capture.Interface {
	return []capture.Interface{{Name: s.name, Link: s.link}}
}

// Counters returns what was counted so far.
func (s *Source) Counters() (Counters, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.handle.Stats()
	if err != nil {
		return s.last, err
	}
	s.last = Counters{Received: uint64(max(st.PacketsReceived-st.PacketsDropped, 0)), Dropped: uint64(st.PacketsDropped + st.PacketsIfDropped)}
	return s.last, nil
}

// Close ends the capture.
func (s *Source) Close() error {
	s.handle.Close()
	return nil
}
