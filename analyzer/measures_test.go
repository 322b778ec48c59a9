package analyzer_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

const ms = int64(time.Millisecond)

// measure plays a script that begins after the handshake, which takes 20 ms to
// the server and 5 ms to the client. Both offer an MSS of 1000 and a scale of 2^2.
func measure(t *testing.T, lines string) *analyzer.Conversation {
	t.Helper()
	s, err := pcaptest.Parse("A SYN 0 mss=1000 ws=2 sackok\nB SYN,ACK 0 1 mss=1000 ws=2 sackok +0.020\nA ACK 1 1 +0.005 win=1000\n" + lines)
	if err != nil {
		t.Fatal(err)
	}
	p := play(s)
	if len(p.conversations) != 1 {
		t.Fatalf("%d conversations", len(p.conversations))
	}
	return p.conversations[0]
}

// TestMeasures plays one script for each measure. A measure that is not named in
// want may be anything.
func TestMeasures(t *testing.T) {
	for _, test := range []struct {
		name, script string
		side         analyzer.Side
		want         analyzer.Measures
		fields       string
	}{
		{"handshake of the server", "", analyzer.Server, analyzer.Measures{HandshakeRTT: 20 * ms}, "HandshakeRTT"},
		{"handshake of the client", "", analyzer.Client, analyzer.Measures{HandshakeRTT: 5 * ms}, "HandshakeRTT"},
		{"one round trip", "A PSH,ACK 1 1 len=100\nB ACK 1 101 +0.030\n", analyzer.Client,
			analyzer.Measures{PayloadBytes: 100, RTTSamples: 1, RTTMin: 30 * ms, RTTMedian: 30 * ms, RTTP95: 30 * ms, RTTMax: 30 * ms, InFlightMax: 100, InitialWindow: 100},
			"PayloadBytes RTTSamples RTTMin RTTMedian RTTP95 RTTMax InFlightMax InitialWindow DataTime Limited"},
		{"an ACK of several times the newest", "A ACK 1 1 len=100\nA ACK 101 1 len=100 +0.010\nB ACK 1 201 +0.030\n", analyzer.Client,
			analyzer.Measures{RTTSamples: 1, RTTMin: 30 * ms, RTTMax: 30 * ms, InFlightMax: 200, InitialWindow: 200, DataTime: 10 * ms},
			"RTTSamples RTTMin RTTMax InFlightMax InitialWindow DataTime"},
		{"Karn", "A ACK 1 1 len=100\nA ACK 1 1 len=100 +0.300\nB ACK 1 101 +0.010\nA ACK 101 1 len=100\nB ACK 1 201 +0.040\n", analyzer.Client,
			analyzer.Measures{RTTSamples: 1, RTTMin: 40 * ms, RTTMax: 40 * ms, Timeouts: 1, RetransmittedBytes: 100, PayloadBytes: 300},
			"RTTSamples RTTMin RTTMax Timeouts FastRetransmissions OtherRetransmissions RetransmittedBytes PayloadBytes"},
		{"the initial window ends with the first ACK", "A ACK 1 1 len=100\nA ACK 101 1 len=100\nB ACK 1 101\nA ACK 201 1 len=100\n", analyzer.Client,
			analyzer.Measures{InitialWindow: 200, InFlightMax: 200}, "InitialWindow InFlightMax"},
		{"D-SACK of a SYN sent again", "B ACK 1 1 sack=0-1\n", analyzer.Server, analyzer.Measures{SACKs: 1}, "SACKs DSACKs"},
		{"fast", `A ACK 1 1 len=100
A ACK 101 1 len=100
A ACK 201 1 len=100
A ACK 301 1 len=100
B ACK 1 101
B ACK 1 101 sack=201-301
B ACK 1 101 sack=201-401
B ACK 1 101 sack=201-401
A ACK 101 1 len=100
B ACK 1 401
`, analyzer.Client, analyzer.Measures{FastRetransmissions: 1, RetransmittedBytes: 100, PayloadBytes: 500},
			"Timeouts FastRetransmissions OtherRetransmissions RetransmittedBytes PayloadBytes"},
		{"duplicate ACKs and SACK", "A ACK 1 1 len=100\nA ACK 101 1 len=100\nA ACK 201 1 len=100\nB ACK 1 101\nB ACK 1 101 sack=201-301\nB ACK 1 101 sack=201-301\n", analyzer.Server,
			analyzer.Measures{DuplicateACKs: 2, SACKs: 2}, "DuplicateACKs SACKs DSACKs"},
		{"a tail loss probe and its D-SACK", "A ACK 1 1 len=100\nA ACK 1 1 len=100 +0.050\nB ACK 1 101 sack=1-101\n", analyzer.Client,
			analyzer.Measures{TailRetransmissions: 1, Spurious: 1}, "Timeouts FastRetransmissions TailRetransmissions OtherRetransmissions Spurious SACKs DSACKs"},
		{"a tail loss probe sends the last of several", "A ACK 1 1 len=100\nA ACK 101 1 len=100\nA ACK 101 1 len=100 +0.300\nB ACK 1 201\n", analyzer.Client,
			analyzer.Measures{TailRetransmissions: 1}, "Timeouts FastRetransmissions TailRetransmissions OtherRetransmissions"},
		{"the timer sends the first of several", "A ACK 1 1 len=100\nA ACK 101 1 len=100\nA ACK 1 1 len=100 +0.300\nB ACK 1 201\n", analyzer.Client,
			analyzer.Measures{Timeouts: 1}, "Timeouts FastRetransmissions TailRetransmissions OtherRetransmissions"},
		{"sent again too soon for a probe", "A ACK 1 1 len=100\nA ACK 1 1 len=100 +0.010\nB ACK 1 101\n", analyzer.Client,
			analyzer.Measures{OtherRetransmissions: 1}, "Timeouts FastRetransmissions TailRetransmissions OtherRetransmissions"},
		{"a D-SACK", "A ACK 1 1 len=100\nA ACK 1 1 len=100 +0.050\nB ACK 1 101 sack=1-101\n", analyzer.Server,
			analyzer.Measures{SACKs: 1, DSACKs: 1}, "SACKs DSACKs Spurious"},
		{"a D-SACK within another block", "A ACK 1 1 len=100\nA ACK 201 1 len=100\nA ACK 201 1 len=100\nB ACK 1 101 sack=201-301,201-301\n", analyzer.Server,
			analyzer.Measures{SACKs: 1, DSACKs: 1}, "SACKs DSACKs"},
		{"out of order", "A ACK 1 1 len=100 ipid=10\nA ACK 201 1 len=100 ipid=12\nA ACK 101 1 len=100 ipid=11\n", analyzer.Client,
			analyzer.Measures{OutOfOrder: 1}, "OutOfOrder Timeouts FastRetransmissions OtherRetransmissions"},
		{"windows are scaled", "B ACK 1 1 win=500\nB ACK 1 1 win=700\nB ACK 1 1 win=600\n", analyzer.Server,
			analyzer.Measures{WindowMin: 2000, WindowMax: 2800}, "WindowMin WindowMax ZeroWindow"},
		{"window closed", "A PSH,ACK 1 1 len=100\nB ACK 1 101 win=0\nA ACK 100 1 +0.200\nB ACK 1 101 win=0 +0.010\nB ACK 1 101 win=10 +0.090\n", analyzer.Server,
			analyzer.Measures{WindowMin: 0, WindowMax: 40, ZeroWindow: 300 * ms}, "WindowMin WindowMax ZeroWindow WindowFull"},
		{"window filled", "B ACK 1 1 win=50\nA PSH,ACK 1 1 len=200\nB ACK 1 201 win=50 +0.070\n", analyzer.Client,
			analyzer.Measures{WindowFull: 70 * ms}, "WindowFull ZeroWindow"},
		{"longest pause", "A PSH,ACK 1 1 len=10 +2\nB ACK 1 11 +3\n", analyzer.Server, analyzer.Measures{LongestIdle: int64(3 * time.Second)}, "LongestIdle"},
	} {
		c := measure(t, test.script)
		got, want := reflect.ValueOf(c.Endpoints[test.side].Measures), reflect.ValueOf(test.want)
		for _, f := range strings.Fields(test.fields) {
			if g, w := got.FieldByName(f).Interface(), want.FieldByName(f).Interface(); g != w {
				t.Errorf("%s: the %s has %s %v, want %v", test.name, test.side, f, g, w)
			}
		}
		m, e := c.Endpoints[test.side].Measures, c.Endpoints[test.side]
		if sum := m.Timeouts + m.FastRetransmissions + m.TailRetransmissions + m.OtherRetransmissions; sum != e.Retransmissions {
			t.Errorf("%s: %d retransmissions by trigger, %d in all", test.name, sum, e.Retransmissions)
		}
	}
}

