package tcp

// Seq is a sequence number (RFC 9293 section 3.4). It wraps at 2^32, so it is
// never compared with < or >: use Less, LessEq and Sub.
type Seq uint32

// Add returns s moved forward by n bytes, wrapping.
func (s Seq) Add(n uint32) Seq { return s + Seq(n) }

// Sub returns the signed distance from t to s: positive when s is ahead. Two
// numbers more than 2^31-1 apart are ambiguous, as they are to TCP itself.
func (s Seq) Sub(t Seq) int32 { return int32(s - t) }

// Less reports whether s comes before t.
func (s Seq) Less(t Seq) bool { return int32(s-t) < 0 }

// LessEq reports whether s comes before t or is t.
func (s Seq) LessEq(t Seq) bool { return int32(s-t) <= 0 }

// Max returns whichever of s and t is ahead.
func (s Seq) Max(t Seq) Seq {
	if s.Less(t) {
		return t
	}
	return s
}

// InWindow reports whether s lies in the size bytes that begin at left.
func (s Seq) InWindow(left Seq, size uint32) bool { return uint32(s-left) < size }
