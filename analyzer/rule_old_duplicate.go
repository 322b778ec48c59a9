package analyzer

import (
	"fmt"
)

var ruleOldDuplicate = Rule{
	ID: "old-duplicate", Title: "A segment came again long after it had been received",
	Severity: Notice, About: "reuse",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsOldDuplicate, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("an old segment of the %s came again %s", side, times(o.n)),
				"It had wandered in the network, or was sent again without need. Its receiver acknowledges it again and changes nothing; TIME_WAIT exists so that such segments find no new connection."
		})
	},
}
