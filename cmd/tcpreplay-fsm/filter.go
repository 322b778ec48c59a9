package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/tcp"
)

// moment is a bound of --from or --to.
type moment struct {
	set      bool
	relative bool  // ns counts from the first frame
	ns       int64 // else from the Unix epoch
}

// unixFrom is the number of seconds from which a plain number is a Unix time:
// March 1973. No capture lasts three years, and none is as old as that.
const unixFrom = 100_000_000

// parseMoment reads RFC 3339, a time as reports print it, Unix seconds, or seconds
// since the first frame.
func parseMoment(s string) (moment, error) {
	if s == "" {
		return moment{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime} {
		if t, err := time.Parse(layout, strings.TrimSuffix(s, " UTC")); err == nil {
			return moment{set: true, ns: t.UnixNano()}, nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return moment{set: true, relative: true, ns: int64(d)}, nil
	}
	whole, frac, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseUint(whole, 10, 33)
	if err == nil && frac != "" {
		frac = (frac + "000000000")[:9]
	} else {
		frac = "0"
	}
	ns, err2 := strconv.ParseUint(frac, 10, 30)
	if err != nil || err2 != nil {
		return moment{}, fmt.Errorf("%q is no time; write 2026-01-31T08:15:00Z, Unix seconds, or seconds since the first frame", s)
	}
	return moment{set: true, relative: sec < unixFrom, ns: int64(sec)*1e9 + int64(ns)}, nil
}

// at is the moment as Unix nanoseconds, in a capture whose first frame is known.
func (m moment) at(first int64) int64 {
	if m.relative {
		return first + m.ns
	}
	return m.ns
}

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
	if o.from.set && at < o.from.at(first) || o.to.set && at > o.to.at(first) {
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
