package filter

import (
	"strconv"
	"strings"
)

// named reads a value that is a name: of a service, of a range of ports or of a
// protocol. Names of hosts and networks are refused: to resolve them would ask
// the network, and today's answer may not be that of the capture.
func (p *parser) named(t *token, q qualifiers) builder {
	switch q.place {
	case port:
		s, ok := services[t.text]
		if !ok {
			p.fail(t, "%q is not a service known here: give its number", t.text)
		}
		switch q.proto {
		case anyProto:
			q.proto = s.proto
		case protoTCP, protoUDP:
			if s.proto != anyProto && s.proto != q.proto {
				p.fail(t, "%q is not a service of that protocol: give its number", t.text)
			}
		default:
			p.fail(t, "only tcp and udp services have names here: give the number")
		}
		return p.ports(t, q, s.port, s.port)
	case portRange:
		first, last, _ := strings.Cut(t.text, "-")
		lo, err := strconv.ParseUint(first, 10, 16)
		hi, err2 := strconv.ParseUint(last, 10, 16)
		if err != nil || err2 != nil {
			p.fail(t, "%q is no range of port numbers, such as 8000-8080", t.text)
		}
		return p.ports(t, q, uint32(lo), uint32(hi))
	case protoNumber:
		n, ok := ipProtocols[t.text]
		if q.proto == protoLink {
			n, ok = etherTypes[t.text]
		}
		if !ok {
			p.fail(t, "%q is not a protocol known here: give its number", t.text)
		}
		return p.protocol(t, q, n)
	}
	p.fail(t, "names are not resolved: give the address of %q", t.text)
	return nil
}