// sender sends count segments of size bytes, pause apart, and has each
// acknowledged after rtt; the receiver's window is win scaled by 4.
func sender(count, size int, pause, rtt time.Duration, win int) string {
	var b strings.Builder
	for i := range count {
		seq := 1 + i*size
		fmt.Fprintf(&b, "A ACK %d 1 len=%d +%v\n", seq, size, (pause - rtt).Seconds())
		fmt.Fprintf(&b, "B ACK 1 %d win=%d +%v\n", seq+size, win, rtt.Seconds())
	}
	return b.String()
}

// reader has count segments fill a window each, which is closed until pause later; the sender
// goes on 10 ms after that.
func reader(count int, pause time.Duration) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, "A ACK %[1]d 1 len=1000 +0.01\nB ACK 1 %[2]d win=0 +0.001\nB ACK 1 %[2]d win=250 +%[3]v\n", 1+i*1000, 1001+i*1000, pause.Seconds())
	}
	return b.String()
}

// TestLimits holds the label to transfers that something certain limits.
func TestLimits(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"small messages now and then", sender(20, 100, 100*time.Millisecond, 10*time.Millisecond, 1000), "application"},
		{"full segments, each sent when the one before is acknowledged", sender(20, 1000, 11*time.Millisecond, 10*time.Millisecond, 10000), "network"},
		{"full segments, long after the one before was acknowledged", sender(20, 1000, 90*time.Millisecond, 10*time.Millisecond, 10000), "application"},
		{"a window of two segments", sender(20, 1000, 11*time.Millisecond, 10*time.Millisecond, 500), "receiver"},
		{"a window that closes, and opens when its application reads", reader(12, time.Second), "receiver"},
		{"too few to tell", sender(9, 1000, 11*time.Millisecond, 10*time.Millisecond, 500), ""},
	} {
		c := measure(t, "B ACK 1 1 win=500\n"+test.script)
		m := &c.Endpoints[analyzer.Client].Measures
		if m.Limited != test.want {
			t.Errorf("%s: limited by %q, want %q (%+v)", test.name, m.Limited, test.want, m)
		}
		if sum := m.LimitedByApplication + m.LimitedByNetwork + m.LimitedByReceiver; sum != m.DataTime {
			t.Errorf("%s: the waits are %d ns of %d", test.name, sum, m.DataTime)
		}
	}
}

