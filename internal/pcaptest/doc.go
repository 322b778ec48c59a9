// Package pcaptest builds TCP segments and capture files from a notation of one
// line a segment, for tests.
//
//	# The FINs cross on the wire: B's FIN does not acknowledge A's.
//	A SYN       0      mss=1460 ws=7 sackok  | SYN_SENT    LISTEN
//	B SYN,ACK   0 1    mss=1460              | SYN_SENT    SYN_RCVD
//	A ACK       1 1                          | ESTABLISHED ESTABLISHED
//	A PSH,ACK   1 1    len=100 +0.5
//	A FIN,ACK   101 1
//	B FIN,ACK   1 101                        | -           FIN_WAIT_1
//	expect opened three-way
//	expect no finding abort
//
// A segment is a side (A or B, or C and S for the same two), its flags (-
// for none), its sequence number and, if it has one, its acknowledgment number.
// Both are relative to the initial sequence numbers, so a SYN has 0, and may be
// negative or be written seq=N and ack=N. Then come fields in any order:
//
//	len=N       bytes of payload; they depend only on the sequence number, so
//	            that a retransmission carries the same bytes
//	fill=C      every byte of the payload is the character C instead
//	get=PATH    the payload is an HTTP/1.1 request of PATH, 17 bytes and PATH's;
//	            also head=PATH, 18 bytes and PATH's, and post=PATH, of 1000 bytes
//	            that follow: 40 bytes and PATH's
//	answer=N    the payload is the header of an HTTP/1.1 answer of N bytes, 37
//	            bytes and N's digits
//	hello=NAME  the payload is a TLS ClientHello to NAME, 61 bytes and NAME's
//	alert=N     the payload is a fatal TLS alert, 7 bytes
//	win=N       window field (64240)
//	urg=N       urgent pointer
//	ttl=N       time to live (64)
//	mac=N       digest of the source MAC address (none)
//	ipid=N      IP identification (each side counts from 1)
//	df          the don't-fragment bit
//	mss=N ws=N sackok md5 ts=VAL/ECR sack=L-R,L-R
//	            TCP options; SACK edges are relative, as ack is
//	+N          seconds since the segment before (0.001); may also come first
//
// After a bar come the states of A and B that a test expects once the segment
// was seen; - expects nothing. States may be written FIN-WAIT-1 or FIN_WAIT_1.
//
// Lines of other kinds:
//
//	isn A=4294967290          the initial sequence number (A 1000, B 5000)
//	addr A=10.0.0.9:1234      the address (A 10.0.0.1:40000, B 10.0.0.2:80); IPv6
//	                          as [2001:db8::1]:80. It may change between segments
//	wait 30                   seconds until the next segment, on top of its own,
//	                          or until the end of the script
//	expect [N] [no] KEY WORD… what a test expects of conversation N (0)
//
// What follows # is a comment.
package pcaptest
