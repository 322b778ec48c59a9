package capture

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

// A format reads frames of one kind of file. next fills all fields of the frame
// but Number and Input; it returns io.EOF where the file ends as it should.
type format interface {
	next(f *Frame) error
	links() []LinkType
}

// formats are told by their first bytes.
var formats = []struct {
	name  string
	magic string
	open  func(*window, numberer) (format, error)
}{
	{"pcap", "\xd4\xc3\xb2\xa1", openPcap},
	{"pcap", "\xa1\xb2\xc3\xd4", openPcap},
	{"pcap", "\x4d\x3c\xb2\xa1", openPcap}, // nanoseconds
	{"pcap", "\xa1\xb2\x3c\x4d", openPcap},
	{"pcap", "\x34\xcd\xb2\xa1", openPcap}, // modified
	{"pcap", "\xa1\xb2\xcd\x34", openPcap},
	{"pcapng", "\x0a\x0d\x0d\x0a", openPcapng},
	{"snoop", "snoop\x00\x00\x00\x00\x00\x00\x02", openSnoop},
}

// strangers are files that people take for captures we could read, with what
// to do about them.
var strangers = []struct{ magic, advice string }{
	{"PK\x03\x04", "a zip archive: unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"},
	{"Rar!", "a rar archive: unpack it first"},
	{"\x1f\x9d", "compressed with compress: uncompress it first"},
	{"GMBU", "a Microsoft Network Monitor capture: convert it with editcap -F pcapng"},
	{"RTSS", "a Microsoft Network Monitor capture: convert it with editcap -F pcapng"},
	{"TRSNIFF data", "a Sniffer capture: convert it with editcap -F pcapng"},
	{"XCP\x00", "a NetXray capture: convert it with editcap -F pcapng"},
	{"iptrace ", "an AIX iptrace: convert it with editcap -F pcapng"},
	{"\x7fELF", "a program, not a capture"},
	{"MDMP", "a memory dump, not a network capture"},
}

// openFormat finds out what the stream holds and prepares to read it.
func openFormat(in *window, number numberer) (name string, _ format, err error) {
	head := in.peek(512)
	for _, f := range formats {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			opened, err := f.open(in, number)
			return f.name, opened, err
		}
	}
	if in.err != nil && in.err != io.EOF {
		return "", nil, in.short("the file's header", int64(len(head)), pcapHeaderLen)
	}
	return "", nil, unknownFormat(head)
}

// unknownFormat says what a file is instead of a capture, and what to do.
func unknownFormat(head []byte) error {
	if len(head) == 0 {
		return fmt.Errorf("%w: write a capture with tcpdump -w FILE", ErrEmpty)
	}
	for _, s := range strangers {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return fmt.Errorf("%w: %s", ErrFormat, s.advice)
		}
	}
	for _, f := range formats {
		if len(head) < 4 && bytes.HasPrefix([]byte(f.magic), head) {
			return fmt.Errorf("%w in its header", ErrTruncated)
		}
	}
	switch {
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return fmt.Errorf("%w: a tar archive: unpack it first", ErrFormat)
	case isText(head):
		return fmt.Errorf("%w: a text file; captures are written with tcpdump -w FILE, not by redirecting its output", ErrFormat)
	case len(bytes.Trim(head, "\x00")) == 0:
		return fmt.Errorf("%w: it begins with zeros, as a file that was never written to its end", ErrFormat)
	}
	return fmt.Errorf("%w: neither pcap nor pcapng nor snoop; capinfos or file may tell what it is, editcap -F pcapng converts many formats", ErrFormat)
}

func isText(head []byte) bool {
	for len(head) > 0 {
		r, size := utf8.DecodeRune(head)
		if r == utf8.RuneError && size == 1 && len(head) >= utf8.UTFMax || r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\x1b' {
			return false
		}
		head = head[size:]
	}
	return true
}
