// Package reassembly puts the bytes of one direction of a TCP connection in
// order, from segments in any order, as a passive observer has to: with what the
// capture missed, what came twice, and what came twice and differed.
//
// A [Stream] is one direction, a [Duplex] both of one connection: give it every
// segment in the order of the capture, and it hands out chunks of bytes and
// markers for the gaps between them. The zero value of each is ready to use.
// [Pipe] turns a Stream into an [io.Reader]. A [Ranges] keeps which bytes have
// passed, without the bytes.
//
// # What is in a stream
//
// A byte is handed out once, when all before it was handed out or given up, and
// is never taken back. So nothing below that point gets in: no retransmission,
// no garbage byte of a keep-alive (RFC 9293 section 3.8.4), no probe of a zero
// window that was answered. Data in a SYN (RFC 7413) and in a FIN count; the
// payload of a RST does not (RFC 9293 section 3.5.3: it explains the reset).
// Urgent data stays where it is (RFC 6093); [Stream.Urgent] tells the places.
// A FIN ends the stream when it is acknowledged; until then data in its place
// shows that it was none. Data behind it is dropped and counted.
//
// # Gaps
//
// A hole becomes a gap when nothing can fill it any more, or it may no longer be
// waited for; the [Reason] says which. A gap is never silent.
//
// # Overlaps
//
// When two segments bring different bytes for the same place, receivers differ
// in which they take, and an attacker can use that (Ptacek and Newsham,
// "Insertion, Evasion, and Denial of Service", 1998). Each such place is
// recorded as a [Conflict] with both versions, and a [Policy] decides which is
// handed out.
//
// Memory is bounded for each stream and, with a [Budget], for many together.
// Nothing here is safe for concurrent use except the two ends of a Pipe.
package reassembly
