package main

import "encoding/binary"

const (
	fin = 1
	syn = 2
	psh = 8
	ack = 16
)

const (
	servers    = 0x0a000000 // 10.0.0.0/8, port 80
	clients    = 0x0b000000 // 11.0.0.0/8
	headers    = 14 + 20 + 20
	serverPort = 80
)

// segment is a segment of a made conversation.
type segment struct {
	client  uint32 // which of 2^24
	port    uint16
	answers bool // it is from the server
	flags   byte
	seq     uint32
	ack     uint32
}

// bytes returns the Ethernet frame with n bytes of payload, all zero, as far as a
// capture of the given length has them. Its checksums are right.
func (s segment) bytes(n, snap int) []byte {
	b := make([]byte, min(headers+n, snap))
	be := binary.BigEndian
	copy(b, "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00")
	ip, tcp := b[14:34], b[34:54]
	src, dst, sport, dport := clients|s.client&0xffffff, uint32(servers|1), s.port, uint16(serverPort)
	if s.answers {
		src, dst, sport, dport = dst, src, dport, sport
	}
	ip[0], ip[6], ip[8], ip[9] = 0x45, 0x40, 64, 6
	be.PutUint16(ip[2:], uint16(40+n))
	be.PutUint32(ip[12:], src)
	be.PutUint32(ip[16:], dst)
	be.PutUint16(ip[10:], ^sum(ip, 0))
	be.PutUint16(tcp[0:], sport)
	be.PutUint16(tcp[2:], dport)
	be.PutUint32(tcp[4:], s.seq)
	be.PutUint32(tcp[8:], s.ack)
	tcp[12], tcp[13] = 5<<4, s.flags
	be.PutUint16(tcp[14:], 0xffff)
	be.PutUint16(tcp[16:], ^sum(tcp, uint32(sum(ip[12:20], 6+20+uint32(n)))))
	return b
}

// sum is the ones' complement sum of RFC 1071.
func sum(b []byte, s uint32) uint16 {
	for i := 0; i < len(b); i += 2 {
		s += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}

// transfer is a made conversation: a request, and full segments in answer, every
// second one acknowledged.
type transfer struct {
	n       int // which one: its client's address and port
	packets int // in all, at least 7 if it is closed
	payload int // of each segment of the answer
	snap    int
	gap     int64 // microseconds between two packets
	open    bool  // it is not closed

	done int
	sent uint32 // bytes of the answer
}

const request = 100

func (t *transfer) next() (int64, []byte, int, bool) {
	i := t.done
	if i == t.packets {
		return 0, nil, 0, false
	}
	t.done++
	s := segment{client: uint32(t.n), port: uint16(1024 + t.n%60_000), flags: ack, seq: 1 + request, ack: 1 + t.sent}
	payload := 0
	last := t.packets - 3
	if t.open {
		last = t.packets
	}
	switch {
	case i == 0:
		s.flags, s.seq, s.ack = syn, 0, 0
	case i == 1:
		s.answers, s.flags, s.seq, s.ack = true, syn|ack, 0, 1
	case i == 2:
		s.seq, s.ack = 1, 1
	case i == 3:
		s.flags, s.seq, s.ack, payload = ack|psh, 1, 1, request
	case i == last:
		s.flags |= fin
	case i == last+1:
		s.answers, s.flags, s.seq, s.ack = true, ack|fin, 1+t.sent, 2+request
	case i == last+2:
		s.seq, s.ack = 2+request, 2+t.sent
	case i%3 != 0:
		s.answers, s.seq, s.ack, payload = true, 1+t.sent, 1+request, t.payload
		t.sent += uint32(payload)
	}
	return int64(i) * t.gap, s.bytes(payload, t.snap), headers + payload, true
}
