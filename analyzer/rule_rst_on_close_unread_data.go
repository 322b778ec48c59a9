package analyzer

var ruleRSTOnCloseUnreadData = Rule{
	ID: "rst-on-close-unread-data", Title: "An application closed a connection without reading all it had received",
	Severity: Warning, About: "resets",
	detect: func(ev *evidence) []Finding { return ev.resetFindings(causeUnreadData) },
}

// resetFindings are the findings about RSTs of one cause, one for each side that
// sent any.
func (ev *evidence) resetFindings(cause resetCause) []Finding {
	var out []Finding
	for x := Client; x <= Server; x++ {
		var frames []int
		var first *resetReading
		for i := range ev.resets {
			if q := &ev.resets[i]; q.cause == cause && q.r.side == x {
				if first == nil {
					first = q
				}
				frames = append(frames, q.r.frame)
				if q.r.trigger.frame != 0 && q.r.reply {
					frames = append(frames, q.r.trigger.frame)
				}
			}
		}
		if first == nil {
			continue
		}
		summary, detail := ev.tellReset(first)
		out = append(out, one(x, first.sure, frames, summary, detail)...)
	}
	return out
}
