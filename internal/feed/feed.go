// Package feed has an analyzer follow whole captures, for tests and benchmarks. The
// command and package live do more on the way: they count frames and leave out what
// was not asked for.
package feed

import (
	"errors"
	"io"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture"
)

// Captures follows what is in the named captures, merged in the order of time, and
// returns the findings about several conversations; o.Done is handed the
// conversations. A name "-" reads stdin. What can be read of a damaged capture is
// followed and is no error.
func Captures(names []string, stdin io.Reader, o analyzer.Options) ([]analyzer.Finding, error) {
	in, err := capture.Open(names, stdin, capture.Options{})
	if err != nil {
		return nil, err
	}
	defer in.Close()
	d := capture.NewDecoder(capture.Options{})
	o.Scope = d.ScopeName
	a := analyzer.New(o)
	for {
		f, err := in.Next()
		if errors.Is(err, io.EOF) {
			return a.Close(), nil
		}
		if err != nil {
			return nil, err
		}
		for v, more := d.Decode(f), true; more; v, more = d.Further() {
			switch v {
			case capture.Segment:
				a.Add(d.Segment())
			case capture.ICMP:
				a.AddICMP(d.ICMP())
			}
		}
	}
}
