package streams

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

func conversation(id int) reassembly.Conversation {
	return reassembly.Conversation{ID: id, Client: netip.MustParseAddrPort("10.0.0.1:41000"), Server: netip.MustParseAddrPort("[2001:db8::1]:80")}
}

// talk hands a sink a short conversation with a gap in what the server says.
func talk(sink reassembly.Sink, conv reassembly.Conversation) {
	say := func(from reassembly.Side, seq, ack tcp.Seq, flags tcp.Flags, text string) {
		sink.Segment(conv, from, &tcp.Segment{Seq: seq, Ack: ack, Flags: flags, Len: uint32(len(text)), Payload: []byte(text)})
	}
	say(reassembly.Client, 100, 0, tcp.SYN, "")
	say(reassembly.Server, 500, 101, tcp.SYN|tcp.ACK, "")
	say(reassembly.Client, 101, 501, tcp.ACK, "GET / HTTP/1.1\r\n\r\n")
	say(reassembly.Server, 501, 119, tcp.ACK, "HTTP/1.1 200 OK\r\n\x1b[31mred\\\u202e\xff")
	say(reassembly.Server, 540, 119, tcp.ACK, "after the gap")
	say(reassembly.Client, 119, 553, tcp.ACK|tcp.FIN, "")
	say(reassembly.Server, 553, 120, tcp.ACK|tcp.FIN, "")
}

func TestFollow(t *testing.T) {
	for format, want := range map[Format]string{
		Text: "18\nGET / HTTP/1.1\n\n\n" +
			"\t30\nHTTP/1.1 200 OK\n\\x1b[31mred\\\\\\u202e\\xff\n" +
			"\t[9 bytes acknowledged but not captured]\n" +
			"\t13\nafter the gap\n",
		Hex: "00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  GET / HT TP/1.1..\n" +
			"00000010  0d 0a                                             ..\n" +
			"\t00000000  48 54 54 50 2f 31 2e 31  20 32 30 30 20 4f 4b 0d  HTTP/1.1  200 OK.\n" +
			"\t00000010  0a 1b 5b 33 31 6d 72 65  64 5c e2 80 ae ff        ..[31mre d\\....\n" +
			"\t[9 bytes acknowledged but not captured]\n" +
			"\t00000027  61 66 74 65 72 20 74 68  65 20 67 61 70           after th e gap\n",
		Raw: "474554202f20485454502f312e310d0a0d0a\n" +
			"\t485454502f312e3120323030204f4b0d0a1b5b33316d7265645ce280aeff\n" +
			"\t[9 bytes acknowledged but not captured]\n" +
			"\t61667465722074686520676170\n",
	} {
		var out bytes.Buffer
		f := NewFollow(&out, 7, format, Options{})
		talk(f, conversation(6)) // not asked for
		talk(f, conversation(7))
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		want := rule + "\nFollow: tcp," + format.String() + "\nConversation: 7\nNode 0: 10.0.0.1:41000\nNode 1: [2001:db8::1]:80\n" + want + rule + "\n"
		if got := out.String(); got != want {
			t.Errorf("%v:\n%s\nwant\n%s", format, got, want)
		}
	}
}

func TestFollowOfAConversationThatIsNotThere(t *testing.T) {
	var out bytes.Buffer
	f := NewFollow(&out, 7, Text, Options{})
	talk(f, conversation(6))
	if err := f.Close(); err != nil || out.Len() != 0 {
		t.Errorf("Close: %v, output %q", err, out.String())
	}
}

func TestParseFormat(t *testing.T) {
	for _, name := range []string{"ascii", "hex", "raw"} {
		if f, err := ParseFormat(name); err != nil || f.String() != name {
			t.Errorf("ParseFormat(%q) = %v, %v", name, f, err)
		}
	}
	if _, err := ParseFormat("yaml"); err == nil {
		t.Error("ParseFormat(yaml) = nil error")
	}
}

// Nothing that a peer sends may reach the terminal as a control.
func FuzzAppendText(f *testing.F) {
	f.Add([]byte("plain\r\n\ttext \x1b]0;title\x07 \\x1b é \u202e\u200b\xc0\x80"))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, r := range string(appendText(nil, in)) {
			if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\ufeff' || r >= '\u202a' && r <= '\u202e' {
				t.Fatalf("appendText(%q) lets %q through", in, r)
			}
		}
	})
}

