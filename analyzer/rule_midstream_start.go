package analyzer

var ruleMidstreamStart = Rule{
	ID: "midstream-start", Title: "The conversation had begun before the capture",
	Severity: Info, About: "capture",

	Seen: "The first segment of the conversation is no SYN.",
	Means: "The connection is older than the capture (or the capture lost the SYN). The states at the start are adopted: those both ends must " +
		"have been in. Window scale and initial sequence numbers are unknown, so windows are shown unscaled, and who the client is may be a " +
		"guess.",
	Apps:    "Nothing.",
	Check:   "To see the beginning, start the capture earlier or open a new connection.",
	Sources: "RFC 7323 section 2.2 (the scale is told in the SYNs only)",

	detect: func(ev *evidence) []Finding {
		if ev.c.roles == rolesSYN || ev.c.lateSYN() != nil || ev.c.roles == rolesSYNACK && ev.unheard(Client) || len(ev.t[0].timeline)+len(ev.t[1].timeline) == 0 {
			return nil
		}
		d := "Its first states are adopted: they are what both ends must have been in. Window scale and initial sequence numbers are unknown."
		if ev.c.roles == rolesSYNACK {
			d = "The SYN was not captured: the capture began after it, or lost it."
		}
		return one(Network, Probable, []int{ev.c.firstFrame}, "the capture does not hold its beginning", d)
	},
}
