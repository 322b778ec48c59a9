package browsertests

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/report"
	"tcpreplay-fsm/tcp"
)

const ms = int64(time.Millisecond)

// began is when the sample captures begin.
var began = time.Date(2026, 3, 14, 9, 26, 53, 589793238, time.UTC).UnixNano()

// dialogue builds a conversation row by row; both ends' states are given.
type dialogue struct {
	c     *analyzer.Conversation
	now   int64
	frame int
	nxt   [2]tcp.Seq
	state [2]tcp.State
	known [2]bool
}

func newDialogue(id, frame int, client, server string, at int64) *dialogue {
	c := &analyzer.Conversation{ID: id, InitiatorKnown: true, FirstFrame: frame, First: at, Opened: analyzer.OpenedThreeWay, ClosedBy: "client"}
	for side, addr := range []string{client, server} {
		c.Endpoints[side] = analyzer.Endpoint{Addr: netip.MustParseAddrPort(addr), ISN: tcp.Seq(4_294_960_000 + uint32(id)), ISNKnown: true}
		c.Endpoints[side].Offered = tcp.Options{Set: tcp.OptMSS | tcp.OptSACKPermitted, MSS: 1460}
	}
	return &dialogue{c: c, now: at, frame: frame, nxt: [2]tcp.Seq{c.Endpoints[0].ISN, c.Endpoints[1].ISN}}
}

// enter records a change of state; the row of the same frame shows it.
func (d *dialogue) enter(side analyzer.Side, s tcp.State, on tcp.Event, e analyzer.Evidence) {
	d.state[side], d.known[side] = s, true
	d.c.Endpoints[side].Timeline = append(d.c.Endpoints[side].Timeline, analyzer.Transition{State: s, Event: on, Frame: d.frame, Time: d.now, Evidence: e, Cause: on.String(), Ref: "RFC 9293 3.10.7.4"})
	d.c.Endpoints[side].State = s
}

func (d *dialogue) send(from analyzer.Side, flags tcp.Flags, length uint32, note string, changes ...func()) *analyzer.Row {
	for _, change := range changes {
		change()
	}
	r := analyzer.Row{Frame: d.frame, Time: d.now, From: from, Flags: flags, Seq: d.nxt[from], Len: length, Window: 64240, States: d.state, Known: d.known, Note: note}
	if flags.Has(tcp.ACK) {
		r.Ack = d.nxt[from.Other()]
	}
	for side := range d.c.Endpoints {
		for _, t := range d.c.Endpoints[side].Timeline {
			r.Changed[side] = r.Changed[side] || t.Frame == d.frame
		}
	}
	d.nxt[from] = d.nxt[from].Add(length)
	if flags.Any(tcp.SYN | tcp.FIN) {
		d.nxt[from]++
	}
	d.c.Rows = append(d.c.Rows, r)
	d.c.Endpoints[from].Segments++
	d.c.Endpoints[from].Bytes += uint64(length)
	d.c.Segments++
	d.c.LastFrame, d.c.Last = d.frame, d.now
	d.frame++
	d.now += 5 * ms
	return &d.c.Rows[len(d.c.Rows)-1]
}

func (d *dialogue) open() {
	d.send(0, tcp.SYN, 0, "the client opens", func() {
		d.enter(0, tcp.SynSent, tcp.SentSYN, analyzer.Sent)
		d.enter(1, tcp.SynRcvd, tcp.RecvSYN, analyzer.Acked)
	})
	d.send(1, tcp.SYN|tcp.ACK, 0, "", func() { d.enter(0, tcp.Established, tcp.RecvSYNACK, analyzer.Acked) })
	d.send(0, tcp.ACK, 0, "", func() { d.enter(1, tcp.Established, tcp.RecvAckOfSYN, analyzer.Acked) })
}

func (d *dialogue) data(requests int) {
	for range requests {
		d.send(0, tcp.PSH|tcp.ACK, 120, "")
		d.send(1, tcp.ACK, 1460, "")
		d.send(1, tcp.PSH|tcp.ACK, 900, "")
		d.send(0, tcp.ACK, 0, "")
	}
}

