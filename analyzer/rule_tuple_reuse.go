package analyzer

import (
	"fmt"

	"tcpreplay-fsm/tcp"
)

var ruleTupleReuse = Rule{
	ID: "tuple-reuse", Title: "The same addresses and ports were used by a connection before",
	Severity: Info, About: "reuse",

	Seen: "A new connection with the same addresses and ports as one before in the capture.",
	Means: "Ports are finite and come round again. It matters when reading: the two are conversations of their own, with sequence numbers of " +
		"their own, whatever a tool says that sorts by addresses and ports only.",
	Apps:    "Nothing.",
	Check:   "Nothing. If it happens within seconds, the client uses a fixed source port or is short of ports (port-pressure).",
	Sources: "RFC 9293 section 3.4.1 and 3.6.1",

	detect: func(ev *evidence) []Finding {
		u := ev.c.reuse
		if u == nil {
			return nil
		}
		d := fmt.Sprintf("When the new SYN came its client was in %s and its server in %s.", u.states[0], u.states[1])
		if u.states[0] == u.states[1] {
			d = fmt.Sprintf("When the new SYN came both its ends were in %s.", u.states[0])
		}
		if t := ev.entered(Client, tcp.Established); u.challenged && t != nil {
			d += fmt.Sprintf(" The old connection answered it with an ACK, the next SYN opened the new one: connect() took %s.", seconds(t.Time-ev.c.first))
		}
		return one(Client, Certain, []int{u.frame}, fmt.Sprintf("conversation #%d had the same addresses and ports, %s earlier", u.priorID, seconds(u.pause)), d)
	},
}
