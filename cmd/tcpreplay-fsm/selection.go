package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/words"
)

// selection is what the command line says about findings.
type selection struct {
	only, ignore []string          // ids
	min          analyzer.Severity // least severity to show
	failOn       []target
	asserts      []assertion

	counts map[string]int // findings by id, before min
	above  [4]int         // findings by severity, before min
	hidden int            // findings that are not shown
}

// target names findings: one id, or a severity and what is above it.
type target struct {
	text     string
	id       string // "" if severity is meant
	severity analyzer.Severity
}

// assertion is an --assert.
type assertion struct {
	text   string
	of     target
	lo, hi int // hi -1 for no bound
}

var severities = []analyzer.Severity{analyzer.Info, analyzer.Notice, analyzer.Warning, analyzer.Error}

func parseSeverity(s string) (analyzer.Severity, bool) {
	for _, v := range severities {
		if v.String() == s {
			return v, true
		}
	}
	return 0, false
}

func (s *selection) parse(minimum string, fails, asserts []string) error {
	var ok bool
	if s.min, ok = parseSeverity(minimum); !ok {
		return fmt.Errorf("--min-severity %q: it is info, notice, warning or error", minimum)
	}
	for _, id := range slices.Concat(s.only, s.ignore) {
		if _, err := findRule(id); err != nil {
			return err
		}
	}
	for _, text := range fails {
		t, err := parseTarget(text)
		if err != nil {
			return fmt.Errorf("--fail-on: %w", err)
		}
		s.failOn = append(s.failOn, t)
	}
	for _, text := range asserts {
		a, err := parseAssertion(text)
		if err != nil {
			return fmt.Errorf("--assert %q: %w", text, err)
		}
		s.asserts = append(s.asserts, a)
	}
	s.counts = map[string]int{}
	return nil
}

func parseTarget(s string) (target, error) {
	if v, ok := parseSeverity(s); ok {
		return target{text: s, severity: v}, nil
	}
	_, err := findRule(s)
	return target{text: s, id: s}, err
}

func parseAssertion(s string) (assertion, error) {
	a := assertion{text: s, hi: -1}
	verb, rest, _ := strings.Cut(s, ":")
	name, number, hasNumber := strings.Cut(rest, "=")
	n, err := strconv.Atoi(number)
	if counted := verb == "max" || verb == "min"; counted != hasNumber || counted && (err != nil || n < 0) {
		verb = ""
	}
	switch verb {
	case "no":
		a.hi = 0
	case "has":
		a.lo = 1
	case "max":
		a.hi = n
	case "min":
		a.lo = n
	default:
		return a, fmt.Errorf("write no:X, has:X, max:X=N or min:X=N, where X is a finding's id or a severity")
	}
	a.of, err = parseTarget(name)
	return a, err
}

// wants reports whether f is looked at, whatever its severity.
func (s *selection) wants(f *analyzer.Finding) bool {
	return (len(s.only) == 0 || slices.Contains(s.only, f.ID)) && !slices.Contains(s.ignore, f.ID)
}

// shows reports whether f is one to show.
func (s *selection) shows(f *analyzer.Finding) bool { return f.Severity >= s.min && s.wants(f) }

// keep counts findings and returns those to show, in place.
func (s *selection) keep(fs []analyzer.Finding) []analyzer.Finding {
	shown := slices.DeleteFunc(fs, func(f analyzer.Finding) bool {
		if !s.wants(&f) {
			return true
		}
		s.counts[f.ID]++
		for v := analyzer.Info; v <= f.Severity; v++ {
			s.above[v]++
		}
		return f.Severity < s.min
	})
	s.hidden += len(fs) - len(shown)
	return shown
}

func (s *selection) count(t target) int {
	if t.id != "" {
		return s.counts[t.id]
	}
	return s.above[t.severity]
}

// tests reports whether findings decide about the exit code.
func (s *selection) tests() bool { return len(s.failOn)+len(s.asserts) > 0 }

// status is the exit code of an analysis that went well. It says on stderr why it
// is not 0: the report may be in a file that nobody opens if the test passes.
func (s *selection) status(stderr io.Writer) int {
	status := exitOK
	for _, t := range s.failOn {
		if n := s.count(t); n > 0 {
			fmt.Fprintf(stderr, "tcpreplay-fsm: --fail-on %s: %s\n", t.text, words.Count(n, "finding"))
			status = exitFinding
		}
	}
	for _, a := range s.asserts {
		if n := s.count(a.of); n < a.lo || a.hi >= 0 && n > a.hi {
			fmt.Fprintf(stderr, "tcpreplay-fsm: assertion %s does not hold: there %s %d\n", a.text, words.Of(n, "is", "are"), n)
			status = exitFinding
		}
	}
	return status
}

// findRule looks an id up, and says what else may have been meant.
func findRule(id string) (*analyzer.Rule, error) {
	rules := analyzer.Rules()
	for i := range rules {
		if rules[i].ID == id {
			return &rules[i], nil
		}
	}
	var ids []string
	for i := range rules {
		ids = append(ids, rules[i].ID)
	}
	like := meant(id, ids)
	if len(like) > 0 {
		return nil, fmt.Errorf("no finding is called %q; did you mean %s?", id, strings.Join(like, " or "))
	}
	return nil, fmt.Errorf("no finding is called %q; --list-findings lists them", id)
}
