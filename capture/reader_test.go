package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// told spells frames as "number:input/interface time data", one a line.
func told(frames []Frame) string {
	var out strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&out, "%d:%d/%d %d.%09d %s\n", f.Number, f.Input, f.Interface, f.Time/1e9, f.Time%1e9, f.Data)
	}
	return out.String()
}

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ngOf is a pcapng of one interface with packets at the given seconds.
func ngOf(seconds ...int) []byte {
	out := join(ngSectionBlock(), ngInterfaceBlock(LinkRaw))
	for _, s := range seconds {
		out = append(out, ngPacketBlock(0, uint64(s)*1e6, []byte(fmt.Sprint("at", s)))...)
	}
	return out
}

func TestMerge(t *testing.T) {
	dir := t.TempDir()
	names := []string{
		write(t, dir, "b.pcapng", ngOf(5, 7, 7)),
		write(t, dir, "a.pcapng", ngOf(1, 2, 9)),
		write(t, dir, "c.pcapng", ngOf(7, 3)), // out of order in itself
		write(t, dir, "empty.pcapng", ngOf()),
		"-",
	}
	r, err := Open(names, bytes.NewReader(ngOf(4, 6)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	want := `1:1/0 1.000000000 at1
2:1/0 2.000000000 at2
3:4/1 4.000000000 at4
4:0/2 5.000000000 at5
5:4/1 6.000000000 at6
6:0/2 7.000000000 at7
7:0/2 7.000000000 at7
8:2/1 7.000000000 at7
9:2/1 3.000000000 at3
10:1/0 9.000000000 at9
`
	// Standard input cannot be opened again later, so that its interface is
	// numbered first. It has ended when c.pcapng begins, which goes on with it.
	want = strings.NewReplacer("/0 ", "/1 ", "/1 ", "/0 ").Replace(want)
	if got := told(readAll(t, r)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for i, in := range r.Inputs() {
		wantFrames, wantOutOfOrder := []int{3, 3, 2, 0, 2}[i], []int{0, 0, 1, 0, 0}[i]
		if in.Frames != wantFrames || in.OutOfOrder != wantOutOfOrder || in.Err != nil {
			t.Errorf("%+v, want %d frames", in, wantFrames)
		}
	}
	if got := r.Interfaces(); len(got) != 3 || got[0] != (Interface{4, "", LinkRaw}) || got[2] != (Interface{0, "", LinkRaw}) {
		t.Errorf("interfaces %+v", got)
	}
}

// TestMergeMany: of many files that follow each other only one is open at a time.
// TestAppended: cat a.pcap b.pcap makes one file of two, with a header in its midst.
func TestAppended(t *testing.T) {
	one := pcapBytes(LinkRaw, []byte("one"), []byte("two"))
	for name, c := range map[string]struct {
		file  []byte
		links string
		want  string // data of the frames
	}{
		"twice":              {join(one, one), "[RAW]", "one two one two"},
		"another link type":  {join(one, pcapBytes(LinkEthernet, []byte("three")), one), "[RAW EN10MB]", "one two three one two"},
		"nothing but a head": {join(one, one[:pcapHeaderLen], one[:pcapHeaderLen]), "[RAW]", "one two"},
		"pcapng":             {join(ngOf(1), ngOf(2)), "[RAW]", "at1 at2"},
	} {
		r := openBytes(t, c.file)
		var got []string
		for _, f := range readAll(t, r) {
			got = append(got, string(f.Data))
		}
		in := r.Inputs()[0]
		if strings.Join(got, " ") != c.want || fmt.Sprint(in.LinkTypes) != c.links || in.Err != nil {
			t.Errorf("%s: %q of %v, %v; want %q of %s", name, got, in.LinkTypes, in.Err, c.want, c.links)
		}
	}
	cut := openBytes(t, join(one, one[:pcapHeaderLen-1]))
	if n, err := len(readAll(t, cut)), cut.Inputs()[0].Err; n != 2 || !errors.Is(err, ErrTruncated) {
		t.Errorf("a header that is cut: %d frames, %v", n, err)
	}
}

func TestMergeMany(t *testing.T) {
	dir := t.TempDir()
	for i := range 300 {
		write(t, dir, fmt.Sprintf("%03d", 299-i), ngOf(2*i, 2*i+1))
	}
	r, err := Open([]string{dir}, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for want := range 600 {
		if f, err := r.Next(); err != nil || f.Time != int64(want)*1e9 {
			t.Fatalf("frame %d: %+v, %v", want+1, f, err)
		}
		open := 0
		for _, in := range r.inputs {
			open += len(in.closers)
		}
		if open > 2 {
			t.Fatalf("%d inputs are open", open/2)
		}
	}
	done, total := r.BytesRead()
	if _, err := r.Next(); err != io.EOF || done != total {
		t.Errorf("after the last: %v, %d of %d bytes read", err, done, total)
	}
}

// TestDamageOfOne: one input's damage does not keep the others from being read.
func TestDamageOfOne(t *testing.T) {
	dir := t.TempDir()
	cut := ngOf(1, 3)
	names := []string{
		write(t, dir, "cut", cut[:len(cut)-5]),
		write(t, dir, "text", []byte("not a capture at all\n")),
		filepath.Join(dir, "missing"),
		write(t, dir, "good", ngOf(2, 4)),
	}
	r, err := Open(names, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if frames := readAll(t, r); len(frames) != 3 {
		t.Errorf("%d frames", len(frames))
	}
	in := r.Inputs()
	var failed *ReadError
	if !errors.Is(in[0].Err, ErrTruncated) || !errors.As(in[0].Err, &failed) || failed.Frame != 2 || failed.Offset != int64(len(ngOf(1))) {
		t.Errorf("cut: %v", in[0].Err)
	}
	if !errors.Is(in[1].Err, ErrFormat) || in[2].Err == nil || in[3].Err != nil {
		t.Errorf("text: %v; missing: %v; good: %v", in[1].Err, in[2].Err, in[3].Err)
	}
}

// TestOpenErrors: each thing that is no capture gets one line that says what to do.
func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ content, want string }{
		"empty":    {"", "the file is empty: write a capture with tcpdump -w FILE"},
		"text":     {"12:00:00 IP 10.0.0.1.1234 > 10.0.0.2.80: Flags [S]\n", "not a capture: a text file; captures are written with tcpdump -w FILE, not by redirecting its output"},
		"latin":    {"caf\xc3\xa9 " + strings.Repeat("x", 507) + "\xc3", "not a capture: a text file; captures are written with tcpdump -w FILE, not by redirecting its output"},
		"zeros":    {strings.Repeat("\x00", 600), "not a capture: it begins with zeros, as a file that was never written to its end"},
		"zip":      {"PK\x03\x04whatever", "not a capture: a zip archive: unpack it first"},
		"tar":      {strings.Repeat("a", 257) + "ustar\x00", "not a capture: a tar archive: unpack it first"},
		"random":   {"\x93\x00\xff\x17\x80", "not a capture: neither pcap nor pcapng nor snoop; capinfos or file may tell what it is, editcap -F pcapng converts many formats"},
		"netmon":   {"GMBU\x00\x02", "not a capture: a Microsoft Network Monitor capture: convert it with editcap -F pcapng"},
		"magic":    {"\xd4\xc3\xb2", "the capture is cut short in its header"},
		"header":   {"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", "the capture is cut short: the file's header needs 24 bytes, 8 are left"},
		"version":  {"\xd4\xc3\xb2\xa1\x07\x00\x04\x00" + strings.Repeat("\x00", 16), "the capture is damaged: its header says version 7.4, only 2.x exists"},
		"gzip":     {"\x1f\x8b\x08\x00\x00", "the capture is cut short in its gzip data"},
		"gzip bad": {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff\xff", "the capture is damaged in its gzip data: flate: corrupt input before offset 1"},
		"xz huge":  {"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x28\x00\x00\x00", "the capture is damaged: xz needs a dictionary of more than 64 MiB"},
	} {
		path := write(t, dir, name, []byte(c.content))
		_, err := Open([]string{path}, nil, Options{})
		if err == nil || err.Error() != path+": "+c.want {
			t.Errorf("%s: %v\nwant %s", name, err, c.want)
		}
	}
	empty := filepath.Join(dir, "directory")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		empty:                           "is a directory without captures: name a capture file",
		filepath.Join(dir, "none"):      "no such file",
		filepath.Join(dir, "none*.pca"): "no file matches this pattern",
	} {
		if _, err := Open([]string{name}, nil, Options{}); err == nil || err.Error() != name+": "+want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExpandInputs(t *testing.T) {
	dir := t.TempDir()
	a, b := write(t, dir, "a.pcap", ngOf(1)), write(t, dir, "b.pcap", ngOf(2))
	write(t, dir, "notes.txt", []byte("about these captures"))
	write(t, dir, "[odd].pcap", ngOf(3))
	odd := filepath.Join(dir, "[odd].pcap")
	for _, c := range []struct{ names, want []string }{
		{[]string{"-", b, a}, []string{"-", b, a}},
		{[]string{dir}, []string{odd, a, b}},
		{[]string{filepath.Join(dir, "?.pcap"), "-"}, []string{a, b, "-"}},
		{[]string{odd}, []string{odd}},
		{[]string{"missing"}, []string{"missing"}},
	} {
		if got, err := expandInputs(c.names); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, %v; want %v", c.names, got, err, c.want)
		}
	}
	// Of a file in a directory that cannot be opened somebody is to be told. To root
	// every file that is there can be.
	if !beginsLikeCapture(filepath.Join(dir, "missing")) {
		t.Error("a file that cannot be opened is passed over in silence")
	}
}

// TestTruncation cuts a file of each format at every length. Frames before the
// cut come out whole; the cut is noticed unless it falls between records.
func TestTruncation(t *testing.T) {
	snoop := join([]byte("snoop\x00\x00\x00"), u32(2), u32(4))
	for i := range 3 {
		snoop = join(snoop, u32(60), u32(6), u32(32), u32(0), u32(i), u32(0), []byte("frame"), []byte{byte(i), 0, 0})
	}
	for name, whole := range map[string][]byte{
		"pcap":   pcapBytes(LinkRaw, []byte("frame1"), []byte("frame2"), nil, []byte("frame3")),
		"pcapng": append(ngOf(1, 2, 3), ngBlock(0x0bad, []byte("unknown"))...),
		"snoop":  snoop,
	} {
		all := readAll(t, openBytes(t, whole))
		if len(all) < 3 {
			t.Fatalf("%s: %d frames", name, len(all))
		}
		clean := 0
		for n := range whole {
			r, err := Open([]string{"-"}, bytes.NewReader(whole[:n]), Options{})
			if err != nil {
				continue // not even the header
			}
			frames := readAll(t, r)
			if told(frames) != told(all[:len(frames)]) {
				t.Errorf("%s cut at %d: other frames\n%s", name, n, told(frames))
			}
			err = r.Inputs()[0].Err
			if err == nil {
				clean++
			} else if !errors.Is(err, ErrTruncated) {
				t.Errorf("%s cut at %d: %v", name, n, err)
			}
		}
		if want := map[string]int{"pcap": 4, "pcapng": 5, "snoop": 3}[name]; clean != want {
			t.Errorf("%s: %d cuts unnoticed, want the %d between records", name, clean, want)
		}
	}
}

// TestSmallReads reads from a pipe that gives a byte at a time.
func TestSmallReads(t *testing.T) {
	whole := ngOf(1, 2, 3)
	r, err := Open([]string{"-"}, iotest.OneByteReader(bytes.NewReader(whole)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := told(readAll(t, r)), told(readAll(t, openBytes(t, whole))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if done, total := r.BytesRead(); done != int64(len(whole)) || total != -1 {
		t.Errorf("%d of %d bytes", done, total)
	}
}

// TestReadFault: a reader's own error is reported as it is.
func TestReadFault(t *testing.T) {
	fault := errors.New("the disk is on fire")
	r, err := Open([]string{"-"}, io.MultiReader(bytes.NewReader(ngOf(1)), iotest.ErrReader(fault)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if frames := readAll(t, r); len(frames) != 1 || !errors.Is(r.Inputs()[0].Err, fault) {
		t.Errorf("%d frames, %v", len(frames), r.Inputs()[0].Err)
	}
}

func TestReadDoesNotAllocate(t *testing.T) {
	frames := benchFrames(3000)
	for name, capture := range map[string][]byte{"pcap": pcapBytes(LinkEthernet, frames...), "pcapng": benchPcapng(frames)} {
		r := openBytes(t, capture)
		d := NewDecoder(Options{})
		if n := testing.AllocsPerRun(2000, func() {
			if f, err := r.Next(); err != nil || d.Decode(f) != Segment {
				t.Fatal("not a segment")
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a frame", name, n)
		}
	}
}
