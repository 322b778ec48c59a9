package analyzer

import (
	"time"

	"tcpreplay-fsm/tcp"
)

// truncatedWithin is how close to the capture's end a conversation's last
// segment must lie for its end to be taken for the capture's.
const truncatedWithin = int64(time.Second)

var ruleCaptureTruncated = Rule{
	ID: "capture-truncated", Title: "The capture ends while the conversation is going on",
	Severity: Info, About: "capture",

	Seen:    "Both ends are in ESTABLISHED and were talking within a second of the capture's end.",
	Means:   "The capture stopped; the connection did not. How it ended is not known.",
	Apps:    "Nothing.",
	Check:   "Capture longer, or in a ring of files (dumpcap -b, tcpdump -W), if the end matters.",
	Sources: "RFC 9293 section 3.3.2 (ESTABLISHED is left only by FIN, RST or a give-up)",

	detect: func(ev *evidence) []Finding {
		both := ev.state(Client) == tcp.Established && ev.state(Server) == tcp.Established
		if !both || ev.end-ev.c.lastTime > truncatedWithin || ev.c.end[0].tail != nil || ev.c.end[1].tail != nil {
			return nil
		}
		return one(Network, Possible, []int{ev.c.lastFrame}, "it was still open and talking when the capture ended",
			"How it went on is unknown.")
	},
}
