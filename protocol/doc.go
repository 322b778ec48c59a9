// Package protocol guesses what two peers speak from the first bytes of each
// side: a label to recognise a conversation by, not an analysis. [Guess] would
// rather say nothing than something wrong, and looks at bytes only, never at
// ports.
package protocol
