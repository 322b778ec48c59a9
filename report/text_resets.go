package report

import (
	"fmt"
	"strings"

	"tcpreplay-fsm/analyzer"
)

// resets prints a short paragraph for each RST: who sent it and in what form, why,
// and what became of it. The findings tell the rest.
func (t *textWriter) resets(c *analyzer.Conversation) {
	if len(c.Resets) == 0 {
		return
	}
	t.printf("\n")
	for i := range c.Resets {
		r := &c.Resets[i]
		form := "active"
		if r.Reply {
			form = "reply"
			if r.Trigger != 0 {
				form = fmt.Sprintf("reply to frame %d", r.Trigger)
			}
		}
		reasons := ""
		if len(r.Reasons) > 0 {
			reasons = ", " + strings.Join(r.Reasons, " or ")
		}
		t.paragraph("  RST  ", fmt.Sprintf("frame %d by the %s, %s: %s (%s%s); %s: %s",
			r.Frame, r.Side, form, r.Cause, r.Confidence, reasons, r.Fate, r.Why))
		if len(r.Injected) > 0 {
			t.paragraph("       ", "looks injected: "+strings.Join(r.Injected, "; "))
		}
	}
	if c.ResetsOmitted > 0 {
		t.paragraph("  RST  ", fmt.Sprintf("%d more, not judged", c.ResetsOmitted))
	}
}
