package streams

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"tcpreplay-fsm/internal/words"
	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

// Format is how [Follow] shows bytes. The layout is that of tshark -z follow,tcp:
// what the server says is indented by a tab.
type Format uint8

const (
	// Text shows each chunk under its length, as text; what is not printable is
	// escaped as Go does, so that nothing in it can act on a terminal.
	Text Format = iota
	// Hex is a hex dump with offsets in the direction's stream.
	Hex
	// Raw is a line of hex digits a chunk, for other programs.
	Raw
)

var formatNames = [...]string{Text: "ascii", Hex: "hex", Raw: "raw"}

func (f Format) String() string { return formatNames[f] }

// ParseFormat returns the format of that name: ascii (or text), hex or raw.
func ParseFormat(name string) (Format, error) {
	if name == "text" {
		return Text, nil
	}
	for f, n := range formatNames {
		if name == n {
			return Format(f), nil
		}
	}
	return Text, fmt.Errorf("unknown format %q: want one of %s", name, strings.Join(formatNames[:], ", "))
}

// Follow prints what the two sides of one conversation said, in the order in
// which it became known. It is a [reassembly.Sink] that ignores all other
// conversations.
type Follow struct {
	w      *bufio.Writer
	id     int
	format Format
	o      Options

	begun, over bool
	duplex      reassembly.Duplex
	line        []byte
}

const rule = "==================================================================="

// NewFollow returns a Follow that prints conversation id to w.
func NewFollow(w io.Writer, id int, format Format, o Options) *Follow {
	return &Follow{w: bufio.NewWriter(w), id: id, format: format, o: o}
}

// Segment implements [reassembly.Sink].
func (f *Follow) Segment(conv reassembly.Conversation, from reassembly.Side, seg *tcp.Segment) {
	if conv.ID != f.id || f.over {
		return
	}
	if !f.begun {
		f.begun = true
		f.o.prepare(&f.duplex, f.chunk)
		fmt.Fprintf(f.w, "%s\nFollow: tcp,%v\nConversation: %d\nNode 0: %v\nNode 1: %v\n", rule, f.format, conv.ID, conv.Client, conv.Server)
	}
	f.duplex.Insert(from, seg)
}

// End implements [reassembly.Sink].
func (f *Follow) End(id int) (conflicts [2][]reassembly.Conflict) {
	if id != f.id || !f.begun || f.over {
		return
	}
	f.over = true
	f.duplex.Close()
	f.w.WriteString(rule + "\n")
	return f.duplex.Conflicts()
}

// Close ends the conversation, if nothing else did, and returns the first error
// of writing.
func (f *Follow) Close() error {
	f.End(f.id)
	return f.w.Flush()
}

func (f *Follow) chunk(side reassembly.Side, c reassembly.Chunk) {
	indent := ""
	if side == reassembly.Server {
		indent = "\t"
	}
	if c.Missing > 0 {
		fmt.Fprintf(f.w, "%s[%s %v]\n", indent, words.Count(c.Missing, "byte"), c.Reason)
		return
	}
	switch f.format {
	case Hex:
		f.dump(indent, c)
	case Raw:
		f.line = append(append(f.line[:0], indent...), hex.EncodeToString(c.Bytes)...)
		f.w.Write(append(f.line, '\n'))
	default:
		f.line = fmt.Appendf(f.line[:0], "%s%d\n", indent, len(c.Bytes))
		f.line = appendText(f.line, c.Bytes)
		f.w.Write(append(f.line, '\n'))
	}
}

// dump writes 16 bytes a line: offset, hex, text.
func (f *Follow) dump(indent string, c reassembly.Chunk) {
	for at := 0; at < len(c.Bytes); at += 16 {
		row := c.Bytes[at:min(at+16, len(c.Bytes))]
		line := fmt.Appendf(f.line[:0], "%s%08x ", indent, c.Offset+uint64(at))
		for i := range 16 {
			if i%8 == 0 {
				line = append(line, ' ')
			}
			if i < len(row) {
				line = append(hex.AppendEncode(line, row[i:i+1]), ' ')
			} else {
				line = append(line, "   "...)
			}
		}
		line = append(line, ' ')
		for i, b := range row {
			if i == 8 {
				line = append(line, ' ')
			}
			if b < 0x20 || b > 0x7e {
				b = '.'
			}
			line = append(line, b)
		}
		f.line = append(line, '\n')
		f.w.Write(f.line)
	}
}
