package analyzer

import "tcpreplay-fsm/tcp"

// timed is a segment under way.
type timed struct {
	end  tcp.Seq
	time int64
}

// timedSegments are the segments of one endpoint under way whose ACK will be an RTT
// sample, oldest first. Most endpoints never have more than two.
type timedSegments struct {
	n    uint8
	ends [2]tcp.Seq
	sent [2]int64
	rest *timedRest // nil until there were more
}

type timedRest struct {
	ends [maxTimed - 2]tcp.Seq
	sent [maxTimed - 2]int64
}

// maxTimed bounds the segments under way that are timed at once. Of a longer
// flight the first ones are.
const maxTimed = 16

func (t *timedSegments) at(i uint8) timed {
	if i < 2 {
		return timed{t.ends[i], t.sent[i]}
	}
	return timed{t.rest.ends[i-2], t.rest.sent[i-2]}
}

func (t *timedSegments) set(i uint8, to timed) {
	if i < 2 {
		t.ends[i], t.sent[i] = to.end, to.time
	} else {
		t.rest.ends[i-2], t.rest.sent[i-2] = to.end, to.time
	}
}

// add times a segment that ends at end.
func (t *timedSegments) add(end tcp.Seq, now int64) {
	if t.n == maxTimed {
		return
	}
	if t.n == 2 && t.rest == nil {
		t.rest = new(timedRest)
	}
	t.set(t.n, timed{end, now})
	t.n++
}

// acked takes out what ack covers, and returns when the newest of that was sent.
func (t *timedSegments) acked(ack tcp.Seq) (sent int64, ok bool) {
	var n uint8
	for n < t.n && t.at(n).end.LessEq(ack) {
		sent, ok = t.at(n).time, true
		n++
	}
	if n > 0 {
		for i := n; i < t.n; i++ {
			t.set(i-n, t.at(i))
		}
		t.n -= n
	}
	return sent, ok
}

// forget takes out what lies from seq on, as that is sent again: whose ACK the next
// one is cannot be told (Karn), and it was held up.
func (t *timedSegments) forget(seq tcp.Seq) {
	for t.n > 0 && seq.Less(t.at(t.n-1).end) {
		t.n--
	}
}
