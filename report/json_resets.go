package report

import "tcpreplay-fsm/analyzer"

// appendResets writes the verdict about each RST of a conversation.
func appendResets(o *object, c *analyzer.Conversation) {
	o.open("resets", '[')
	for i := range c.Resets {
		r := &c.Resets[i]
		o.element('{')
		o.int("frame", int64(r.Frame))
		o.time("time", r.Time)
		o.string("side", r.Side.String())
		o.string("format", resetFormat(r))
		if r.Trigger != 0 {
			o.int("trigger", int64(r.Trigger))
		} else {
			o.null("trigger")
		}
		o.string("cause", r.Cause)
		o.strings("kernel_reasons", r.Reasons)
		o.string("confidence", r.Confidence.String())
		o.string("summary", r.Summary)
		o.string("fate", string(r.Fate))
		o.string("why", r.Why)
		o.open("saw", '{')
		for side := analyzer.Client; side <= analyzer.Server; side++ {
			o.string(side.String(), r.Saw[side])
		}
		o.close('}')
		o.strings("injected", r.Injected)
		o.close('}')
	}
	o.close(']')
	if c.ResetsOmitted > 0 {
		o.int("resets_omitted", int64(c.ResetsOmitted))
	}
}

// resetFormat names the two forms of a RST.
func resetFormat(r *analyzer.Reset) string {
	if r.Reply {
		return "reply"
	}
	return "active"
}
