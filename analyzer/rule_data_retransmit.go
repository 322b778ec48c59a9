package analyzer

import (
	"fmt"
)

var ruleDataRetransmit = Rule{
	ID: "data-retransmit", Title: "Data was sent again",
	Severity: Notice, About: "data",

	Seen: "Payload that passed already passes again, perhaps with new payload behind it.",
	Means: "The first copy was lost after the point of capture, or its acknowledgement was lost or came too late. Where the first copy did not " +
		"pass here, the loss was between the sender and the point of capture. A single byte sent again that was not acknowledged yet is a " +
		"retransmission as well, not a keep-alive.",
	Apps: "Delay: at least a round trip with fast retransmit, 200 ms and more with a time-out. No data is lost or doubled for the application.",
	Check: "Loss below 0.1 % hardly matters. Otherwise: ss -ti (retrans, lost), nstat -az TcpRetransSegs TcpExtTCPTimeouts " +
		"TcpExtTCPLostRetransmit, errors and drops at interfaces (ip -s link, ethtool -S), a shaper or overloaded link. bcc's tcpretrans " +
		"lists them with the kernel's state.",
	Sources: "RFC 9293 section 3.8.1; RFC 6298; RFC 8985 (RACK-TLP)",

	detect: func(ev *evidence) []Finding {
		out := ev.counted(obsDataRetransmit, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s sent data again %s", side, times(o.n)), ev.whySentAgain(side, o)
		})
		return append(out, ev.counted(obsLostBefore, Possible, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("the %s sent data again %s whose first copy did not pass here", side, times(o.n)),
				"It was lost between its sender and the point of capture, or the capture missed it."
		})...)
	},
}

// whySentAgain says what became of first copies that passed here: a D-SACK tells that one had
// arrived (RFC 2883 section 4).
func (ev *evidence) whySentAgain(side Side, o *observation) string {
	arrived := ev.c.observed(obsSpuriousRetransmit, side)
	switch {
	case o.n == 1 && side == Client && ev.c.refusesSYNData() && ev.c.beginsStream(o.seen[0].frame):
		return "The first copy came with the SYN, and the server took the SYN alone (syn-data-not-acked): nothing was lost."
	case arrived == nil:
		return "Both copies passed here: the first was lost between here and its receiver, or its acknowledgement was lost or late."
	case arrived.n >= o.n:
		return "Both copies passed here and arrived, as the receiver reports (spurious-retransmit): the acknowledgement of the first was lost or late."
	}
	return fmt.Sprintf("Both copies passed here: of %d the receiver reports that the first had arrived (spurious-retransmit). The others were lost between here and their receiver, or their acknowledgement was lost or late.", arrived.n)
}

// beginsStream reports whether the client's segment in frame carries its first byte.
func (c *conn) beginsStream(frame int) bool {
	return c.log.first(Client, func(en *entry) bool { return en.frame == frame && en.seq == c.end[Client].origin().Add(1) }) != nil
}
