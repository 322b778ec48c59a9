package analyzer

var ruleMidstreamStart = Rule{
	ID: "midstream-start", Title: "The conversation had begun before the capture",
	Severity: Info, About: "capture",
	detect: func(ev *evidence) []Finding {
		if ev.c.roles == rolesSYN || len(ev.t[0].timeline)+len(ev.t[1].timeline) == 0 {
			return nil
		}
		d := "Its first states are adopted: they are what both ends must have been in. Window scale and initial sequence numbers are unknown."
		if ev.c.roles == rolesSYNACK {
			d = "The SYN was not captured: the capture began after it, or lost it."
		}
		return one(Network, Probable, []int{ev.c.firstFrame}, "the capture does not hold its beginning", d)
	},
}
