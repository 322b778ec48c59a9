//go:build linux && !libpcap

package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"tcpreplay-fsm/capture"
)

// A Source delivers frames as they pass. Only Counters may be called from
// another goroutine.
type Source struct {
	name   string
	index  int // of the interface, 0 for all
	ring   *ring
	frames int

	numbers map[int32]uint32 // by the kernel's index: index into ifaces
	ifaces  []capture.Interface

	mu     sync.Mutex
	counts Counters
}

// Open opens an interface, or all of them with [Any]. Frames that pass from then
// on are delivered.
func Open(name string, o Options) (*Source, error) {
	o = o.withDefaults()
	s := &Source{name: name, numbers: map[int32]uint32{}}
	if name != Any {
		i, err := net.InterfaceByName(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, ErrNoInterface)
		}
		s.index = i.Index
	}
	r, err := openRing(o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := r.bind(s.index, o.Promiscuous); err != nil {
		r.close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s.ring = r
	return s, nil
}

// Next reads the next frame into f, waiting for it as long as is given. Data is
// valid until the next call.
func (s *Source) Next(f *capture.Frame, wait time.Duration) error {
	var at slot
	for begun := time.Now(); !s.ring.slot(&at); {
		err := s.ring.wait(wait - time.Since(begun))
		switch {
		case errors.Is(err, unix.ENETDOWN), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV):
			if s.ring.slot(&at) { // it passed before that
				break
			}
			if _, err := net.InterfaceByIndex(s.index); err != nil {
				return fmt.Errorf("%s: %w", s.name, ErrGone)
			}
			return fmt.Errorf("%s: %w", s.name, ErrDown)
		case err != nil:
			return err
		}
	}
	s.frames++
	h := at.header
	f.Number = s.frames
	f.Time = int64(h.Sec)*1e9 + int64(h.Nsec)
	f.Input, f.Comment = 0, ""
	f.Interface = s.number(at.address)
	f.Link = s.ifaces[f.Interface].Link
	var added int
	f.Data, added = dress(&at, f.Link)
	f.WireLen = int(h.Len) + added
	return nil
}

const (
	vlanTag     = 4
	sll2Header  = 20
	addresses   = 12 // of an Ethernet header
	defaultTPID = 0x8100
)

// dress puts before a packet what the kernel delivers beside it, in the room the
// ring reserves: the VLAN tag, and the cooked header.
func dress(at *slot, link capture.LinkType) (data []byte, added int) {
	from, to := at.at, at.at+at.n
	tagged := at.header.Status&unix.TP_STATUS_VLAN_VALID != 0
	tpid, tci := uint16(defaultTPID), uint16(at.header.Hv1.Vlan_tci)
	if at.header.Status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = at.header.Hv1.Vlan_tpid
	}
	be := binary.BigEndian
	switch {
	case link == capture.LinkSLL2:
		a := at.address
		from = min(int(at.header.Net), to)                            // whatever link layer header lies before it is left out
		protocol := binary.NativeEndian.AppendUint16(nil, a.Protocol) // in network order already
		if tagged {
			from -= vlanTag
			be.PutUint16(at.frame[from:], tci)
			copy(at.frame[from+2:], protocol)
			be.PutUint16(protocol, tpid)
		}
		from -= sll2Header
		h := append(at.frame[from:from], protocol...)
		h = append(h, 0, 0)
		h = be.AppendUint32(h, uint32(a.Ifindex))
		h = be.AppendUint16(h, a.Hatype)
		h = append(h, a.Pkttype, a.Halen)
		copy(h[len(h):cap(h)], a.Addr[:])
	case tagged && link == capture.LinkEthernet && at.n >= addresses+2:
		copy(at.frame[from-vlanTag:], at.frame[from:from+addresses])
		from -= vlanTag
		be.PutUint16(at.frame[from+addresses:], tpid)
		be.PutUint16(at.frame[from+addresses+2:], tci)
	}
	return at.frame[from:to:to], at.at - from
}

// number numbers interfaces in the order of their first frames.
func (s *Source) number(a *unix.RawSockaddrLinklayer) uint32 {
	if n, ok := s.numbers[a.Ifindex]; ok {
		return n
	}
	name := s.name
	if name == Any {
		name = fmt.Sprintf("if%d", a.Ifindex)
		if i, err := net.InterfaceByIndex(int(a.Ifindex)); err == nil {
			name = i.Name
		}
	}
	link := capture.LinkSLL2
	switch a.Hatype {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		link = capture.LinkEthernet
	case unix.ARPHRD_IEEE80211_RADIOTAP:
		link = capture.LinkRadiotap
	}
	n := uint32(len(s.ifaces))
	s.numbers[a.Ifindex] = n
	s.ifaces = append(s.ifaces, capture.Interface{Name: name, Link: link})
	return n
}

// Interfaces lists the interfaces that frames came from so far.
// Frame.Interface is an index into it.
func (s *Source) Interfaces() []capture.Interface { return s.ifaces }

// Counters returns what the kernel counted so far.
func (s *Source) Counters() (Counters, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	received, dropped, err := s.ring.counters()
	s.counts.Received += received
	s.counts.Dropped += dropped
	return s.counts, err
}

// Close ends the capture.
func (s *Source) Close() error { return s.ring.close() }
