package analyzer

import "tcpreplay-fsm/tcp"

// marks is a set of the short names of what a segment is (Row.Marks).
type marks uint32

// In the order in which a row has them.
const (
	markOutOfOrder marks = 1 << iota
	markRetransmission
	markKeepalive
	markWindowProbe
	markDropped
	markKeepaliveAnswer
	markDupACK
	markZeroWindow
	markWindowOpen
	markWindowFull
	markFast
	markDuplicate
	markOldDuplicate
	markCapturedAgain
	markSYNInConnection
	markICMP // and on from here, one for each tcp.ICMPKind
)

var markNames = func() []string {
	names := []string{"out of order", "retransmission", "keep-alive", "window probe", "dropped by its receiver",
		"keep-alive answer", "duplicate ACK", "zero window", "window open again", "window full", "fast",
		"duplicate packet", "old duplicate", "captured again", "SYN in an open connection"}
	for k := tcp.ICMPKind(0); k <= tcp.ICMPOther; k++ {
		names = append(names, "ICMP "+k.String())
	}
	return names
}()

func (m marks) names() (names []string) {
	for i, name := range markNames {
		if m>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return names
}

// kindMarks and obsMarks are the marks of what was made of a segment.
var kindMarks = [...]marks{
	segFill:        markOutOfOrder,
	segRetransmit:  markRetransmission,
	segRepacked:    markRetransmission,
	segKeepalive:   markKeepalive,
	segWindowProbe: markWindowProbe,
	segDropped:     markDropped,
	segMisSigned:   markDropped,
}

var obsMarks = [...]struct {
	kind obsKind
	mark marks
}{{obsKeepaliveAnswer, markKeepaliveAnswer}, {obsDupACK, markDupACK}, {obsZeroWindow, markZeroWindow},
	{obsWindowOpen, markWindowOpen}, {obsWindowProbe, markWindowProbe}, {obsWindowFull, markWindowFull}, {obsFastRetransmit, markFast},
	{obsDuplicate, markDuplicate}, {obsOldDuplicate, markOldDuplicate}}
