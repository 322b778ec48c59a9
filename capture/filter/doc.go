// Package filter selects frames with tcpdump's filter language (pcap-filter(7)),
// without libpcap.
//
//	f, err := filter.Compile("tcp port 443 and host 10.0.0.1")
//	if err == nil && f.Match(link, data, wireLen) { … }
//
// It accepts a part of the language. What it accepts means what it means to
// libpcap: the same tests in the same order on the same bytes, so that the
// verdict is the same also for fragments, cut frames and headers that lie.
// Everything else is refused by name, with its column. docs/filters.md lists
// what is accepted.
//
// How it works: the parser turns an expression into builders of tests. The first
// frame of a link type runs them with that link type's [layout], from left to
// right, because a "vlan" moves the offsets of everything written after it. The
// result is flattened into a list of tests with two successors each, which a
// short loop walks. A load beyond the captured bytes rejects the frame at once,
// whatever the rest of the expression says: BPF does so (bpf_filter(9)).
package filter
