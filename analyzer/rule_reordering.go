package analyzer

import (
	"fmt"
)

var ruleReordering = Rule{
	ID: "reordering", Title: "Segments overtook one another",
	Severity: Info, About: "data",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsOutOfOrder, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("%d segment%s of the %s passed out of order", o.n, plural(o.n), side),
				"Their IP IDs or timestamps show that they were sent in order: the network reordered them before the point of capture."
		})
	},
}
