package analyzer

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"tcpreplay-fsm/tcp"
)

// tellResets puts what was read of each RST into the words of reports, in the
// order of frames.
func (ev *evidence) tellResets() (out []Reset) {
	for i := range ev.resets {
		q := &ev.resets[i]
		r := q.r
		x := Reset{Frame: r.frame, Time: r.time, Side: r.side, Reply: r.reply, Cause: causeNames[q.cause], Reasons: ev.reasonsOf(q),
			Confidence: q.sure, Injected: ev.signs(r)}
		if r.reply {
			x.Trigger = r.trigger.frame
		}
		x.Summary = ev.resetSummary(q)
		x.Fate, x.Why = ev.tellFate(q)
		peer := r.side.Other()
		x.Saw[r.side] = ev.wordsFor(q).own
		x.Saw[peer] = ev.resetSeenBy(q)
		out = append(out, x)
	}
	return out
}

// tellFate says what the receiver of a RST did with it.
func (ev *evidence) tellFate(q *resetReading) (ResetFate, string) {
	peer := q.r.side.Other()
	before := ev.t[peer].stateAt(q.r.frame - 1)
	switch q.fate {
	case resetExact:
		if state, ended := ev.endedIn(q.r); ended {
			return ResetAccepted, "it ended the connection of the " + peer.String() + ", which was in " + state.String()
		}
		return ResetAccepted, "its numbers are right"
	case resetInWindow:
		why := "inside the window, but not the next number: its receiver only answers with a challenge ACK"
		if o := ev.c.observed(obsChallengeACK, peer); o != nil {
			if i := slices.IndexFunc(o.seen, func(n sighting) bool { return n.frame > q.r.frame }); i >= 0 {
				why = fmt.Sprintf("inside the window, but not the next number: answered with the challenge ACK in frame %d", o.seen[i].frame)
			}
		}
		return ResetChallenge, why
	case resetOutside:
		if before.State == tcp.SynSent {
			return ResetIgnored, "it does not acknowledge the SYN"
		}
		return ResetIgnored, "outside the window"
	case resetUnsigned:
		return ResetIgnored, "it " + q.r.signatureWords()
	case resetSurvived:
		return ResetSurvived, fmt.Sprintf("it should have ended the connection, but the %s talks on: it did not arrive, or was ignored", peer)
	}
	if before.Frame == 0 && before.Evidence != Timer {
		return ResetNoTarget, fmt.Sprintf("no connection of the %s is known that it could end", peer)
	}
	return ResetNoTarget, fmt.Sprintf("the connection of the %s was over", peer)
}

// endedIn returns the state of its receiver that r found, and whether r ended it. Where
// the capture begins with r, that state was adopted in the same frame.
func (ev *evidence) endedIn(r *resetSeen) (state tcp.State, ended bool) {
	peer := &ev.t[r.side.Other()]
	for i, t := range peer.timeline {
		if ended = t.Event == tcp.RecvRST && ev.changes(r, &t); ended && i > 0 {
			return peer.timeline[i-1].State, true
		} else if ended {
			break
		}
	}
	return peer.stateAt(r.frame - 1).State, ended
}

// fillSides puts the sides' names for S, who sent the RST, and P, its peer. text must
// be a constant: what becomes of it is kept.
func fillSides(text string, side Side) string {
	if filled, ok := filledTexts[side].Load(text); ok {
		return filled.(string)
	}
	filled := sideNames[side].Replace(text)
	filledTexts[side].Store(text, filled)
	return filled
}

var filledTexts [2]sync.Map // by text

var sideNames = [2]*strings.Replacer{namesFor(Client), namesFor(Server)}

func namesFor(side Side) *strings.Replacer {
	me, peer := side.String(), side.Other().String()
	return strings.NewReplacer("the S", "the "+me, "The S", "The "+me, "the P", "the "+peer, "The P", "The "+peer)
}
