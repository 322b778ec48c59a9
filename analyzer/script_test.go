package analyzer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/golden"
	"tcpreplay-fsm/internal/pcaptest"
	"tcpreplay-fsm/tcp"
)

// TestScripts runs testdata/script/*.txt, each a conversation told segment by
// segment in the notation of package pcaptest. Beside each segment stand the
// states of A and B after it, as they are known once the whole script was seen.
// An expect line says what else must hold, of the conversation it names:
//
//	expect conversations 2
//	expect opened three-way               also closed, closed_by, verdict
//	expect fact no-data
//	expect finding rst-ignored side=server severity=notice confidence=certain frames=4,7
//	expect no finding abort
//	expect reset 7 cause=abort format=active fate=accepted reasons=TCP_STATE,TCP_ABORT_ON_CLOSE
//	                                      the verdict about the RST in that frame; also side, confidence,
//	                                      trigger, and injected, how many signs of it
//	expect clean                          no finding of severity warning or error
//	expect A SYN_SENT/1/sent ESTABLISHED/2/acked
//	                                      the whole timeline of a side: state, frame, evidence
//
// With -update the states beside the segments, and the timelines, are rewritten.
func TestScripts(t *testing.T) {
	for name, text := range scripts(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			s, err := pcaptest.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			p := play(s)
			if *golden.Update {
				if now := p.rewrite(text); now != text {
					if err := os.WriteFile(name, []byte(now), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if s, err = pcaptest.Parse(p.rewrite(text)); err != nil {
					t.Fatal(err)
				}
				p.script = s
			}
			p.checkStates(t)
			for _, e := range s.Expect {
				if got, ok := p.holds(e); !ok {
					t.Errorf("%s:%d: %s; got %s", name, e.Line, e, got)
				}
			}
			if t.Failed() {
				t.Logf("as it is:\n%s", p.rewrite(text))
			}
		})
	}
}

// scripts returns the texts of all scripts by file name.
func scripts(t testing.TB) map[string]string {
	names, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("no scripts", err)
	}
	out := make(map[string]string)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	}
	return out
}

// played is a script and what the analyzer made of it.
type played struct {
	script        *pcaptest.Script
	conversations []*analyzer.Conversation // by id
	across        []analyzer.Finding
}

func play(s *pcaptest.Script) played {
	p := played{script: s}
	a := analyzer.New(analyzer.Options{Rows: 1000, Labels: true, Done: func(c *analyzer.Conversation) { p.conversations = append(p.conversations, c) }})
	for i := range s.Steps {
		seg := s.Steps[i].Segment
		a.Add(&seg)
	}
	a.Tick(s.End)
	p.across = a.Close()
	slices.SortFunc(p.conversations, func(x, y *analyzer.Conversation) int { return x.ID - y.ID })
	return p
}

// states returns those of A and B after the step. A side of which nothing is
// known yet is in LISTEN if it is the server, else in CLOSED.
func (p *played) states(st *pcaptest.Step) (out [2]tcp.State, ok bool) {
	for _, c := range p.conversations {
		for _, r := range c.Rows {
			if r.Frame != st.Segment.Frame {
				continue
			}
			for x := range out {
				side := sideAt(c, st, x)
				switch {
				case r.Known[side]:
					out[x] = r.States[side]
				case side == analyzer.Server && c.InitiatorKnown:
					out[x] = tcp.Listen
				}
			}
			return out, true
		}
	}
	return out, false
}

// sideAt returns which end of c A (x = 0) or B is, by the addresses of st.
func sideAt(c *analyzer.Conversation, st *pcaptest.Step, x int) analyzer.Side {
	at := st.Segment.Tuple.Source()
	if x != st.From {
		at = st.Segment.Tuple.Destination()
	}
	if c.Endpoints[analyzer.Client].Addr == at {
		return analyzer.Client
	}
	return analyzer.Server
}

func (p *played) checkStates(t *testing.T) {
	for i := range p.script.Steps {
		st := &p.script.Steps[i]
		got, ok := p.states(st)
		if !ok {
			t.Errorf("line %d: the segment is in no conversation", st.Line)
			continue
		}
		for x, side := range "AB" {
			if st.Known[x] && got[x] != st.States[x] {
				t.Errorf("line %d: %c is in %s, want %s", st.Line, side, got[x], st.States[x])
			}
		}
	}
}

