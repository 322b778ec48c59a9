package report

import (
	"io"

	"tcpreplay-fsm/analyzer"
)

// Conversation writes one conversation packet by packet, how it ended and what
// was found, as the text report does. Top and Ladders are not looked at.
func Conversation(w io.Writer, c *analyzer.Conversation, o TextOptions) error {
	o.Ladders = map[int]bool{c.ID: true}
	t := newTextWriter(w, o)
	t.conversation(c)
	_, err := w.Write(t.out.Bytes())
	return err
}
