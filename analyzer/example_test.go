package analyzer_test

import (
	"fmt"
	"net/netip"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// The analyzer takes segments from anywhere: here seven of them, made by hand. The
// FINs cross, so both ends pass CLOSING.
func Example() {
	client := tcp.Tuple{
		Src: tcp.AddrFrom(netip.MustParseAddr("10.0.0.1")), SrcPort: 40000,
		Dst: tcp.AddrFrom(netip.MustParseAddr("10.0.0.2")), DstPort: 80,
	}
	server := client.Reverse()
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

	a := analyzer.New(analyzer.Options{Done: func(c *analyzer.Conversation) {
		fmt.Printf("%s to %s: opened %s, closed %s by %s\n",
			c.Endpoints[analyzer.Client].Addr, c.Endpoints[analyzer.Server].Addr, c.Opened, c.Closed, c.ClosedBy)
		for side, e := range c.Endpoints {
			fmt.Println(analyzer.Side(side))
			for _, t := range e.Timeline {
				fmt.Printf("  frame %d  %-12s%-9s%s\n", t.Frame, t.State, t.Evidence, t.Cause)
			}
		}
		for _, f := range c.Findings {
			fmt.Printf("%s (%s): %s\n", f.ID, f.Severity, f.Summary)
		}
	}})
	for i, s := range []tcp.Segment{
		{Tuple: client, Flags: tcp.SYN, Seq: 100},
		{Tuple: server, Flags: tcp.SYN | tcp.ACK, Seq: 300, Ack: 101},
		{Tuple: client, Flags: tcp.ACK, Seq: 101, Ack: 301},
		{Tuple: client, Flags: tcp.FIN | tcp.ACK, Seq: 101, Ack: 301},
		{Tuple: server, Flags: tcp.FIN | tcp.ACK, Seq: 301, Ack: 101},
		{Tuple: client, Flags: tcp.ACK, Seq: 102, Ack: 302},
		{Tuple: server, Flags: tcp.ACK, Seq: 302, Ack: 102},
	} {
		s.Frame, s.Time, s.Window = i+1, start.Add(time.Duration(i)*10*time.Millisecond).UnixNano(), 65535
		a.Add(&s)
	}
	a.Close() // hands on what is still followed, and tells what several conversations have in common
	// Output:
	// 10.0.0.1:40000 to 10.0.0.2:80: opened three-way, closed simultaneous by both
	// client
	//   frame 1  SYN_SENT    sent     sent SYN
	//   frame 2  ESTABLISHED acked    received SYN,ACK
	//   frame 4  FIN_WAIT_1  sent     sent FIN
	//   frame 5  CLOSING     acked    received FIN
	//   frame 7  TIME_WAIT   presumed received ACK of its FIN
	// server
	//   frame 1  SYN_RCVD    acked    received SYN
	//   frame 3  ESTABLISHED acked    received ACK of its SYN
	//   frame 5  FIN_WAIT_1  sent     sent FIN
	//   frame 4  CLOSING     presumed received FIN
	//   frame 6  TIME_WAIT   presumed received ACK of its FIN
	// simultaneous-close (notice): each end sent its FIN before it had received the other's
}