func (d *dialogue) clientCloses(serverToo bool) {
	d.send(0, tcp.FIN|tcp.ACK, 0, "the client closes", func() {
		d.enter(0, tcp.FinWait1, tcp.SentFIN, analyzer.Sent)
		d.enter(1, tcp.CloseWait, tcp.RecvFIN, analyzer.Acked)
	})
	d.send(1, tcp.ACK, 0, "", func() { d.enter(0, tcp.FinWait2, tcp.RecvAckOfFIN, analyzer.Acked) })
	if !serverToo {
		d.c.Closed, d.c.Verdict = analyzer.ClosedHalf, "The client closed its direction; the server never closed its own."
		return
	}
	d.send(1, tcp.FIN|tcp.ACK, 0, "", func() {
		d.enter(0, tcp.TimeWait, tcp.RecvFIN, analyzer.Acked)
		d.enter(1, tcp.LastAck, tcp.SentFIN, analyzer.Sent)
	})
	d.send(0, tcp.ACK, 0, "", func() { d.enter(1, tcp.Closed, tcp.RecvAckOfFIN, analyzer.Presumed) })
	d.c.Closed, d.c.Verdict = analyzer.ClosedFourSegment, "The client closed first; the server closed in turn."
}

func (d *dialogue) find(id string, severity analyzer.Severity, summary string) {
	d.c.Findings = append(d.c.Findings, analyzer.Finding{ID: id, Severity: severity, Side: analyzer.Server, Confidence: analyzer.Probable,
		Frames: []int{d.frame - 2, d.frame - 1}, Summary: summary, Detail: summary + ".\nLook at the application."})
}

// sample makes n conversations, mostly healthy, the same for the same n.
func sample(n int, each func(*analyzer.Conversation)) *report.Capture {
	random := rand.New(rand.NewPCG(1, 2))
	frame, at := 1, began
	for id := range n {
		d := newDialogue(id, frame, fmt.Sprintf("10.0.%d.%d:%d", id/5000, 1+id%200, 32768+id%28000), fmt.Sprintf("192.0.2.%d:%d", 1+id%7, []int{80, 443, 5432}[id%3]), at)
		d.open()
		d.data(1 + random.IntN(12))
		switch random.IntN(12) {
		case 0:
			d.clientCloses(false)
			d.find("close-wait-leak", analyzer.Warning, "the server never closed after the client's FIN")
		case 1:
			d.send(1, tcp.RST|tcp.ACK, 0, "reset", func() {
				d.enter(0, tcp.Closed, tcp.RecvRST, analyzer.Presumed)
				d.enter(1, tcp.Closed, tcp.SentRST, analyzer.Sent)
			})
			d.c.Closed, d.c.ClosedBy, d.c.Verdict = analyzer.ClosedReset, "server", "Abortive close by the server: probably unread data."
			d.find("rst-on-close-unread-data", analyzer.Error, "abortive close by the server: probably unread data")
		default:
			d.clientCloses(true)
			d.c.Endpoints[0].Timeline = append(d.c.Endpoints[0].Timeline, analyzer.Transition{State: tcp.Closed, Event: tcp.Expire2MSL, Time: d.now + 60_000*ms, Evidence: analyzer.Timer, Cause: "2 MSL over"})
		}
		frame = d.frame
		at += 20*ms + random.Int64N(10*ms)
		each(d.c)
	}
	return &report.Capture{Inputs: []report.Input{{Name: "sample.pcap", Format: "pcap", LinkTypes: []string{"EN10MB"}, Frames: frame - 1}}, Frames: frame - 1, Segments: frame - 1,
		First: began, Last: at + 1000*ms}
}

// writeReport writes the report of what fill hands on and returns its path.
func writeReport(t testing.TB, o report.HTMLOptions, fill func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding)) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := report.NewHTML(f, o)
	capture, across := fill(func(c *analyzer.Conversation) {
		if err := w.Conversation(c); err != nil {
			t.Fatal(err)
		}
	})
	if err := w.End(capture, across); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}
