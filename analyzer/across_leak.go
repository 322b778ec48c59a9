package analyzer

import (
	"fmt"

	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/tcp"
)

// leaked are the connections that one side leaves in CLOSE_WAIT.
type leaked struct {
	cited
	age        int64  // of the oldest
	oldest     string // what that side of it last did before the FIN
	unanswered uint64 // payload that drew no answer, of all of them
}

// take returns x with v, if side has been in CLOSE_WAIT there for so long that its application
// has forgotten it.
func (x *leaked) take(v *Conversation, side Side, end int64) *leaked {
	e := &v.Endpoints[side]
	if e.State != tcp.CloseWait {
		return x
	}
	cw := e.entered(tcp.CloseWait)
	if cw == nil || end-cw.Time < closeWaitAge {
		return x
	}
	if x == nil {
		x = new(leaked)
	}
	x.add(v.ID, cw.Frame)
	x.unanswered += e.Unanswered
	if age := end - cw.Time; age > x.age {
		x.age, x.oldest = age, leftBehind(e, cw.Time)
	}
	return x
}

// finding is about the connections of whose, which got data from peers.
func (x *leaked) finding(side Side, whose, why, peers string) Finding {
	unanswered := ""
	if x.unanswered > 0 {
		unanswered = words.Count(x.unanswered, "byte") + " that " + peers + " sent drew no answer. "
	}
	return x.cited.finding(&ruleCloseWaitLeak, side, Probable,
		fmt.Sprintf("%d connections of %s are in CLOSE_WAIT, the oldest for %s", x.n, whose, seconds(x.age)),
		why+"Each one holds a file descriptor. "+unanswered+"Of the oldest: "+x.oldest)
}
