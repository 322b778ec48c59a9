package analyzer

import (
	"testing"

	"tcpreplay-fsm/tcp"
)

func tupleOf(src, dst uint64, srcPort, dstPort uint16) tcp.Tuple {
	return tcp.Tuple{Src: tcp.Addr{Lo: src}, Dst: tcp.Addr{Lo: dst}, SrcPort: srcPort, DstPort: dstPort}
}

// Both directions of a 4-tuple have one key, and neighbours have others.
func TestTableKey(t *testing.T) {
	tab := newTable()
	seen := map[uint64]tcp.Tuple{}
	for src := range uint64(8) {
		for dst := range uint64(8) {
			for port := range uint16(8) {
				u := tupleOf(src, dst, port, 1)
				key := tab.key(u)
				if back := tab.key(u.Reverse()); back != key {
					t.Fatalf("%s has the key %x, its reverse %x", u, key, back)
				}
				c, _ := u.Canonical()
				if other, ok := seen[key]; ok && other != c {
					t.Errorf("%s and %s have the same key", c, other)
				}
				seen[key] = c
			}
		}
	}
}

// Conversations whose keys happen to be equal are told apart, and one of them can
// be replaced or go without the others.
func TestTableWithOneKey(t *testing.T) {
	const key = 7
	tab := newTable()
	var conns []*conn
	for i := range uint64(4) {
		c := &conn{tuple: tupleOf(i, 9, 1, 2)}
		tab.add(key, c)
		conns = append(conns, c)
	}
	check := func(want ...*conn) {
		t.Helper()
		for i, w := range want {
			u := tupleOf(uint64(i), 9, 1, 2)
			for _, u := range []tcp.Tuple{u, u.Reverse()} {
				if got := tab.find(key, &tcp.Segment{Tuple: u}); got != w {
					t.Errorf("%s: found %p, want %p", u, got, w)
				}
			}
		}
	}
	check(conns...)

	next := &conn{tuple: conns[1].tuple}
	// They stand in the row of key, so that is where they are looked for.
	place := tab.key(next.tuple)
	tab.first[place] = tab.first[key]
	tab.replace(conns[1], next)
	check(conns[0], next, conns[2], conns[3])
	tab.replace(next, nil)
	check(conns[0], nil, conns[2], conns[3])
}
