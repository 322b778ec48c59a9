// Package tcp holds the vocabulary of RFC 9293: sequence numbers, flags,
// options, segments, and the state machine of section 3.3.2 (figure 5) as one
// table with a pure function [Next] over it.
//
// It does no I/O and keeps no memory of a connection. What a connection's
// endpoints did is worked out by package analyzer, which feeds this table.
package tcp
