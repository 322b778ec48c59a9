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
	detect: func(ev *evidence) []Finding {
		both := ev.state(Client) == tcp.Established && ev.state(Server) == tcp.Established
		if !both || ev.end-ev.c.lastTime > truncatedWithin || ev.c.end[0].tail != nil || ev.c.end[1].tail != nil {
			return nil
		}
		return one(Network, Possible, []int{ev.c.lastFrame}, "it was still open and talking when the capture ended",
			"How it went on is unknown.")
	},
}
