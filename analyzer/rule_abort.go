package analyzer

var ruleAbort = Rule{
	ID: "abort", Title: "An application aborted the connection",
	Severity: Warning, About: "resets",
	detect: func(ev *evidence) []Finding {
		out := ev.resetFindings(causeAbort)
		for i := range out {
			if f := ev.c.finFrame(out[i].Side); f != 0 && f < out[i].Frames[0] {
				// After its own FIN: a close() of what was shut down before, or
				// TCP_LINGER2 below 0 (TCP_ABORT_ON_LINGER).
				out[i].Severity = Notice
			}
		}
		return out
	},
}
