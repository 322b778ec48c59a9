//go:build libpcap

package wire

import (
	"net/netip"

	"github.com/google/gopacket/pcap"
)

// Devices lists the interfaces that libpcap knows, in its order.
func Devices() ([]Device, error) {
	all, err := pcap.FindAllDevs()
	if err != nil {
		return nil, err
	}
	const loopback, up, running = 1, 2, 4 // PCAP_IF_* of pcap.h
	var out []Device
	for _, i := range all {
		d := Device{Name: i.Name, Description: i.Description, Up: i.Flags&up != 0, Running: i.Flags&running != 0,
			Loopback: i.Flags&loopback != 0}
		for _, a := range i.Addresses {
			ip, ok := netip.AddrFromSlice(a.IP)
			ones, bits := a.Netmask.Size()
			if ip = ip.Unmap(); ok {
				if bits != ip.BitLen() {
					ones = ip.BitLen()
				}
				d.Addrs = append(d.Addrs, netip.PrefixFrom(ip, ones))
			}
		}
		out = append(out, d)
	}
	return out, nil
}
