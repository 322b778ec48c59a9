//go:build linux && !libpcap

package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A ring is a packet socket whose frames the kernel writes into memory that is
// shared with us: blocks of frames (TPACKET_V3, packet(7) and
// Documentation/networking/packet_mmap.rst). A block is the kernel's until its
// status says otherwise, then ours until we write the status back.
type ring struct {
	fd     int
	memory []byte
	block  int    // the one being read, or waited for
	blocks int    // how many there are
	left   uint32 // frames of the block not read yet
	next   uint32 // offset in the block of the next of them
	held   bool   // the block is ours
}

const (
	blockSize = 1 << 18 // holds the largest frame; a multiple of every page size
	// reserve is room before each packet for a cooked header and a VLAN tag.
	reserve = 32
)

// openRing opens a packet socket that gets nothing before bind is called.
func openRing(o Options) (*ring, error) {
	// SOCK_DGRAM would be the cooked header's natural source, but of frames with
	// two VLAN tags it tells the protocol after both and delivers the inner tag.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return nil, ErrNotPermitted
	}
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	r := &ring{fd: fd}
	if err := r.setUp(o); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return r, nil
}

func (r *ring) setUp(o Options) error {
	if err := r.attach(o); err != nil {
		return fmt.Errorf("filter: %w", err)
	}
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("TPACKET_V3: %w", err)
	}
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_RESERVE, reserve); err != nil {
		return fmt.Errorf("packet reserve: %w", err)
	}
	r.blocks = max(o.Buffer/blockSize, 2)
	var err error
	for ; r.blocks >= 2; r.blocks /= 2 { // memory may be short: half is better than none
		err = unix.SetsockoptTpacketReq3(r.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &unix.TpacketReq3{
			Block_size: blockSize, Block_nr: uint32(r.blocks),
			Frame_size: blockSize, Frame_nr: uint32(r.blocks), // TPACKET_V3 packs frames closer than that
			Retire_blk_tov: uint32(max(o.Latency.Milliseconds(), 1)),
		})
		if !errors.Is(err, unix.ENOMEM) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("ring of %d blocks: %w", r.blocks, err)
	}
	r.memory, err = unix.Mmap(r.fd, 0, r.blocks*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map the ring: %w", err)
	}
	return nil
}

func (r *ring) attach(o Options) error {
	code, err := program(o.SnapLen, o.Everything)
	if err != nil {
		return err
	}
	filters := make([]unix.SockFilter, len(code))
	for i, c := range code {
		filters[i] = unix.SockFilter{Code: c.Op, Jt: c.Jt, Jf: c.Jf, K: c.K}
	}
	return unix.SetsockoptSockFprog(r.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(filters)), Filter: &filters[0]})
}

// bind begins the capture, on all interfaces if index is 0.
func (r *ring) bind(index int, promiscuous bool) error {
	all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	if err := unix.Bind(r.fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if promiscuous && index != 0 {
		err := unix.SetsockoptPacketMreq(r.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP,
			&unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC})
		if err != nil {
			return fmt.Errorf("promiscuous mode: %w", err)
		}
	}
	return nil
}

// A slot is one frame in the ring, with room to write before it.
type slot struct {
	header  *unix.Tpacket3Hdr
	address *unix.RawSockaddrLinklayer
	frame   []byte // memory from the slot's header on
	at      int    // where the captured bytes begin in frame
	n       int    // how many they are
}

// slot returns the next frame, or false if there is none yet. It is valid until
// the next call.
func (r *ring) slot(s *slot) bool {
	for r.left == 0 {
		r.release()
		b := r.header()
		if atomic.LoadUint32(&b.Block_status)&unix.TP_STATUS_USER == 0 {
			return false
		}
		r.held, r.left, r.next = true, b.Num_pkts, b.Offset_to_first_pkt
	}
	from := r.block*blockSize + int(r.next)
	s.header = (*unix.Tpacket3Hdr)(unsafe.Pointer(&r.memory[from]))
	s.address = (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&r.memory[from+unix.SizeofTpacket3Hdr]))
	s.frame = r.memory[from : (r.block+1)*blockSize]
	s.at, s.n = int(s.header.Mac), int(s.header.Snaplen)
	r.left--
	r.next += s.header.Next_offset
	return true
}

// release gives the block back that was read to its end.
func (r *ring) release() {
	if r.held {
		atomic.StoreUint32(&r.header().Block_status, unix.TP_STATUS_KERNEL)
		r.held = false
		r.block = (r.block + 1) % r.blocks
	}
}

func (r *ring) header() *unix.TpacketHdrV1 {
	const afterDesc = unsafe.Offsetof(unix.TpacketBlockDesc{}.Hdr)
	return (*unix.TpacketHdrV1)(unsafe.Pointer(&r.memory[r.block*blockSize+int(afterDesc)]))
}

// wait waits until there may be a frame, or a signal came. It returns the socket's error, such as
// ENETDOWN, or ErrQuiet.
func (r *ring) wait(d time.Duration) error {
	fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN | unix.POLLERR}}
	n, err := unix.Poll(fds, int(min(max(d.Milliseconds()+1, 0), math.MaxInt32)))
	switch {
	case errors.Is(err, unix.EINTR):
		return nil
	case err != nil:
		return err
	case n == 0:
		return ErrQuiet
	case fds[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0:
		e, err := unix.GetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err != nil {
			return err
		}
		if e != 0 {
			return unix.Errno(e)
		}
	}
	return nil
}

// counters returns what the kernel counted since the last call.
func (r *ring) counters() (received, dropped uint64, err error) {
	st, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0, 0, err
	}
	return uint64(st.Packets - st.Drops), uint64(st.Drops), nil
}

func (r *ring) close() error {
	return errors.Join(unix.Munmap(r.memory), unix.Close(r.fd))
}
