package browsertests

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

const (
	markup = `</script><script>window.owned=1</script><img src=//127.0.0.1/x onerror=window.owned=1><b id=owned>"'&`
	tricks = "\x1b[2J\x07\u202egnp.exe\u2066\u200b\xff\xfe"
)

// pcapng builds a capture file block by block, all little-endian.
type pcapng struct{ b []byte }

type option struct {
	code uint16
	text string
}

func (p *pcapng) block(kind uint32, body []byte, options ...option) {
	le := binary.LittleEndian
	for _, o := range options {
		body = le.AppendUint16(body, o.code)
		body = le.AppendUint16(body, uint16(len(o.text)))
		body = padded(append(body, o.text...))
	}
	if len(options) > 0 {
		body = append(body, 0, 0, 0, 0)
	}
	size := uint32(12 + len(body))
	p.b = le.AppendUint32(p.b, kind)
	p.b = le.AppendUint32(p.b, size)
	p.b = append(p.b, body...)
	p.b = le.AppendUint32(p.b, size)
}

func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// hostileCapture has markup and what misleads eyes and terminals wherever a
// capture can carry text.
func hostileCapture() []byte {
	le := binary.LittleEndian
	p := &pcapng{}
	p.block(0x0a0d0d0a, append(le.AppendUint32(nil, 0x1a2b3c4d), 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255),
		option{1, markup + tricks + "section"}, option{2, markup + "hardware"}, option{3, markup + "system"}, option{4, markup + "program"})
	p.block(1, []byte{1, 0, 0, 0, 0, 0, 4, 0}, option{2, markup + tricks + "interface"}, option{3, markup + "about"}, option{1, markup + "note"}, option{11, "\x00" + markup}, option{12, markup + "os"})
	name := append([]byte{10, 0, 0, 2}, markup+tricks+"host\x00"...)
	record := le.AppendUint16(nil, 1)
	record = le.AppendUint16(record, uint16(len(name)))
	p.block(4, append(padded(append(record, name...)), 0, 0, 0, 0))

	at := uint64(1_700_000_000_000_000)
	send := func(s tcp.Segment) {
		frame := pcaptest.Frame(&s)
		at += 1000
		body := le.AppendUint32(nil, 0)
		body = le.AppendUint32(body, uint32(at>>32))
		body = le.AppendUint32(body, uint32(at))
		body = le.AppendUint32(body, uint32(len(frame)))
		body = le.AppendUint32(body, uint32(len(frame)))
		p.block(6, padded(append(body, frame...)), option{1, markup + tricks + "comment"})
	}
	request := "GET /" + markup + " HTTP/1.1\r\nHost: " + markup + tricks + "example\r\nUser-Agent: " + markup + "\r\n\r\n"
	for port, payload := range map[uint16]string{40000: request, 40001: clientHello(markup + "\u202eexample")} {
		here, there := tcp.AddrFrom4([]byte{10, 0, 0, 1}), tcp.AddrFrom4([]byte{10, 0, 0, 2})
		out := tcp.Tuple{Src: here, Dst: there, SrcPort: port, DstPort: map[uint16]uint16{40000: 80, 40001: 443}[port]}
		n := tcp.Seq(len(payload))
		send(tcp.Segment{Tuple: out, Flags: tcp.SYN, Seq: 100, Window: 65535})
		send(tcp.Segment{Tuple: out.Reverse(), Flags: tcp.SYN | tcp.ACK, Seq: 500, Ack: 101, Window: 65535})
		send(tcp.Segment{Tuple: out, Flags: tcp.ACK, Seq: 101, Ack: 501, Window: 65535})
		send(tcp.Segment{Tuple: out, Flags: tcp.PSH | tcp.ACK, Seq: 101, Ack: 501, Window: 65535, Len: uint32(n), Payload: []byte(payload)})
		send(tcp.Segment{Tuple: out.Reverse(), Flags: tcp.PSH | tcp.ACK, Seq: 501, Ack: 101 + n, Window: 65535, Len: uint32(len(markup)), Payload: []byte(markup)})
		send(tcp.Segment{Tuple: out, Flags: tcp.RST | tcp.ACK, Seq: 101 + n, Ack: 501})
	}
	return p.b
}

// clientHello is the least that names a server (RFC 8446 section 4.1.2, RFC 6066
// section 3).
func clientHello(server string) string {
	u16 := func(s string) string { return string([]byte{byte(len(s) >> 8), byte(len(s))}) + s }
	names := u16("\x00" + u16(server))
	extensions := u16("\x00\x00" + u16(names))
	body := "\x03\x03" + strings.Repeat("r", 32) + "\x00" + u16("\x13\x01") + "\x01\x00" + extensions
	return "\x16\x03\x01" + u16("\x01\x00"+u16(body))
}

// A capture made to attack whoever reads it: all of it shows as text, nothing of
// it runs, nothing is asked of the network, and nothing turns the text around.
func TestHostileCapture(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "tcpreplay-fsm")
	build := exec.Command("go", "build", "-o", program, "./cmd/tcpreplay-fsm")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file := filepath.Join(dir, strings.ReplaceAll(`<script>window.owned=1<script><img src=x onerror=window.owned=1>`+"\u202e\x1b", "/", "")+".pcapng")
	page := filepath.Join(dir, "report.html")
	if err := os.WriteFile(file, hostileCapture(), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, file, "-o", page).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b := openBrowser(t)
	for hash, wants := range map[string][]string{
		"overview":                    {"onerror=window.owned=1>", markup[:40]}, // the file's name, the host's
		"conversations":               {"10.0.0.1:40000"},
		"conversations?q=<script>":    {"10.0.0.1:40000"},
		"sockets?host=<script>":       nil,
		"sockets?at=1":                nil,
		"c0f4":                        {markup, "comment", "10.0.0.2:"},
		"c1f10":                       {markup, "comment", "10.0.0.2:"},
		"c<img src=x onerror=alert()": nil,
	} {
		b.run(navigate(page, hash))
		b.until(`document.documentElement.dataset.ready`)
		text := js[string](b, `document.body.textContent`)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not show %q as text", hash, want)
			}
		}
		seen := js[string](b, `document.getElementById("view").innerText + document.title + document.getElementById("bar").innerText`)
		if i := strings.IndexFunc(seen, misleads); i >= 0 {
			t.Errorf("%s shows %q raw", hash, seen[max(0, i-20):min(len(seen), i+20)])
		}
		if js[bool](b, `!!window.owned || !!document.getElementById("owned") || document.querySelectorAll("img, iframe, object, embed, link, base, form[action], script[src]").length > 0`) {
			t.Fatalf("%s: the capture's markup became part of the page", hash)
		}
	}
}

// misleads reports whether a reader would not see r for what it is.
func misleads(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
