package streams

import (
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
//
// Bytes wait in memory, so that most files are opened once, and none stays open:
// a capture has more conversations at a time than a process may have files.
type Exporter struct {
	root    *os.Root
	index   *os.File
	o       Options
	convs   map[int]*exported
	waiting *list.List // of *outFile with bytes to write, the one written to longest ago in front
	bytes   int        // of buffers with bytes that wait
	spare   [][]byte   // buffers to use again
	err     error
}

const (
	// flushAt is how many bytes of a direction wait at most.
	flushAt = 64 << 10
	// maxWaiting is how much memory all take that wait, by default.
	maxWaiting = 64 << 20
	// maxSpare is how many buffers are kept to be used again.
	maxSpare = 256
)

type exported struct {
	conv   reassembly.Conversation
	duplex reassembly.Duplex
	files  [2]outFile
}

// outFile is one direction.
type outFile struct {
	entry   Entry
	sum     hash.Hash
	buf     []byte        // not yet written
	place   *list.Element // in Exporter.waiting; nil if buf is empty
	created bool
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
	e := &Exporter{root: root, o: o, convs: map[int]*exported{}, waiting: list.New()}
	if e.index, err = create(root, IndexName); err != nil {
		root.Close()
		return nil, err
	}
	if e.o.MaxWaiting <= 0 {
		e.o.MaxWaiting = maxWaiting
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
		for i := range x.files {
			f := &x.files[i]
			x.duplex[i].Done = func() { e.flush(f) }
		}
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
	if e.err != nil {
		return
	}
	if f.sum == nil {
		f.entry.File, f.sum = x.fileName(side), sha256.New()
	}
	f.entry.Bytes += uint64(len(c.Bytes))
	f.sum.Write(c.Bytes)
	if f.place == nil {
		f.place = e.waiting.PushBack(f)
		if n := len(e.spare); n > 0 {
			f.buf, e.spare = e.spare[n-1], e.spare[:n-1]
			e.bytes += cap(f.buf)
		}
	} else {
		e.waiting.MoveToBack(f.place)
	}
	was := cap(f.buf)
	f.buf = append(f.buf, c.Bytes...)
	e.bytes += cap(f.buf) - was
	if len(f.buf) >= flushAt {
		e.flush(f)
	}
	for e.bytes > e.o.MaxWaiting {
		e.flush(e.waiting.Front().Value.(*outFile))
	}
}

// flush writes what of a direction waits.
func (e *Exporter) flush(f *outFile) {
	if f.place == nil {
		return
	}
	if e.err == nil {
		e.err = f.write(e.root)
	}
	e.bytes -= cap(f.buf)
	e.waiting.Remove(f.place)
	if cap(f.buf) <= 2*flushAt && len(e.spare) < maxSpare {
		e.spare = append(e.spare, f.buf[:0])
	}
	f.buf, f.place = nil, nil
}

func (f *outFile) write(root *os.Root) error {
	var w *os.File
	var err error
	if f.created {
		w, err = root.OpenFile(f.entry.File, os.O_WRONLY|os.O_APPEND, 0)
	} else {
		w, err = create(root, f.entry.File)
	}
	if err != nil {
		return err
	}
	f.created = true
	_, err = w.Write(f.buf)
	return cmp.Or(err, w.Close())
}

// fileName is where what side said goes.
func (x *exported) fileName(side reassembly.Side) string {
	from, to := x.conv.Client, x.conv.Server
	if side == reassembly.Server {
		from, to = to, from
	}
	return fmt.Sprintf("%06d.%s-%s.bin", x.conv.ID, safe(from), safe(to))
}

// safe spells an address and port with what every file system takes.
func safe(a netip.AddrPort) string {
	return strings.ReplaceAll(a.Addr().WithZone("").String(), ":", "-") + "_" + fmt.Sprint(a.Port())
}
