//go:build !linux && !libpcap

package wire

import (
	"time"

	"tcpreplay-fsm/capture"
)

// A Source delivers frames as they pass. Here there is none.
type Source struct{}

// Open returns [ErrUnsupported].
func Open(string, Options) (*Source, error) { return nil, ErrUnsupported }

// Next returns [ErrUnsupported].
func (*Source) Next(*capture.Frame, time.Duration) error { return ErrUnsupported }

// Interfaces lists none.
func (*Source) Interfaces() []capture.Interface { return nil }

// Counters returns [ErrUnsupported].
func (*Source) Counters() (Counters, error) { return Counters{}, ErrUnsupported }

// Close does nothing.
func (*Source) Close() error { return nil }
