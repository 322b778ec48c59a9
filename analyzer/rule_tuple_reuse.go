package analyzer

import (
	"fmt"
)

var ruleTupleReuse = Rule{
	ID: "tuple-reuse", Title: "The same addresses and ports were used by a connection before",
	Severity: Info, About: "reuse",
	detect: func(ev *evidence) []Finding {
		u := ev.c.reuse
		if u == nil {
			return nil
		}
		return one(Client, Certain, []int{u.Frame}, fmt.Sprintf("conversation #%d had the same addresses and ports, %s earlier", u.Prior, seconds(u.Pause)),
			fmt.Sprintf("When the new SYN came its client was in %s and its server in %s.", u.States[0], u.States[1]))
	},
}
