// Package wire captures frames from a network interface as they pass.
//
//	s, err := wire.Open("eth0", wire.Options{})
//	var f capture.Frame
//	for {
//		switch err := s.Next(&f, time.Second); {
//		case err == nil:
//			use(&f)
//		case errors.Is(err, wire.ErrQuiet), errors.Is(err, wire.ErrDown):
//		default:
//			return err
//		}
//	}
//
// # How
//
// On Linux it reads a TPACKET_V3 ring that the kernel fills (packet(7)), without
// cgo. Where the build tag libpcap is given it reads through libpcap, on every
// system that has it. Elsewhere [Open] says that live capture is not built in.
//
// # What passes
//
// A filter in the kernel lets through what can hold TCP or tell of it: TCP, ICMP
// and ICMPv6, tunnels (IP in IP, GRE, EtherIP, AH, and the UDP ports of VXLAN,
// GENEVE, GTP-U, Teredo and MPLS), MPLS, PPPoE, inner VLAN tags, and UDP fragments,
// which may be parts of a tunnel; of a wireless interface in monitor mode, everything.
// All else costs no more than the filter's few
// instructions and is not counted.
//
// # What a frame looks like
//
// Frames of Ethernet and loopback interfaces are Ethernet frames; where the link
// layer is another one they have Linux's cooked header ([capture.LinkSLL2]). On
// the interface "any" each frame is as on the interface it passed. A VLAN tag that
// the network card took off is put back. Each packet on the loopback interface,
// which passes it twice, is delivered once.
package wire
