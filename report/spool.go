package report

import (
	"cmp"
	"os"
	"slices"
)

// spoolMemory is how much a spool keeps in memory before it moves to a file.
const spoolMemory = 16 << 20

// spool keeps encoded conversations until they can be read back in the order
// of their ids: in memory up to a bound, then in a temporary file.
type spool struct {
	limit int // bytes in memory; 0 means spoolMemory
	mem   []byte
	file  *os.File // what came before mem
	size  int64    // bytes in file
	index []spooled
}

// spooled is where one conversation lies. An index entry costs 16 bytes.
type spooled struct {
	off int64
	len uint32
	id  uint32
}

// add keeps a copy of b.
func (s *spool) add(id int, b []byte) error {
	s.index = append(s.index, spooled{s.size + int64(len(s.mem)), uint32(len(b)), uint32(id)})
	if cap(s.mem)-len(s.mem) < len(b) {
		s.mem = slices.Grow(s.mem, max(len(b), cap(s.mem))) // doubling: append's own growth would copy too often
	}
	s.mem = append(s.mem, b...)
	if limit := cmp.Or(s.limit, spoolMemory); len(s.mem) < limit {
		return nil
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "tcpreplay-fsm-*.spool")
		if err != nil {
			return err
		}
		s.file = f
		os.Remove(f.Name()) // gone even if we are killed; where that fails, close removes it
	}
	n, err := s.file.Write(s.mem)
	s.size += int64(n)
	s.mem = s.mem[:0]
	return err
}

// each calls f with every conversation in the order of their ids. The bytes
// are valid until f returns.
func (s *spool) each(f func(b []byte) error) error {
	slices.SortFunc(s.index, func(a, b spooled) int { return cmp.Compare(a.id, b.id) })
	var buf []byte
	for _, e := range s.index {
		if e.off >= s.size {
			buf = append(buf[:0], s.mem[e.off-s.size:][:e.len]...)
		} else {
			buf = slices.Grow(buf[:0], int(e.len))[:e.len]
			if _, err := s.file.ReadAt(buf, e.off); err != nil {
				return err
			}
		}
		if err := f(buf); err != nil {
			return err
		}
	}
	return nil
}

// close frees what the spool holds.
func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
	}
	*s = spool{}
}
