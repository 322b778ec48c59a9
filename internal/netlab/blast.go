//go:build linux

package netlab

import (
	"encoding/binary"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// BlastPort is the first of the source ports of Blast.
const BlastPort = 40_000

// blastPorts is how many source ports it uses.
const blastPorts = 1000

// Segment is a TCP segment in Ethernet, from and to nobody, so that nobody
// answers it.
func Segment() []byte {
	frame := make([]byte, 60)
	copy(frame, []byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 8, 0})
	ip := frame[14:]
	copy(ip, []byte{0x45, 0, 0, 46, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 77, 0, 200, 10, 77, 0, 201})
	binary.BigEndian.PutUint16(ip[20:], BlastPort)
	binary.BigEndian.PutUint16(ip[22:], 80)
	copy(ip[32:], []byte{0x50, 0x10, 0xff, 0xff})
	return frame
}

// Transmit sends a frame over the host's end of the cable.
func (h *Host) Transmit(frame []byte) {
	h.t.Helper()
	h.onWire(func(send func([]byte) bool) { send(frame) })
}

// Blast sends n segments of a thousand conversations over the cable at a rate,
// and returns how many were sent.
func (h *Host) Blast(perSecond, n int) (sent int) {
	h.t.Helper()
	frame := Segment()
	h.onWire(func(send func([]byte) bool) {
		begun := time.Now()
		for sent < n {
			due := int(time.Since(begun).Seconds() * float64(perSecond))
			for ; sent < min(due, n); sent++ {
				binary.BigEndian.PutUint16(frame[14+20:], uint16(BlastPort+sent%blastPorts))
				binary.BigEndian.PutUint32(frame[14+24:], uint32(sent/blastPorts)*6)
				if !send(frame) {
					return
				}
			}
			time.Sleep(500 * time.Microsecond)
		}
	})
	return sent
}

// onWire opens the host's end of the cable for sending.
func (h *Host) onWire(f func(send func([]byte) bool)) {
	h.Do(func() {
		i, err := net.InterfaceByName(h.Interface)
		if err != nil {
			h.t.Error(err)
			return
		}
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			h.t.Error(err)
			return
		}
		defer unix.Close(fd)
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1) // not needed, only faster
		if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: i.Index}); err != nil {
			h.t.Error(err)
			return
		}
		f(func(frame []byte) bool {
			_, err := unix.Write(fd, frame)
			if err != nil {
				h.t.Error(err)
			}
			return err == nil
		})
	})
}
