package streams

import (
	"bufio"
	"cmp"
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/netip"
	"os"
	"slices"
	"strings"

	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/tcp"
)

// IndexName is the file in the directory of an [Exporter] that lists the others.
const IndexName = "index.jsonl"

// MaxGaps is how many gaps of a direction the index lists one by one.
const MaxGaps = 1000

// Entry is one line of the index: one direction of a conversation.
type Entry struct {
	Conversation int    `json:"conversation"`
	Side         string `json:"side"` // whose bytes these are, client or server
	From         string `json:"from"`
	To           string `json:"to"`
	File         string `json:"file"`    // in the same directory; "" if not a byte was captured
	Bytes        uint64 `json:"bytes"`   // in the file
	Missing      uint64 `json:"missing"` // bytes in gaps, which the file does not have
	Gaps         []Gap  `json:"gaps"`    // in order, at most MaxGaps
	GapsOmitted  int    `json:"gaps_omitted,omitempty"`
	Conflicts    int    `json:"conflicts"` // overlapping segments that differed
	Complete     bool   `json:"complete"`  // the stream reached its FIN
	SHA256       string `json:"sha256"`    // of the file
}

// Gap is a place in a file where bytes are missing.
type Gap struct {
	At      uint64 `json:"at"`     // offset in the file
	Offset  uint64 `json:"offset"` // offset in the stream, earlier gaps counted
	Missing uint32 `json:"missing"`
	Reason  string `json:"reason"`
}

// Exporter writes each direction of every conversation that it is given to a file
// of its own, named after the conversation and its ends, and an index of them.
// It is a [reassembly.Sink].
//
// It never writes outside its directory, not even through symbolic links, and
// never over a file that is there.
type Exporter struct {
	root  *os.Root
	index *os.File
	o     Options
	convs map[int]*exported
	open  *list.List // of *outFile, the one used longest ago in front
	err   error
}

type exported struct {
	conv   reassembly.Conversation
	duplex reassembly.Duplex
	files  [2]outFile
}

// outFile is one direction.
type outFile struct {
	entry Entry
	sum   hash.Hash
	f     *os.File // nil while closed
	w     *bufio.Writer
	place *list.Element // in Exporter.open
}

// NewExporter makes dir if it is not there, and an index in it. It fails if dir
// holds an index already.
func NewExporter(dir string, o Options) (*Exporter, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	e := &Exporter{root: root, o: o, convs: map[int]*exported{}, open: list.New()}
	if e.index, err = create(root, IndexName); err != nil {
		root.Close()
		return nil, err
	}
	if e.o.MaxOpen <= 0 {
		e.o.MaxOpen = 128
	}
	return e, nil
}

// create makes a file that must not be there. What people say to each other is
// for who captured it only.
func create(root *os.Root, name string) (*os.File, error) {
	return root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// Segment implements [reassembly.Sink].
func (e *Exporter) Segment(conv reassembly.Conversation, from reassembly.Side, seg *tcp.Segment) {
	if e.err != nil {
		return
	}
	x := e.convs[conv.ID]
	if x == nil {
		x = &exported{conv: conv}
		e.convs[conv.ID] = x
		ends := [2]netip.AddrPort{conv.Client, conv.Server}
		for i := range x.files {
			side := reassembly.Side(i)
			x.files[i].entry = Entry{Conversation: conv.ID, Side: side.String(),
				From: ends[side].String(), To: ends[side.Other()].String(), Gaps: []Gap{}}
		}
		e.o.prepare(&x.duplex, func(side reassembly.Side, c reassembly.Chunk) { e.write(x, side, c) })
	}
	x.duplex.Insert(from, seg)
}

// End implements [reassembly.Sink].
func (e *Exporter) End(id int) (conflicts [2][]reassembly.Conflict) {
	x := e.convs[id]
	if x == nil {
		return
	}
	delete(e.convs, id)
	x.duplex.Close()
	for i := range x.files {
		f := &x.files[i]
		e.closeFile(f)
		if f.sum != nil {
			f.entry.SHA256 = hex.EncodeToString(f.sum.Sum(nil))
		}
		f.entry.Conflicts = x.duplex[i].Stats().Conflicts
		f.entry.Complete = x.duplex[i].Complete()
		if f.entry.Bytes+f.entry.Missing > 0 && e.err == nil {
			e.err = json.NewEncoder(e.index).Encode(&f.entry)
		}
	}
	return x.duplex.Conflicts()
}

// Err returns the first error, after which nothing more is written.
func (e *Exporter) Err() error { return e.err }

// Close ends the conversations that nothing else ended, in the order of their
// ids, and returns the first error of all.
func (e *Exporter) Close() error {
	ids := make([]int, 0, len(e.convs))
	for id := range e.convs {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		e.End(id)
	}
	return cmp.Or(e.err, e.index.Close(), e.root.Close())
}

func (e *Exporter) write(x *exported, side reassembly.Side, c reassembly.Chunk) {
	f := &x.files[side]
	if c.Missing > 0 {
		f.entry.Missing += uint64(c.Missing)
		if len(f.entry.Gaps) == MaxGaps {
			f.entry.GapsOmitted++
			return
		}
		f.entry.Gaps = append(f.entry.Gaps, Gap{f.entry.Bytes, c.Offset, c.Missing, c.Reason.String()})
		return
	}
	if e.err == nil && f.f == nil {
		e.err = e.openFile(x, side)
	}
	if e.err != nil {
		return
	}
	e.open.MoveToBack(f.place)
	f.entry.Bytes += uint64(len(c.Bytes))
	f.sum.Write(c.Bytes)
	if _, err := f.w.Write(c.Bytes); err != nil {
		e.err = err
	}
}

func (e *Exporter) openFile(x *exported, side reassembly.Side) (err error) {
	if e.open.Len() >= e.o.MaxOpen {
		e.closeFile(e.open.Front().Value.(*outFile))
	}
	f := &x.files[side]
	if f.entry.File == "" {
		from, to := x.conv.Client, x.conv.Server
		if side == reassembly.Server {
			from, to = to, from
		}
		f.entry.File = fmt.Sprintf("%06d.%s-%s.bin", x.conv.ID, safe(from), safe(to))
		f.sum = sha256.New()
		f.f, err = create(e.root, f.entry.File)
	} else {
		f.f, err = e.root.OpenFile(f.entry.File, os.O_WRONLY|os.O_APPEND, 0)
	}
	if err != nil {
		return err
	}
	f.w = bufio.NewWriterSize(f.f, 32<<10)
	f.place = e.open.PushBack(f)
	return nil
}

func (e *Exporter) closeFile(f *outFile) {
	if f.f == nil {
		return
	}
	err := cmp.Or(f.w.Flush(), f.f.Close())
	e.err = cmp.Or(e.err, err)
	e.open.Remove(f.place)
	f.f, f.w = nil, nil
}

// safe spells an address and port with what every file system takes.
func safe(a netip.AddrPort) string {
	return strings.ReplaceAll(a.Addr().WithZone("").String(), ":", "-") + "_" + fmt.Sprint(a.Port())
}
