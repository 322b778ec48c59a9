package reassembly

import (
	"bytes"
	"fmt"
	"strings"

	"tcpreplay-fsm/tcp"
)

// Policy decides which of two segments that overlap supplies the bytes, while
// they wait behind a hole; bytes that were handed out are never changed, as no
// receiver can. Receivers differ: see Shankar and Paxson, "Active Mapping:
// Resisting NIDS Evasion without Altering Traffic" (2003), and Novak and Sturges,
// "Target-Based TCP Stream Reassembly" (2007), whose names Snort and Suricata
// use, as do these. A policy looks at two segments at a time.
type Policy uint8

const (
	// First keeps the bytes that came first. Windows has done so since Vista.
	First Policy = iota
	// Last takes the bytes that came last.
	Last
	// BSD takes the segment that begins first, and of two that begin together the
	// one that came first. FreeBSD, macOS.
	BSD
	// Linux is as BSD, but of two that begin together takes the one that came
	// last, if it is longer. Linux since 2.4: tcp_data_queue_ofo.
	Linux
	// Windows is the policy of Windows 2000, XP and 2003, which is as BSD.
	Windows
)

var policyNames = [...]string{First: "first", Last: "last", BSD: "bsd", Linux: "linux", Windows: "windows"}

func (p Policy) String() string {
	if int(p) < len(policyNames) {
		return policyNames[p]
	}
	return fmt.Sprintf("Policy(%d)", uint8(p))
}

// ParsePolicy returns the policy of that name: first, last, bsd, linux or windows.
func ParsePolicy(name string) (Policy, error) {
	for p, n := range policyNames {
		if name == n {
			return Policy(p), nil
		}
	}
	return First, fmt.Errorf("unknown overlap policy %q: want one of %s", name, strings.Join(policyNames[:], ", "))
}

// prefersNew reports whether a new segment takes bytes over from an old one.
func (p Policy) prefersNew(old, new owner) bool {
	switch p {
	case Last:
		return true
	case BSD, Windows:
		return new.left.Less(old.left)
	case Linux:
		return new.left.Less(old.left) || new.left == old.left && old.right.Less(new.right)
	}
	return false
}

// Bounds of what a [Stream] keeps of conflicts.
const (
	MaxConflicts     = 16
	MaxConflictBytes = 256
)

// Conflict is a place for which two segments brought different bytes.
type Conflict struct {
	Offset uint64  // in the stream, of the first byte that differs
	Seq    tcp.Seq // its sequence number
	Len    uint32  // up to the last byte that differs, inclusive

	// Kept is the version in the stream, Dropped the other: the first
	// MaxConflictBytes of each. They belong to the Stream.
	Kept, Dropped []byte
	// The frames that brought them; KeptFrame is 0 if it is no longer known.
	KeptFrame, DroppedFrame int
	Time                    int64 // when the second version came, Unix nanoseconds
}

// compare records a conflict if two versions of the bytes at seq differ, and
// returns it; nil if there is none, or no room.
func (s *Stream) compare(seq tcp.Seq, kept, dropped []byte, keptFrame, droppedFrame int, time int64) *Conflict {
	if bytes.Equal(kept, dropped) {
		return nil
	}
	s.stats.Conflicts++
	if len(s.conflicts) == MaxConflicts {
		return nil
	}
	first, last := 0, len(kept)-1
	for kept[first] == dropped[first] {
		first++
	}
	for kept[last] == dropped[last] {
		last--
	}
	stored := min(last+1, first+MaxConflictBytes)
	seq = seq.Add(uint32(first))
	s.conflicts = append(s.conflicts, Conflict{
		Offset: s.offset + uint64(int64(seq.Sub(s.next))), Seq: seq, Len: uint32(last + 1 - first),
		Kept: bytes.Clone(kept[first:stored]), Dropped: bytes.Clone(dropped[first:stored]),
		KeptFrame: keptFrame, DroppedFrame: droppedFrame, Time: time,
	})
	return &s.conflicts[len(s.conflicts)-1]
}