func readIndex(t *testing.T, dir string) (entries []Entry) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, IndexName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for d := json.NewDecoder(f); ; {
		var e Entry
		if err := d.Decode(&e); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

func TestExporter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "dir")
	e, err := NewExporter(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	talk(e, conversation(3))
	e.End(3)
	e.End(4) // had no segment
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	entries := readIndex(t, dir)
	if len(entries) != 2 {
		t.Fatalf("%d entries, want 2: %+v", len(entries), entries)
	}
	for i, want := range []struct{ file, text, from string }{
		{"000003.10.0.0.1_41000-2001-db8--1_80.bin", "GET / HTTP/1.1\r\n\r\n", "10.0.0.1:41000"},
		{"000003.2001-db8--1_80-10.0.0.1_41000.bin", "HTTP/1.1 200 OK\r\n\x1b[31mred\\\u202e\xffafter the gap", "[2001:db8::1]:80"},
	} {
		got := entries[i]
		if got.File != want.file || got.From != want.from || got.Bytes != uint64(len(want.text)) || !got.Complete {
			t.Errorf("entry %+v, want file %s from %s", got, want.file, want.from)
		}
		b, err := os.ReadFile(filepath.Join(dir, want.file))
		if err != nil || string(b) != want.text {
			t.Errorf("%s: %q, %v; want %q", want.file, b, err, want.text)
		}
		if sum := sha256.Sum256(b); got.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: sha256 %s is not the file's", want.file, got.SHA256)
		}
	}
	if g := entries[1].Gaps; len(g) != 1 || g[0] != (Gap{At: 30, Offset: 30, Missing: 9, Reason: "acknowledged but not captured"}) || entries[1].Missing != 9 {
		t.Errorf("gaps %+v, %d bytes missing", g, entries[1].Missing)
	}
}

func TestExporterNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "000000.10.0.0.1_41000-2001-db8--1_80.bin")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := NewExporter(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	talk(e, conversation(0))
	if err := e.Close(); !errors.Is(err, fs.ErrExist) || !errors.Is(e.Err(), fs.ErrExist) {
		t.Errorf("Close: %v, want that the file exists", err)
	}
	if b, _ := os.ReadFile(mine); string(b) != "mine" {
		t.Errorf("the file that was there now holds %q", b)
	}
	if _, err := NewExporter(dir, Options{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second export into the same directory: %v, want that the index exists", err)
	}
}

func TestExporterStaysInside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "victim")
	dir := t.TempDir()
	for _, name := range []string{"000000.10.0.0.1_41000-2001-db8--1_80.bin", IndexName} {
		if err := os.Symlink(outside, filepath.Join(dir, name)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	if _, err := NewExporter(dir, Options{}); err == nil {
		t.Error("an index that is a symbolic link was taken")
	}
	os.Remove(filepath.Join(dir, IndexName))
	e, err := NewExporter(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	talk(e, conversation(0))
	if err := e.Close(); err == nil {
		t.Error("a stream went through a symbolic link")
	}
	if _, err := os.Lstat(outside); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file outside the directory: %v", err)
	}
}

// Many conversations at once, with little memory: each file must come out whole.
func TestExporterBoundsWhatWaits(t *testing.T) {
	dir := t.TempDir()
	e, err := NewExporter(dir, Options{MaxWaiting: 100})
	if err != nil {
		t.Fatal(err)
	}
	const convs, rounds = 20, 5
	for round := range rounds {
		for id := range convs {
			text := fmt.Sprintf("conversation %02d round %02d\n", id, round)
			e.Segment(conversation(id), reassembly.Client, &tcp.Segment{Seq: 1 + tcp.Seq(round*len(text)), Len: uint32(len(text)), Payload: []byte(text), Flags: tcp.ACK})
			if e.bytes > 100 {
				t.Fatalf("%d bytes wait, more than 100", e.bytes)
			}
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	entries := readIndex(t, dir)
	if len(entries) != convs {
		t.Fatalf("%d entries, want %d", len(entries), convs)
	}
	for i, entry := range entries {
		b, err := os.ReadFile(filepath.Join(dir, entry.File))
		want := ""
		for round := range rounds {
			want += fmt.Sprintf("conversation %02d round %02d\n", i, round)
		}
		if err != nil || string(b) != want || entry.Conversation != i {
			t.Errorf("%s of conversation %d: %q, %v", entry.File, entry.Conversation, b, err)
		}
	}
}

func TestExporterBoundsGaps(t *testing.T) {
	dir := t.TempDir()
	e, err := NewExporter(dir, Options{MaxBuffered: -1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range tcp.Seq(MaxGaps + 50) {
		e.Segment(conversation(0), reassembly.Server, &tcp.Segment{Seq: 5 + 3*i, Len: 2, Payload: []byte("xy"), Flags: tcp.ACK})
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	entry := readIndex(t, dir)[0]
	if len(entry.Gaps) != MaxGaps || entry.GapsOmitted != 49 || !strings.Contains(entry.Gaps[0].Reason, "memory") {
		t.Errorf("%d gaps listed, %d omitted; want %d and 49", len(entry.Gaps), entry.GapsOmitted, MaxGaps)
	}
}
