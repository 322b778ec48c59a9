package analyzer

import (
	"fmt"
)

var ruleSegmentsLargerThanMSS = Rule{
	ID: "segments-larger-than-mss", Title: "Segments are larger than the MSS",
	Severity: Info, About: "capture",
	detect: func(ev *evidence) []Finding {
		return ev.counted(obsLargeSegment, Certain, func(side Side, o *observation) (string, string) {
			return fmt.Sprintf("%d segment%s of the %s larger than the MSS its peer announced", o.n, plural(o.n), side),
				"Segmentation or receive offload (TSO, GRO) on the host where this was captured: on the wire they are smaller. Nothing is wrong."
		})
	},
}
