// Package analyzer turns TCP segments into conversations: for both endpoints
// of each it infers the states of RFC 9293, from what passed one point of
// capture, says how each change is known, and finds what is worth telling.
package analyzer