// TestTimeIn adds up the states of both sides.
func TestTimeIn(t *testing.T) {
	c := measure(t, "A FIN,ACK 1 1 +1\nB ACK 1 2 +0.1\nB FIN,ACK 1 2 +2\nA ACK 2 2 +0.5\n")
	client, server := c.TimeIn(analyzer.Client), c.TimeIn(analyzer.Server)
	for _, test := range []struct {
		name      string
		got, want int64
	}{
		{"client SYN_SENT", client[tcp.SynSent], 20 * ms},
		{"client FIN_WAIT_1", client[tcp.FinWait1], 100 * ms},
		{"client FIN_WAIT_2", client[tcp.FinWait2], 2000 * ms},
		{"server CLOSE_WAIT", server[tcp.CloseWait], 2100 * ms},
		{"server LAST_ACK", server[tcp.LastAck], 500 * ms},
	} {
		if test.got != test.want {
			t.Errorf("%s for %d ns, want %d", test.name, test.got, test.want)
		}
	}
}

// TestAgreed holds what is agreed to what the SYNs offer.
func TestAgreed(t *testing.T) {
	for script, want := range map[string]analyzer.Agreed{
		"A SYN 0 ws=2 sackok ts=1/0\nB SYN,ACK 0 1 ws=3 sackok ts=1/1": {Known: true, WindowScale: true, SACK: true, Timestamps: true},
		"A SYN 0 ws=2 sackok ts=1/0\nB SYN,ACK 0 1 sackok":             {Known: true, SACK: true},
		"A SYN,ECE,CWR 0\nB SYN,ACK,ECE 0 1":                           {Known: true, ECN: true},
		"A SYN,ECE,CWR 0\nB SYN,ACK 0 1":                               {Known: true},
		"A SYN 0\nB SYN,ACK,ECE 0 1":                                   {Known: true},
		"A SYN 0 sackok":                                               {},
	} {
		s, err := pcaptest.Parse(script + "\n")
		if err != nil {
			t.Fatal(err)
		}
		if got := play(s).conversations[0].Agreed; got != want {
			t.Errorf("%q: %+v, want %+v", script, got, want)
		}
	}
}
