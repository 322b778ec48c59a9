package save

import (
	"encoding/binary"

	"tcpreplay-fsm/capture"
)

// Blocks and options of pcapng (draft-ietf-opsawg-pcapng), in little-endian
// order, with times in nanoseconds.
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockStatistics = 5
	blockPacket     = 6

	optEnd           = 0
	optComment       = 1
	optApplication   = 4 // of a section
	optName          = 2 // of an interface
	optResolution    = 9
	optReceived      = 4 // of statistics
	optDropped       = 5
	maxOptionBytes   = 65_535
	packetHeaderSize = 28
)

var le = binary.LittleEndian

// block appends a block whose body is written by body.
func block(b []byte, kind uint32, body func([]byte) []byte) []byte {
	start := len(b)
	b = le.AppendUint32(b, kind)
	b = le.AppendUint32(b, 0)
	b = body(b)
	n := uint32(len(b) - start + 4)
	le.PutUint32(b[start+4:], n)
	return le.AppendUint32(b, n)
}

func option(b []byte, code uint16, value []byte) []byte {
	value = value[:min(len(value), maxOptionBytes)]
	b = le.AppendUint16(b, code)
	b = le.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...), len(value))
}

func endOptions(b []byte) []byte { return le.AppendUint32(b, optEnd) }

// pad fills up to four bytes what has n.
func pad(b []byte, n int) []byte {
	for ; n%4 != 0; n++ {
		b = append(b, 0)
	}
	return b
}

func appendSection(b []byte) []byte {
	return block(b, blockSection, func(b []byte) []byte {
		b = le.AppendUint32(b, 0x1a2b3c4d)
		b = le.AppendUint16(b, 1)
		b = le.AppendUint16(b, 0)
		b = le.AppendUint64(b, ^uint64(0)) // length not told
		return endOptions(option(b, optApplication, []byte("tcpreplay-fsm")))
	})
}

func appendInterface(b []byte, i capture.Interface, snapLen int) []byte {
	return block(b, blockInterface, func(b []byte) []byte {
		b = le.AppendUint16(b, uint16(i.Link))
		b = le.AppendUint16(b, 0)
		b = le.AppendUint32(b, uint32(snapLen))
		if i.Name != "" {
			b = option(b, optName, []byte(i.Name))
		}
		return endOptions(option(b, optResolution, []byte{9}))
	})
}

func appendPacket(b []byte, f *capture.Frame, number uint32) []byte {
	return block(b, blockPacket, func(b []byte) []byte {
		b = le.AppendUint32(b, number)
		b = le.AppendUint32(b, uint32(uint64(f.Time)>>32))
		b = le.AppendUint32(b, uint32(f.Time))
		b = le.AppendUint32(b, uint32(len(f.Data)))
		b = le.AppendUint32(b, uint32(f.WireLen))
		b = pad(append(b, f.Data...), len(f.Data))
		if f.Comment == "" {
			return b
		}
		return endOptions(option(b, optComment, []byte(f.Comment)))
	})
}

func appendStatistics(b []byte, number uint32, at int64, received, dropped uint64) []byte {
	return block(b, blockStatistics, func(b []byte) []byte {
		b = le.AppendUint32(b, number)
		b = le.AppendUint32(b, uint32(uint64(at)>>32))
		b = le.AppendUint32(b, uint32(at))
		b = option(b, optReceived, le.AppendUint64(nil, received))
		return endOptions(option(b, optDropped, le.AppendUint64(nil, dropped)))
	})
}
