package tcp_test

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

// A client that opens a connection and closes it first, walked through the table.
func ExampleNext() {
	state := tcp.Closed
	for _, ev := range []tcp.Event{tcp.SentSYN, tcp.RecvSYNACK, tcp.SentFIN, tcp.RecvAckOfFIN, tcp.RecvFIN, tcp.Expire2MSL} {
		arrow, _ := tcp.Next(state, ev)
		fmt.Printf("%-20s %-12s%s\n", ev, arrow.To, arrow.Ref)
		state = arrow.To
	}
	// Output:
	// sent SYN             SYN_SENT    RFC 9293 3.10.1
	// received SYN,ACK     ESTABLISHED RFC 9293 3.10.7.3
	// sent FIN             FIN_WAIT_1  RFC 9293 3.10.4
	// received ACK of FIN  FIN_WAIT_2  RFC 9293 3.10.7.4
	// received FIN         TIME_WAIT   RFC 9293 3.10.7.4
	// 2 MSL over           CLOSED      RFC 9293 3.10.8
}
