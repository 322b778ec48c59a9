package analyzer

// Measures are figures of one direction: what this endpoint sent, and how the
// other received it. Durations are nanoseconds; 0 means not measured.
type Measures struct {
	HandshakeRTT int64 // its half of the handshake's round trip, from the point of capture to this endpoint and back
	WindowMax    uint32
	WindowMin    uint32
	LongestIdle  int64 // longest pause between two segments of the conversation while open
}
