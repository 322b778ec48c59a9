package pcaptest

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tcpreplay-fsm/tcp"
)

// start is the time of a script's first segment: 2024-01-01 00:00:00 UTC.
const start = 1_704_067_200 * int64(time.Second)

// Script is a parsed script.
type Script struct {
	Steps  []Step
	Expect []Expectation
	End    int64 // when it is over: the last segment, and what is waited after it; Unix nanoseconds
}

// Step is one segment and the states expected after it.
type Step struct {
	Line    int // in the script, from 1
	From    int // the side that sends it: 0 is A, 1 is B
	Segment tcp.Segment
	// States are those of A and B; they mean something only where Known.
	States [2]tcp.State
	Known  [2]bool
}

// Expectation is one expect line, such as "opened three-way".
type Expectation struct {
	Line         int
	Conversation int      // 0 unless the line names another
	No           bool     // the line begins with "no"
	Key          string   // such as "opened", "closed", "closed_by" or "finding"
	Value        string   // the word after Key, or ""
	Rest         []string // further words
}

func (e Expectation) String() string {
	words := []string{"expect"}
	if e.Conversation != 0 {
		words = append(words, strconv.Itoa(e.Conversation))
	}
	if e.No {
		words = append(words, "no")
	}
	words = append(words, e.Key)
	if e.Value != "" {
		words = append(words, e.Value)
	}
	return strings.Join(append(words, e.Rest...), " ")
}

// Segments returns the segments in order. Their payloads are shared with s.
func (s *Script) Segments() []tcp.Segment {
	out := make([]tcp.Segment, len(s.Steps))
	for i := range s.Steps {
		out[i] = s.Steps[i].Segment
	}
	return out
}

// Parse reads a script. Its error names the line.
func Parse(script string) (*Script, error) {
	p := parser{out: new(Script), now: start, isn: [2]tcp.Seq{1000, 5000}, addr: [2]netip.AddrPort{
		netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("10.0.0.2:80"),
	}}
	for i, line := range strings.Split(script, "\n") {
		p.line = i + 1
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := p.take(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", p.line, err)
		}
	}
	p.out.End = p.now
	return p.out, nil
}

// parser holds what carries over from line to line.
type parser struct {
	out  *Script
	line int
	now  int64
	isn  [2]tcp.Seq
	addr [2]netip.AddrPort
	ipid [2]uint16
}

func (p *parser) take(line string) error {
	words := strings.Fields(line)
	switch words[0] {
	case "isn":
		return assign(words[1:], func(side int, v string) (err error) {
			p.isn[side], err = seq(v, 0)
			return err
		})
	case "addr":
		return assign(words[1:], func(side int, v string) (err error) {
			p.addr[side], err = netip.ParseAddrPort(v)
			return err
		})
	case "wait":
		if len(words) != 2 {
			return fmt.Errorf("wait takes one number of seconds")
		}
		d, err := seconds(words[1])
		p.now += d
		return err
	case "expect":
		return p.expect(words[1:])
	}
	return p.segment(line)
}

// assign reads words such as A=1.
func assign(words []string, set func(side int, v string) error) error {
	if len(words) == 0 {
		return fmt.Errorf("want A=… or B=…")
	}
	for _, w := range words {
		name, v, _ := strings.Cut(w, "=")
		side, ok := sideOf(name)
		if !ok {
			return fmt.Errorf("no side %q: want A or B", name)
		}
		if err := set(side, v); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) expect(words []string) error {
	e := Expectation{Line: p.line}
	if len(words) > 0 {
		if n, err := strconv.Atoi(words[0]); err == nil {
			e.Conversation, words = n, words[1:]
		}
	}
	if len(words) > 0 && words[0] == "no" {
		e.No, words = true, words[1:]
	}
	if len(words) == 0 {
		return fmt.Errorf("expect what?")
	}
	e.Key, words = words[0], words[1:]
	if len(words) > 0 {
		e.Value, e.Rest = words[0], words[1:]
	}
	p.out.Expect = append(p.out.Expect, e)
	return nil
}

func sideOf(name string) (side int, ok bool) {
	switch name {
	case "A", "C":
		return 0, true
	case "B", "S":
		return 1, true
	}
	return 0, false
}

// seconds reads a number of seconds as nanoseconds.
func seconds(s string) (int64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < -1e9 || f > 1e9 || f != f {
		return 0, fmt.Errorf("no number of seconds: %q", s)
	}
	return int64(math.Round(f * 1e9)), nil
}

// seq reads a sequence number relative to isn.
func seq(s string, isn tcp.Seq) (tcp.Seq, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > math.MaxUint32 || n < -math.MaxUint32 {
		return 0, fmt.Errorf("no sequence number: %q", s)
	}
	return isn + tcp.Seq(uint32(n)), nil
}

func state(s string) (st tcp.State, known bool, err error) {
	if s == "-" {
		return 0, false, nil
	}
	for _, st := range tcp.States() {
		if st.String() == strings.ReplaceAll(s, "-", "_") {
			return st, true, nil
		}
	}
	return 0, false, fmt.Errorf("no state %q", s)
}
