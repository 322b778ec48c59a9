// Package netlab gives tests two hosts of their own: a pair of network
// namespaces, joined by a veth cable, that nothing else is connected to.
package netlab
