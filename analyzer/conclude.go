package analyzer

import "time"

// longIdle is how long a pause in an open connection must last to be a fact
// worth telling.
const longIdle = int64(3 * time.Second)

// conclude turns what was followed into the conversation that is handed on. The
// capture had reached now by then.
func (a *Analyzer) conclude(c *conn, now int64) *Conversation {
	v := conversations.Get().(*Conversation)
	t := replay(c, replayOptions{timeWait: int64(a.o.TimeWait), until: now,
		room: [2][]Transition{v.Endpoints[Client].Timeline, v.Endpoints[Server].Timeline}})
	v.ID, v.InitiatorKnown = int(c.id), c.roles != rolesGuessed
	v.FirstFrame, v.LastFrame, v.First, v.Last = c.firstFrame, c.lastFrame, c.first, c.lastTime
	v.Segments = int(c.segments())
	v.Agreed, v.Protocol = c.agreed(), c.protocol()
	v.HTTPRequests, v.HTTPVersion = c.requests()
	if a.o.Scope != nil && c.scope[0]|c.scope[1] != 0 {
		v.Scope = a.o.Scope(max(c.scope[0], c.scope[1]))
	}
	for x := range v.Endpoints {
		c.tellEndpoint(&v.Endpoints[x], Side(x), t[x].timeline)
	}
	ev := spareEvidence.Get().(*evidence)
	*ev = evidence{c: c, v: v, end: now, t: t}
	v.Opened = ev.opened()
	ev.resets = ev.readResets()
	v.Closed = ev.closed()
	v.ClosedBy = ev.closedBy()
	v.Facts = ev.facts()
	v.Findings = ev.findings()
	v.Resets, v.ResetsOmitted = ev.tellResets(), c.resetsOmitted
	v.Verdict = ev.verdict()
	for _, s := range ev.also {
		v.Verdict += " " + sentence(s)
	}
	if l := c.rows; l != nil {
		v.LoadRows = func() {
			v.Rows, v.RowsGapAt, v.RowsOmitted = l.all()
			fillStates(v.Rows, [2][]Transition{ev.t[Client].timeline, ev.t[Server].timeline})
			ev.annotate(v.Rows)
		}
		if a.o.RowsLater {
			return v
		}
		v.LoadRows()
		v.LoadRows = nil
		if a.o.SeriesOf[int(c.id)] {
			v.plot()
		}
		if a.o.RowsOf != nil && !a.o.RowsOf[int(c.id)] {
			v.Rows, v.RowsOmitted, v.RowsGapAt = nil, 0, 0
		}
	}
	*ev = evidence{}
	spareEvidence.Put(ev)
	return v
}

// tellEndpoint fills in v, all of which but State and Timeline side's own segments tell.
func (c *conn) tellEndpoint(v *Endpoint, side Side, timeline []Transition) {
	e, p := &c.end[side], &c.end[side.Other()]
	v.Addr = c.tuple.Source()
	if side == Server {
		v.Addr = c.tuple.Destination()
	}
	v.Timeline = timeline
	if n := len(timeline); n > 0 {
		v.State = timeline[n-1].State
	}
	v.Segments, v.Bytes, v.Retransmissions, v.Resets = int(e.segments), e.bytes(), e.retransmissions(), int(e.resets+e.resetsElsewhere)
	v.Unanswered, v.LastPayload, v.Last = p.bytes()-e.answered, e.payloadTime, e.time
	v.ISN, v.ISNKnown, v.Offered = e.isn, e.is(hasSYN), e.offered.options()
	v.Measures = c.measures(side)
	if !e.is(hasSeq) {
		v.ISN = p.ack
	}
}

// handOver concludes c, which is over. What it was followed in is given back at once,
// or where its rows may still be asked for, with the conversation.
func (a *Analyzer) handOver(c *conn, now int64) *Conversation {
	v := a.conclude(c, now)
	if v.LoadRows != nil {
		v.spent = c
	} else {
		c.release()
	}
	return v
}
