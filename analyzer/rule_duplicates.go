package analyzer

import (
	"fmt"
)

var ruleDuplicates = Rule{
	ID: "duplicates", Title: "The network delivered packets twice",
	Severity: Info, About: "data",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsDuplicate, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("%d packet%s of the %s passed twice", o.n, plural(o.n), side),
				"The second carries the same IP ID or timestamp as the first: not sent again, but doubled on the way."
		})
	},
}
