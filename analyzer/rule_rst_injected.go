package analyzer

var ruleRSTInjected = Rule{
	ID: "rst-injected", Title: "A RST was probably not sent by the host whose address it carries",
	Severity: Warning, About: "resets",
	detect: func(ev *evidence) []Finding {
		var out []Finding
		for i := range ev.resets {
			q := &ev.resets[i]
			if q.cause != causeForged || q.fate != resetExact {
				continue
			}
			s, d := ev.tellReset(q)
			out = append(out, one(Network, q.sure, []int{q.r.frame}, s, d)...)
		}
		return out
	},
}
