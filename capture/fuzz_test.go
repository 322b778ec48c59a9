package capture

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
)

// FuzzReader reads arbitrary files. Whatever they hold: frames are numbered
// without gaps, no frame is longer than its length on the wire, reading ends
// with a ReadError or well, and in small portions it gives the same.
func FuzzReader(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(capturesDir, "synth/[np]*.pcap*"))
	if err != nil || len(files) == 0 {
		f.Fatal("no files to begin with", err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	for name := range compressors {
		f.Add(compressed(f, name, pcapBytes(LinkRaw, packet4())))
	}
	f.Add(join([]byte("snoop\x00\x00\x00"), u32(2), u32(4), u32(60), u32(6), u32(32), u32(0), u32(1), u32(0), []byte("frame1"), u16(0)))
	o := Options{MaxExpand: 1 << 20}
	f.Fuzz(func(t *testing.T, content []byte) {
		read := func(in io.Reader) (string, string) {
			r, err := Open([]string{"-"}, in, o)
			if err != nil {
				var failed *ReadError
				if !errors.As(err, &failed) || failed.Frame != 0 {
					t.Fatalf("Open fails with %#v", err)
				}
				return "", err.Error()
			}
			defer r.Close()
			frames := readAll(t, r)
			for i, f := range frames {
				if f.Number != i+1 || len(f.Data) > f.WireLen || int(f.Interface) >= len(r.Interfaces()) || f.Input != 0 {
					t.Fatalf("frame %d: %+v", i+1, f)
				}
			}
			report := r.Inputs()[0]
			if report.Frames != len(frames) || report.Format == "" {
				t.Fatalf("%d frames, but %+v", len(frames), report)
			}
			if report.Err == nil {
				return told(frames), ""
			}
			var failed *ReadError
			if !errors.As(report.Err, &failed) || failed.Frame != len(frames)+1 {
				t.Fatalf("%d frames, then %#v", len(frames), report.Err)
			}
			return told(frames), report.Err.Error()
		}
		frames, err := read(bytes.NewReader(content))
		again, errAgain := read(iotest.HalfReader(bytes.NewReader(content)))
		if frames != again || err != errAgain {
			t.Errorf("at once:\n%s%s\nin portions:\n%s%s", frames, err, again, errAgain)
		}
	})
}

// FuzzDecode decodes two arbitrary frames of any link type. Each is a segment
// or counted once; a segment's payload lies in its frame and is not longer than
// its length; a cut frame that is still a segment is the same segment.
func FuzzDecode(f *testing.F) {
	for _, c := range decodeCases {
		f.Add(uint16(c.link), uint16(0), c.data, c.data[:len(c.data)/2])
	}
	for _, pieces := range [][][]byte{cutUp(hello(), 24), cutUp6(hello(), 24)} {
		f.Add(uint16(LinkRaw), uint16(0), pieces[0], pieces[1])
		f.Add(uint16(LinkRaw), uint16(3), pieces[1], pieces[0])
	}
	for _, amsdu := range aggregates {
		f.Add(uint16(LinkIEEE80211), uint16(0), amsdu.data, amsdu.data)
	}
	f.Fuzz(func(t *testing.T, link, cut uint16, first, second []byte) {
		d := NewDecoder(Options{VerifyChecksums: cut&0x8000 != 0, MergeVLANs: cut&0x4000 != 0})
		cut &= 0x3fff
		for i, data := range [][]byte{first, second, first} {
			frame := Frame{Number: i + 1, Data: data, WireLen: len(data) + int(cut), Link: LinkType(link)}
			segments, before := 0, d.Segments()+d.Beside()
			for verdict, more := d.Decode(&frame), true; more; verdict, more = d.Further() {
				total := 0
				for r, n := range d.counts {
					if total += n; n < 0 {
						t.Fatalf("%s is counted %d times", reasonNames[r], n)
					}
				}
				if total != i+1 {
					t.Fatalf("%d frames counted of %d", total, i+1)
				}
				checkFragments(t, &d.fragments)
				switch verdict {
				case ICMP:
					if d.ICMP().Frame != i+1 || d.ICMP().Kind == 0 {
						t.Errorf("%+v", *d.ICMP())
					}
				case Segment:
					segments++
					s := *d.Segment()
					if s.Frame != i+1 || len(s.Payload) > int(s.Len) || int(s.Options.SACKBlocks) > len(s.Options.SACK) {
						t.Errorf("%+v", s)
					}
					if (s.Scope == 0) != (d.ScopeName(s.Scope) == "") {
						t.Errorf("scope %d is %q", s.Scope, d.ScopeName(s.Scope))
					}
				}
			}
			if counted := d.Segments() + d.Beside() - before; counted != segments {
				t.Fatalf("%d segments delivered, %d counted", segments, counted)
			}
		}
	})
}
