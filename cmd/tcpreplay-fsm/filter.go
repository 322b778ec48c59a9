package main

import (
	"fmt"
	"net/netip"
	"slices"

	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/tcp"
)

func parseHosts(names []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range names {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("--host %q: it is an IP address or a prefix such as 10.0.0.0/8", s)
			}
			a = a.Unmap()
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

// selects returns what tells whether -f lets a frame through; nil if all frames are
// wanted. It is an error if -f cannot judge frames of its link type.
func (o *options) selects() func(*capture.Frame) (bool, error) {
	if o.filter == nil {
		return nil
	}
	link := ^capture.LinkType(0) // that the filter was last found to know
	return func(f *capture.Frame) (bool, error) {
		if f.Link != link {
			if err := o.filter.Supports(uint32(f.Link)); err != nil {
				return false, fmt.Errorf("-f: %w", err)
			}
			link = f.Link
		}
		return o.filter.Match(uint32(f.Link), f.Data, f.WireLen), nil
	}
}

// wants reports whether the command line asked for this part of the traffic.
// first is the time of the first frame.
func (o *options) wants(t *tcp.Tuple, at, first int64) bool {
	if o.from != nil && at < o.from.In(first) || o.to != nil && at > o.to.In(first) {
		return false
	}
	if len(o.ports) > 0 && !slices.Contains(o.ports, t.SrcPort) && !slices.Contains(o.ports, t.DstPort) {
		return false
	}
	if len(o.hosts) == 0 {
		return true
	}
	src, dst := t.Src.Netip(), t.Dst.Netip()
	return slices.ContainsFunc(o.hosts, func(p netip.Prefix) bool { return p.Contains(src) || p.Contains(dst) })
}
