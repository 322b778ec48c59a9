package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

// connects is what connecting cost one pair: cited are the conversations in which a
// SYN was sent again.
type connects struct {
	cited
	all         int
	wait, worst int64 // from the first SYN to the end of waiting, nanoseconds
}

func (x *connects) take(v *Conversation) {
	x.all++
	if !v.found(&ruleSYNRetransmit, Client) {
		return
	}
	x.add(v.ID, v.FirstFrame)
	end := v.Last
	for _, t := range v.Endpoints[Client].Timeline {
		if t.State == tcp.Established {
			end = t.Time
			break
		}
	}
	x.wait += end - v.First
	x.worst = max(x.worst, end-v.First)
}

func (x *connects) finding(p pair) Finding {
	return x.cited.finding(&ruleSYNRetransmit, Client, Probable,
		fmt.Sprintf("%s waited %s in connect() because SYNs were sent again, in %d of %d connections to %s", p.client, seconds(x.wait), x.n, x.all, p.server),
		fmt.Sprintf("The longest took %s. If it is always about 1 s or 3 s, one SYN or its answer was lost or dropped: compare ListenOverflows and ListenDrops (nstat) on the server.", seconds(x.worst)))
}