// holds reports whether e is so, and what is instead.
func (p *played) holds(e pcaptest.Expectation) (got string, ok bool) {
	if e.Key == "conversations" {
		got = strconv.Itoa(len(p.conversations))
		return got, (got == e.Value) != e.No
	}
	if e.Conversation >= len(p.conversations) {
		return fmt.Sprintf("%d conversations", len(p.conversations)), false
	}
	c := p.conversations[e.Conversation]
	words := strings.Join(append([]string{e.Value}, e.Rest...), " ")
	switch e.Key {
	case "opened":
		got = string(c.Opened)
	case "closed":
		got = string(c.Closed)
	case "closed_by":
		got = c.ClosedBy
	case "verdict":
		got = c.Verdict
	case "A", "B":
		got = p.timeline(c, int(e.Key[0]-'A'))
	case "fact":
		return strings.Join(c.Facts, " "), slices.Contains(c.Facts, e.Value) != e.No
	case "clean":
		worst, some := c.Worst()
		return findings(c.Findings), (!some || worst < analyzer.Warning) != e.No
	case "finding":
		return findings(c.Findings), slices.ContainsFunc(c.Findings, func(f analyzer.Finding) bool { return fits(f, e) }) != e.No
	case "reset":
		return resets(c.Resets), slices.ContainsFunc(c.Resets, func(r analyzer.Reset) bool { return among(reset(r), e) }) != e.No
	default:
		return "no such key", false
	}
	return got, (got == words) != e.No
}

// fits reports whether f is the finding that e names, with all it asks for.
func fits(f analyzer.Finding, e pcaptest.Expectation) bool { return among(finding(f), e) }

// among reports whether e's words are among those of text, which begins with its value.
func among(text string, e pcaptest.Expectation) bool {
	has := strings.Fields(text)
	return has[0] == e.Value && !slices.ContainsFunc(e.Rest, func(w string) bool { return !slices.Contains(has, w) })
}

func finding(f analyzer.Finding) string {
	var frames []string
	for _, n := range f.Frames {
		frames = append(frames, strconv.Itoa(n))
	}
	return fmt.Sprintf("%s side=%s severity=%s confidence=%s frames=%s", f.ID, f.Side, f.Severity, f.Confidence, strings.Join(frames, ","))
}

func reset(r analyzer.Reset) string {
	format := "active"
	if r.Reply {
		format = "reply"
	}
	return fmt.Sprintf("%d cause=%s reasons=%s side=%s format=%s trigger=%d confidence=%s fate=%s injected=%d",
		r.Frame, r.Cause, strings.Join(r.Reasons, ","), r.Side, format, r.Trigger, r.Confidence, r.Fate, len(r.Injected))
}

func resets(all []analyzer.Reset) string {
	out := "no RST"
	for i, r := range all {
		if i == 0 {
			out = ""
		}
		out += "\n\t" + reset(r)
	}
	return out
}

func findings(all []analyzer.Finding) string {
	if len(all) == 0 {
		return "no findings"
	}
	var out []string
	for _, f := range all {
		out = append(out, "\n\t"+finding(f))
	}
	return strings.Join(out, "")
}

// timeline writes that of A (x = 0) or B as an expect line has it.
func (p *played) timeline(c *analyzer.Conversation, x int) string {
	for i := range p.script.Steps {
		st := &p.script.Steps[i]
		if c.FirstFrame != st.Segment.Frame {
			continue
		}
		var out []string
		for _, t := range c.Endpoints[sideAt(c, st, x)].Timeline {
			out = append(out, fmt.Sprintf("%s/%d/%s", t.State, t.Frame, t.Evidence))
		}
		return strings.Join(out, " ")
	}
	return ""
}

// rewrite returns text with the states and timelines as they are.
func (p *played) rewrite(text string) string {
	lines := strings.Split(text, "\n")
	for i := range p.script.Steps {
		st := &p.script.Steps[i]
		line, comment, commented := strings.Cut(lines[st.Line-1], "#")
		line, _, _ = strings.Cut(line, "|")
		states, ok := p.states(st)
		if !ok {
			continue
		}
		line = fmt.Sprintf("%-43s | %-11s %s", strings.TrimRight(line, " "), states[0], states[1])
		if commented {
			line = fmt.Sprintf("%-69s #%s", line, comment)
		}
		lines[st.Line-1] = line
	}
	for _, e := range p.script.Expect {
		if (e.Key == "A" || e.Key == "B") && e.Conversation < len(p.conversations) {
			now := pcaptest.Expectation{Conversation: e.Conversation, Key: e.Key, Value: p.timeline(p.conversations[e.Conversation], int(e.Key[0]-'A'))}
			lines[e.Line-1] = now.String()
		}
	}
	return strings.Join(lines, "\n")
}
