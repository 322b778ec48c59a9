package analyzer

import (
	"fmt"
	"slices"

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

// dropped are the connections of one pair that drew no answer, beside those that did.
type dropped struct {
	cited
	from, to      int64 // when the first and the last of them began
	answered      int
	opened, spoke int64 // when the first of those began, and when the server last sent in any
}

func (x *dropped) take(v *Conversation) {
	switch {
	case v.unanswered():
		if x.n == 0 {
			x.from, x.to = v.First, v.First
		}
		x.add(v.ID, v.FirstFrame)
		x.from, x.to = min(x.from, v.First), max(x.to, v.First)
	case v.Endpoints[Server].entered(tcp.Established) != nil:
		if x.answered == 0 {
			x.opened = v.First
		}
		x.answered++
		x.opened, x.spoke = min(x.opened, v.First), max(x.spoke, v.Endpoints[Server].Last)
	}
}

// unanswered reports whether nothing answered its SYN, though there was time to.
func (c *Conversation) unanswered() bool {
	return slices.ContainsFunc(c.Findings, func(f Finding) bool { return f.ID == ruleSYNUnanswered.ID && f.Severity == Warning })
}

// finding says that the server was there all the while; false if it was not, or too
// little is known.
func (x *dropped) finding(p pair) (Finding, bool) {
	if x.n < slowConnects || x.answered == 0 || x.opened > x.to || x.spoke < x.from {
		return Finding{}, false
	}
	return x.cited.finding(&ruleSYNUnanswered, Client, Probable,
		fmt.Sprintf("%s did not answer %d of %d connections of %s", p.server, x.n, x.n+x.answered, p.client),
		"It answered the others, and spoke while these waited: the host is up, listens, and the way is open. Probably its accept queue is full, and Linux drops SYNs then: compare Recv-Q with Send-Q in ss -ltn, and see ListenOverflows in nstat -az. A limit of SYNs on the way, or much loss, looks the same."), true
}
