package report

import (
	"fmt"
	"io"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/words"
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

// protocolOf is what a conversation speaks, for people; "" if that is not known.
func protocolOf(c *analyzer.Conversation) string {
	s := c.Protocol.String()
	if c.HTTPRequests == 0 {
		return s
	}
	s += fmt.Sprintf(", HTTP/%s, %s", c.HTTPVersion, words.Count(c.HTTPRequests, "request"))
	if c.HTTPRequests > 1 {
		s += " on one connection (HTTP keep-alive)"
	}
	return s
}
