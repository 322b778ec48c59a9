package analyzer

import "tcpreplay-fsm/tcp"

// reuse is what a new incarnation of a 4-tuple met.
type reuse struct {
	prior       *conn        // the conversation before, until it has an id
	priorID     int          // set once it has
	pause       int64        // from its last segment to the new SYN, nanoseconds
	timeWait    [2]bool      // by side of the prior conversation: was in TIME_WAIT
	timeWaitAge int64        // how long it had been, nanoseconds
	states      [2]tcp.State // of the prior conversation when the SYN came
	byHolder    bool         // the SYN came from the side that was in TIME_WAIT
	isnAhead    bool         // the new ISN is above the last number of the old incarnation
	tsAhead     bool         // the new timestamp is above the last of the old incarnation
	next        [2]tcp.Seq   // SND.NXT of the old incarnation, by side of the new one
	frame       int          // of the new SYN
	challenged  bool         // the old incarnation answered the SYN with a challenge ACK; a later SYN was accepted
}

// numbered notes the id that the prior conversation has by now.
func (r *reuse) numbered() { r.priorID, r.prior = int(r.prior.id), nil }

// meets works out what n's SYN met in its prior incarnation. timeWait is how long
// TIME_WAIT lasts, in nanoseconds.
func (n *conn) meets(timeWait int64) {
	c := n.prior
	side := c.sideOf(n.syn) // of the prior conversation
	r := &reuse{prior: c, pause: max(0, n.syn.Time-c.spokeBefore(n.syn.Frame)), frame: n.syn.Frame}
	c.seldomly().succ = &successor{frame: n.syn.Frame, time: n.syn.Time, side: side}
	t := replay(c, replayOptions{timeWait: timeWait, until: n.syn.Time})
	for x := range t {
		st := t[x].stateAt(n.syn.Frame - 1)
		r.states[x] = st.State
		if st.State == tcp.TimeWait {
			r.timeWait[x] = true
			r.timeWaitAge = n.syn.Time - st.Time
			if Side(x) == side {
				r.byHolder = true
			}
		}
	}
	e := &c.end[side]
	r.isnAhead = e.is(hasSeq) && e.nxt.Less(n.syn.Seq)
	r.tsAhead = e.is(hasTS) && n.syn.Options.Has(tcp.OptTimestamps) && int32(n.syn.Options.TSVal-e.tsRecent) > 0
	r.next = [2]tcp.Seq{e.nxt, c.end[side.Other()].nxt}
	for i := range n.log {
		r.challenged = r.challenged || n.log[i].is(entryElsewhere)
	}
	n.seldomly().reuse = r
}
