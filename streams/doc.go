// Package streams shows and saves what the two sides of a conversation said:
// [Follow] prints one conversation, its directions taking turns, and [Exporter]
// writes each direction of many to a file of its own.
//
// Both are a [reassembly.Sink]: whoever tells conversations apart hands them the
// segments. Gaps are always shown, never closed up silently.
package streams
