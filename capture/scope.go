package capture

import (
	"strconv"
	"sync"
)

// scopeKind says what kind of virtual network a number names.
type scopeKind uint8

const (
	scopeVLAN scopeKind = iota + 1
	scopeMPLS
	scopePPPoE
	scopeVNI // VXLAN and GENEVE
	scopeGRE
)

var scopeNames = [...]string{scopeVLAN: "vlan ", scopeMPLS: "mpls ", scopePPPoE: "pppoe ", scopeVNI: "vni ", scopeGRE: "gre key "}

// maxScopes bounds the networks told apart. Of what lies in later ones only the
// networks around them count.
const maxScopes = 1 << 16

// A scope is one virtual network inside another: a tree whose root, number 0,
// is no virtual network. Each path from the root is one stack of tags and has
// the number of its last scope, in order of appearance.
type scope struct {
	outer uint32
	id    uint32
	kind  scopeKind
}

type scopes struct {
	numbers map[scope]uint32
	mu      sync.RWMutex // guards list, which ScopeName reads beside Decode
	list    []scope      // by number, from 1
	// The packet before is most often in the same network.
	last       scope
	lastNumber uint32
}

// inScope notes that what follows lies in a virtual network.
func (d *Decoder) inScope(kind scopeKind, id uint32) {
	d.segment.Scope = d.scopes.number(scope{d.segment.Scope, id, kind})
}

func (s *scopes) number(of scope) uint32 {
	if of == s.last {
		return s.lastNumber
	}
	n, ok := s.numbers[of]
	if !ok {
		if len(s.list) == maxScopes {
			return of.outer
		}
		if s.numbers == nil {
			s.numbers = make(map[scope]uint32)
		}
		s.mu.Lock()
		s.list = append(s.list, of)
		s.mu.Unlock()
		n = uint32(len(s.list))
		s.numbers[of] = n
	}
	s.last, s.lastNumber = of, n
	return n
}

// ScopeName spells a Segment.Scope from the outside in, such as "vlan 10 / vni
// 42"; 0 is "". It may be called beside Decode.
func (d *Decoder) ScopeName(id uint32) string {
	d.scopes.mu.RLock()
	if id == 0 || int(id) > len(d.scopes.list) {
		d.scopes.mu.RUnlock()
		return ""
	}
	s := d.scopes.list[id-1]
	d.scopes.mu.RUnlock()
	name := scopeNames[s.kind] + strconv.FormatUint(uint64(s.id), 10)
	if outer := d.ScopeName(s.outer); outer != "" {
		return outer + " / " + name
	}
	return name
}
