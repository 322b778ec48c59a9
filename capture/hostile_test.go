package capture

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// zeros gives n of them.
type zeros int64

func (z *zeros) Read(b []byte) (int, error) {
	if *z == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(*z), int64(len(b))))
	clear(b[:n])
	*z -= zeros(n)
	return n, nil
}

// bomb is a capture whose only packets are zeros, n bytes in all, packed.
func bomb(t *testing.T, n int64) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(pcapBytes(LinkRaw))
	for packet := pcapBytes(LinkRaw, make([]byte, 200_000))[24:]; n > 0; n -= int64(len(packet)) {
		w.Write(packet)
	}
	w.Close()
	return out.Bytes()
}

// TestHostile reads what is large and worthless: it ends with one line that says
// why, and takes little memory for it.
func TestHostile(t *testing.T) {
	endless := func() io.Reader { z := zeros(64 << 20); return &z }
	random := rand.NewChaCha8([32]byte{})
	start := join(ngSectionBlock(), ngInterfaceBlock(LinkRaw))
	for name, c := range map[string]struct {
		in   io.Reader
		want string
	}{
		"zeros":                      {endless(), "it begins with zeros"},
		"zeros after a header":       {io.MultiReader(bytes.NewReader(pcapBytes(LinkRaw)), endless()), "zeros where a packet should be"},
		"noise":                      {io.LimitReader(random, 16<<20), "neither pcap nor pcapng nor snoop"},
		"noise after a header":       {io.MultiReader(bytes.NewReader(pcapBytes(LinkRaw)), io.LimitReader(random, 16<<20)), ErrCorrupt.Error()},
		"a bomb":                     {bytes.NewReader(bomb(t, 64<<20)), ErrTooMuch.Error()},
		"a packet block of 1 GiB":    {io.MultiReader(bytes.NewReader(join(start, le32(ngEnhanced), le32(1<<30))), endless()), "says it is 1073741824 bytes long"},
		"an unknown block of 1 GiB":  {io.MultiReader(bytes.NewReader(join(start, le32(0x777), le32(1<<30))), endless()), "a block needs 1073741824 bytes, 67108872 are left"},
		"a block of names of 1 GiB":  {io.MultiReader(bytes.NewReader(join(start, le32(ngNames), le32(1<<30))), endless()), "a block needs 1073741824 bytes, 67108872 are left"},
		"nothing but interfaces":     {strings.NewReader(string(start) + strings.Repeat(string(ngInterfaceBlock(LinkRaw)), 2<<20/20)), "more than 65536 interfaces"},
		"nothing but empty sections": {strings.NewReader(strings.Repeat(string(start), 1<<20/len(start))), ""},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := Open([]string{"-"}, c.in, Options{MaxExpand: 16 << 20})
		if err == nil {
			for err == nil {
				_, err = r.Next()
			}
			err = r.Inputs()[0].Err
			r.Close()
		}
		runtime.ReadMemStats(&after)
		got := ""
		if err != nil {
			got = err.Error()
		}
		var failed *ReadError
		if !strings.Contains(got, c.want) || (got == "") != (c.want == "") || strings.Contains(got, "\n") || err != nil && !errors.As(err, &failed) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if taken := (after.TotalAlloc - before.TotalAlloc) >> 20; taken > 40 {
			t.Errorf("%s: %d MiB were taken", name, taken)
		}
	}
}
