package protocol

import "bytes"

// Label names an application protocol, as people write it, and what the first
// bytes tell about this conversation: a server name, a request, a version. The
// zero Label means that the protocol is not known.
type Label struct {
	Protocol string
	Detail   string // printable ASCII, at most MaxDetail bytes; may be empty
}

func (l Label) String() string {
	if l.Detail == "" {
		return l.Protocol
	}
	return l.Protocol + " " + l.Detail
}

// MaxDetail bounds Label.Detail, in bytes.
const MaxDetail = 128

// Enough is how many bytes of a side Guess makes use of; a TLS ClientHello with
// a post-quantum key share needs about 2 KiB before its server name.
const Enough = 4096

// Guess names the protocol that begins with these bytes; either side may be
// empty or cut anywhere. It does not keep the slices.
func Guess(client, server []byte) Label {
	client, server = client[:min(len(client), Enough)], server[:min(len(server), Enough)]
	client = skipProxyHeader(client)
	for _, g := range guesses {
		if l := g(client, server); l.Protocol != "" {
			return l
		}
	}
	return Label{}
}

// guesses stand in an order in which none takes what a later one would know
// better.
var guesses = []func(client, server []byte) Label{
	tls,
	http,
	ssh,
	http2,
	bitTorrent, vnc, rsync, gitDaemon, adb, bgp, smb, rdp, amqp, mqtt, nats, xmpp,
	postgres, mysql, tds, tns, redis, mongo, cassandra, memcached, ldap, dns, modbus,
	mail, irc, telnet, socks, x11, pptp, tlsMidstream,
}

// skipProxyHeader passes over a header of the PROXY protocol, which load
// balancers put before what the client says (haproxy.org, proxy-protocol.txt).
func skipProxyHeader(client []byte) []byte {
	if bytes.HasPrefix(client, []byte("PROXY TCP")) {
		if i := bytes.Index(client[:min(len(client), 108)], []byte("\r\n")); i > 0 {
			return client[i+2:]
		}
	}
	const v2 = "\r\n\r\n\x00\r\nQUIT\n"
	if len(client) >= 16 && string(client[:12]) == v2 {
		return client[min(len(client), 16+be16(client[14:])):]
	}
	return client
}

// clean makes bytes of a peer fit for a Detail. What does not go into one ends with
// three dots, lest a part of a URL be taken for the whole.
func clean(b []byte) string {
	b = bytes.TrimSpace(b)
	whole, dots := len(b), "..."
	if whole <= MaxDetail {
		dots = ""
	}
	b = b[:min(whole, MaxDetail-len(dots))]
	out := make([]byte, 0, len(b)+len(dots))
	for _, c := range b {
		if c < ' ' || c > '~' {
			c = '.'
		}
		out = append(out, c)
	}
	return string(append(out, dots...))
}

// line returns b up to its first line end, without it, and whether there was one.
func line(b []byte) (l []byte, ok bool) {
	l, _, ok = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(l, []byte("\r")), ok
}

func has(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// be16 reads two bytes in network order; 0 if b is shorter. So do the others.
func be16(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	return int(b[0])<<8 | int(b[1])
}

func be32(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return uint32(be16(b))<<16 | uint32(be16(b[2:]))
}

func le32(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// text reports whether all of b is printable ASCII.
func text(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
