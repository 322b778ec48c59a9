package analyzer

import (
	"fmt"
)

var rulePAWSDrop = Rule{
	ID: "paws-drop", Title: "A segment with an old timestamp was dropped by its receiver",
	Severity: Notice, About: "data",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsPAWS, Probable, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("%d segment%s in the %s's name carried an old timestamp", o.n, plural(o.n), side),
				"RFC 7323 section 5 (PAWS) has the receiver drop it and acknowledge again. It is a late duplicate, forged, or from a second host behind the same NAT address."
		})
	},
}
