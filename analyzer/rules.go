package analyzer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Rule is one kind of finding: what it is called, what it tells people, and how
// it is detected. The texts are the only source of --explain and docs/findings.md.
type Rule struct {
	ID       string // kebab-case, stable
	Title    string // a short sentence without a full stop
	Severity Severity
	About    string // the chapter: "opening", "closing", "resets", "idle and death", "reuse", "data", "capture"
	Verdict  bool   // what it finds belongs to the verdict
	Reset    bool   // it may tell why a RST, or an ICMP error in its place, ended a conversation

	Seen    string // what is seen on the wire
	Means   string // what it means
	Apps    string // what both applications saw: errno and Go's words
	Check   string // what to check: socket option, sysctl, code
	Sources string // RFC sections, kernel functions

	// detect looks at a finished conversation and returns its findings, nil for
	// most. It need not set ID; a Severity of 0 stands for the rule's. It is nil
	// for rules over several conversations (see across.go).
	detect func(*evidence) []Finding
}

// catalogue lists all rules, by chapter.
var catalogue = []*Rule{
	&ruleSimultaneousOpen, &ruleSYNRetransmit, &ruleSYNACKRetransmit, &ruleSYNUnanswered, &ruleRefused, &ruleRefusedICMP,
	&ruleHalfOpen, &ruleSYNScan, &ruleOpenAborted, &ruleAcceptQueueOverflow, &ruleFastOpen, &ruleSYNDataNotAcked, &ruleBadSYNACK,

	&ruleSimultaneousClose, &ruleHalfClose, &ruleCloseWaitLeak, &ruleClosedTogether, &ruleTLSAlert, &ruleFinWait2Stuck, &ruleFINRetransmit, &ruleFINOutOfOrder,

	&ruleRSTOnCloseUnreadData, &ruleRSTOnDataAfterClose, &ruleRSTAfterFIN, &ruleAbort, &ruleHalfOpenPeerLost,
	&ruleRSTInjected, &ruleRSTIgnored, &ruleChallengeACK,

	&ruleKeepalive, &ruleKeepaliveTimeout, &ruleZeroWindow, &ruleZeroWindowTimeout, &ruleRetransmissionTimeout, &ruleIdleTimeout,

	&ruleTimeWaitReuse, &ruleTupleReuse, &ruleTimeWaitAssassination, &ruleOldDuplicate, &rulePortPressure,

	&ruleDataRetransmit, &ruleFastRetransmit, &ruleSpuriousRetransmit, &ruleReordering, &ruleDuplicates, &ruleStray,
	&ruleOverlapConflict, &ruleWindowFull, &ruleDelayedACKStall, &ruleRequestUnanswered, &ruleAnswerCutShort, &ruleTLSToPlaintext, &rulePAWSDrop, &ruleSignatureDrop, &rulePathMTU, &ruleMTUBlackHole,

	&ruleMidstreamStart, &ruleCaptureTruncated, &ruleOneDirection, &ruleCaptureGap, &ruleCaptureFiltered, &ruleSegmentsLargerThanMSS,
}

// Rules returns all rules, by chapter.
func Rules() []Rule {
	out := make([]Rule, len(catalogue))
	for i, r := range catalogue {
		out[i] = *r
	}
	return out
}

// maxFindingFrames bounds the frames that a finding cites.
const maxFindingFrames = 16

// findings runs all rules, the most severe findings first.
func (ev *evidence) findings() []Finding {
	var out []Finding
	for _, r := range catalogue {
		if r.detect == nil {
			continue
		}
		for _, f := range r.detect(ev) {
			f.ID = r.ID
			if r.Verdict {
				ev.also = append(ev.also, f.Summary)
			}
			if f.Severity == 0 {
				f.Severity = r.Severity
			}
			if len(f.Frames) == 0 {
				f.Frames = []int{ev.c.firstFrame}
			}
			f.Frames = f.Frames[:min(len(f.Frames), maxFindingFrames)]
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	return out
}

// one is a list of one finding.
func one(side Side, sure Confidence, frames []int, summary, detail string) []Finding {
	return []Finding{{Side: side, Confidence: sure, Frames: frames, Summary: summary, Detail: detail}}
}

// counted turns an observation of both sides into findings, one a side.
func (ev *evidence) counted(k obsKind, sure Confidence, text func(side Side, o *observation) (summary, detail string)) []Finding {
	var out []Finding
	for x := Client; x <= Server; x++ {
		if o := ev.c.observed(k, x); o != nil {
			s, d := text(x, o)
			out = append(out, one(x, sure, o.frameList(), s, d)...)
		}
	}
	return out
}

// times says how often in words: "once", "twice", "5 times".
func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// seconds prints a duration of nanoseconds for people: three significant digits. What
// would be rounded to 1000 of a unit is 1 of the next.
func seconds(ns int64) string {
	d := time.Duration(ns)
	digits := func(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) }
	switch {
	case d < 0:
		return "-" + seconds(-ns)
	case d < 999_500*time.Nanosecond:
		return digits(float64(ns)/1e3) + " µs"
	case d < 999_500*time.Microsecond:
		return digits(float64(ns)/1e6) + " ms"
	case d < 999_500*time.Millisecond:
		return digits(float64(ns)/1e9) + " s"
	}
	return d.Round(time.Second).String()
}
