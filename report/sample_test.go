package report

import (
	"net/netip"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// start is 2026-01-02 03:04:05 UTC; the samples count milliseconds from it.
const start = 1767323045 * 1_000_000_000

// ladderMaker builds a conversation a row at a time, keeping timelines and rows
// in step as the analyzer does.
type ladderMaker struct {
	*analyzer.Conversation
	known [2]bool
	state [2]tcp.State
	how   [2]analyzer.Evidence
}

func newSample(id int, client, server string) *ladderMaker {
	c := &analyzer.Conversation{ID: id, InitiatorKnown: true, FirstFrame: 1, First: start, Opened: analyzer.OpenedThreeWay}
	for side, addr := range []string{client, server} {
		c.Endpoints[side] = analyzer.Endpoint{Addr: netip.MustParseAddrPort(addr), ISN: tcp.Seq(100 + 200*side), ISNKnown: true}
	}
	return &ladderMaker{Conversation: c}
}

// enters is a state that a row changes.
type enters struct {
	side  analyzer.Side
	state tcp.State
	event tcp.Event
	how   analyzer.Evidence
}

func (m *ladderMaker) row(ms int64, from analyzer.Side, flags tcp.Flags, seq, ack, length uint32, note string, changes ...enters) *analyzer.Row {
	m.Segments++
	m.LastFrame, m.Last = m.Segments, start+ms*1_000_000
	e := &m.Endpoints[from]
	e.Segments++
	e.Bytes += uint64(length)
	r := analyzer.Row{Frame: m.Segments, Time: m.Last, From: from, Flags: flags, Len: length, Window: 64240, Note: note,
		Seq: e.ISN.Add(seq), Ack: m.Endpoints[from.Other()].ISN.Add(ack)}
	for _, ch := range changes {
		m.enter(ch, r.Frame, r.Time)
		r.Changed[ch.side] = true
	}
	r.States, r.Evidence, r.Known = m.state, m.how, m.known
	m.Rows = append(m.Rows, r)
	return &m.Rows[len(m.Rows)-1]
}

func (m *ladderMaker) enter(ch enters, frame int, at int64) {
	arrow, _ := tcp.Next(m.state[ch.side], ch.event)
	m.state[ch.side], m.how[ch.side], m.known[ch.side] = ch.state, ch.how, true
	e := &m.Endpoints[ch.side]
	e.State = ch.state
	e.Timeline = append(e.Timeline, analyzer.Transition{State: ch.state, Event: ch.event, Frame: frame, Time: at,
		Evidence: ch.how, Cause: ch.event.String(), Ref: arrow.Ref})
}

// handshake opens the connection in three rows.
func (m *ladderMaker) handshake() {
	m.row(0, analyzer.Client, tcp.SYN, 0, 0, 0, "",
		enters{analyzer.Client, tcp.SynSent, tcp.SentSYN, analyzer.Sent})
	m.row(1, analyzer.Server, tcp.SYN|tcp.ACK, 0, 1, 0, "",
		enters{analyzer.Server, tcp.SynRcvd, tcp.SentSYNACK, analyzer.Sent},
		enters{analyzer.Client, tcp.Established, tcp.RecvSYNACK, analyzer.Acked})
	m.row(2, analyzer.Client, tcp.ACK, 1, 1, 0, "",
		enters{analyzer.Server, tcp.Established, tcp.RecvAckOfSYN, analyzer.Acked})
}

// simultaneousClose is two FINs that cross, after ten segments of data.
func simultaneousClose() *analyzer.Conversation {
	m := newSample(0, "10.0.0.1:41000", "10.0.0.2:80")
	m.handshake()
	for i := range uint32(10) {
		m.row(int64(10+i), analyzer.Client, tcp.ACK|tcp.PSH, 1+100*i, 1, 100, "")
	}
	m.row(30, analyzer.Client, tcp.FIN|tcp.ACK, 1001, 1, 0, "the client closes",
		enters{analyzer.Client, tcp.FinWait1, tcp.SentFIN, analyzer.Sent})
	m.row(31, analyzer.Server, tcp.FIN|tcp.ACK, 1, 1001, 0, "the server closes too; it had not received the client's FIN",
		enters{analyzer.Server, tcp.FinWait1, tcp.SentFIN, analyzer.Sent},
		enters{analyzer.Server, tcp.Closing, tcp.RecvFIN, analyzer.Acked},
		enters{analyzer.Client, tcp.Closing, tcp.RecvFIN, analyzer.Acked})
	m.Endpoints[analyzer.Server].Timeline[3].Frame = 14 // the client's FIN, which it had not received when it sent its own
	m.row(32, analyzer.Client, tcp.ACK, 1002, 2, 0, "",
		enters{analyzer.Server, tcp.TimeWait, tcp.RecvAckOfFIN, analyzer.Presumed})
	m.row(33, analyzer.Server, tcp.ACK, 2, 1002, 0, "",
		enters{analyzer.Client, tcp.TimeWait, tcp.RecvAckOfFIN, analyzer.Presumed})
	m.enter(enters{analyzer.Client, tcp.Closed, tcp.Expire2MSL, analyzer.Timer}, 0, start+60_033_000_000)
	m.Closed, m.ClosedBy = analyzer.ClosedSimultaneous, "both"
	m.Verdict = "Both sides closed at once: their FINs crossed."
	m.Facts = []string{"long-idle"}
	m.Findings = []analyzer.Finding{{ID: "simultaneous-close", Severity: analyzer.Notice, Side: analyzer.Both,
		Confidence: analyzer.Certain, Frames: []int{14, 15}, Summary: "both sides sent their FIN before the other's arrived",
		Detail: "Neither application did anything wrong. Both sides now hold the 4-tuple in TIME_WAIT, where usually only one does."}}
	return m.Conversation
}

// resetV6 is a RST between long addresses, from a capture that began late, with
// text in it that would harm a terminal.
func resetV6() *analyzer.Conversation {
	m := newSample(1, "[2001:db8:1234:5678:9abc:def0:1234:5678]:55555", "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535")
	m.InitiatorKnown = false
	m.Opened = analyzer.OpenedMidstream
	for side := range m.Endpoints {
		m.Endpoints[side].ISNKnown = false
	}
	r := m.row(0, analyzer.Client, tcp.ACK|tcp.PSH, 3_000_000_000, 4294900000, 1448, "",
		enters{analyzer.Client, tcp.Established, tcp.NoEvent, analyzer.Adopted})
	r.Comment = "evil \x1b[31m comment \u202e reversed \xff\nsecond line"
	m.row(1, analyzer.Server, tcp.RST, 4294900000, 0, 0, "the server resets the connection",
		enters{analyzer.Server, tcp.Closed, tcp.SentRST, analyzer.Sent},
		enters{analyzer.Client, tcp.Closed, tcp.RecvRST, analyzer.Presumed})
	m.Endpoints[analyzer.Server].Resets = 1
	m.Closed, m.ClosedBy = analyzer.ClosedReset, "server"
	m.Verdict = "The server reset the connection."
	m.Scope = "vlan 7 \x07"
	m.Resets = []analyzer.Reset{{Frame: 2, Time: m.Rows[1].Time, Side: analyzer.Server, Reply: true, Trigger: 1, Cause: "data-after-close",
		Reasons: []string{"TCP_ABORT_ON_DATA", "TCP_TIMEWAIT_SOCKET"}, Confidence: analyzer.Probable, Summary: "the server had closed",
		Fate: analyzer.ResetAccepted, Why: "it ended the connection of the client", Saw: [2]string{"ECONNRESET", "nothing"},
		Injected: []string{"its TTL is 200"}}}
	m.ResetsOmitted = 3
	m.Findings = []analyzer.Finding{{ID: "rst-on-data-after-close", Severity: analyzer.Warning, Side: analyzer.Server,
		Confidence: analyzer.Probable, Frames: []int{2}, Summary: "reset: data came for a socket that was closed"}}
	return m.Conversation
}

func sampleCapture() *Capture {
	return &Capture{
		Inputs: []Input{
			{Name: "a.pcap", Format: "pcap", LinkTypes: []string{"Ethernet"}, Frames: 20},
			{Name: "b\x1b]0;evil\x07.pcapng", Format: "pcapng, gzip", LinkTypes: []string{"Ethernet", "Linux cooked v2"},
				Frames: 3, Err: "frame 3: cut short"}},
		Frames: 23, Segments: 19, Skipped: []Count{{"ARP", 3}, {"UDP", 1}},
		First: start, Last: start + 33_000_000, Evicted: 1, Notices: []string{"ladders were cut"},
	}
}

var sampleAcross = []analyzer.Finding{{ID: "port-pressure", Severity: analyzer.Warning, Side: analyzer.Client,
	Confidence: analyzer.Possible, Frames: []int{1}, Summary: "many connections in TIME_WAIT", Conversations: []int{0, 1}}}
