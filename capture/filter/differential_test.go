package filter

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// links are the link types that libpcap and this package both know.
var links = []uint32{1, 0, 9, 101, 108, 113, 228, 229, 276}

// pcapOf writes frames as a capture file; the time of each is its index.
func pcapOf(link uint32, frames []frame) []byte {
	le := binary.LittleEndian
	out := le.AppendUint32(nil, 0xa1b2c3d4)
	out = append(out, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	out = le.AppendUint32(out, 1<<18)
	out = le.AppendUint32(out, link)
	for i, f := range frames {
		for _, n := range []int{i, 0, len(f.data), f.wireLen} {
			out = le.AppendUint32(out, uint32(n))
		}
		out = append(out, f.data...)
	}
	return out
}

// rewrite returns the capture file that tcpdump makes of another.
func rewrite(file []byte, expr string, flags []string) ([]byte, error) {
	cmd := exec.Command("tcpdump", append(flags, "-r", "-", "-w", "-", "--", expr)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(file), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if strings.Contains(stderr.String(), "expression rejects all packets") {
			return make([]byte, 24), nil
		}
		return nil, fmt.Errorf("%v: %s", err, stderr.String())
	}
	return stdout.Bytes(), nil
}

// tcpdump tells which of the frames in a capture file pass, by their index.
func tcpdump(file []byte, expr string, flags ...string) (passed map[int]bool, err error) {
	out, err := rewrite(file, expr, flags)
	if err != nil {
		return nil, err
	}
	passed = make(map[int]bool)
	for b := out[24:]; len(b) >= 16; {
		passed[int(binary.LittleEndian.Uint32(b))] = true
		b = b[16+binary.LittleEndian.Uint32(b[8:]):]
	}
	return passed, nil
}

func needTcpdump(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skip("tcpdump is not installed: the comparison with libpcap is left out")
	}
}

// corpus is frames of one link type, and a file of them.
type corpus struct {
	link   uint32
	frames []frame
	file   []byte
}

func corpora() (out []corpus) {
	for _, link := range links {
		c := corpus{link: link, frames: framesOf(link)}
		c.file = pcapOf(link, c.frames)
		out = append(out, c)
	}
	return out
}

// compareWith compares the verdicts on one corpus. libpcap's optimizer may leave
// out or move tests, so that a load beyond the end of a frame or a division by
// zero does not happen, or too late to matter. Frames on which one happens are
// therefore compared only with the unoptimized program, which does what the
// expression says; all others with both.
func compareWith(t *testing.T, f *Filter, expr string, c corpus) {
	t.Helper()
	exact, err := tcpdump(c.file, expr, "-O")
	if supported := f.Supports(c.link); supported != nil {
		if err == nil {
			t.Errorf("%q on link type %d: tcpdump takes it, but Supports says: %v", expr, c.link, supported)
		}
		return
	}
	if err != nil {
		t.Errorf("%q on link type %d: accepted, but tcpdump says: %v", expr, c.link, err)
		return
	}
	optimized, err := tcpdump(c.file, expr)
	if err != nil && (strings.Contains(err.Error(), "by zero") || strings.Contains(err.Error(), "shift by more")) {
		optimized = exact // the optimizer saw through arithmetic that is constant for another reason
	} else if err != nil {
		t.Errorf("%q on link type %d: accepted, but tcpdump says: %v", expr, c.link, err)
		return
	}
	for i, fr := range c.frames {
		got := f.Match(c.link, fr.data, fr.wireLen)
		layout, _ := layoutOf(c.link)
		failed := f.programs[layout].code.run(fr.data, uint32(fr.wireLen)) == failed
		if got != exact[i] {
			t.Errorf("%q on link type %d: Match(% x, %d) = %v, tcpdump -O says %v", expr, c.link, fr.data, fr.wireLen, got, exact[i])
			return
		}
		if !failed && got != optimized[i] {
			t.Errorf("%q on link type %d: Match(% x, %d) = %v, tcpdump says %v", expr, c.link, fr.data, fr.wireLen, got, optimized[i])
			return
		}
	}
}

// everyLink makes the comparisons use every link type for every expression, which
// takes minutes, instead of Ethernet and another in turn.
var everyLink = flag.Bool("every-link", false, "compare every expression on every link type")

func TestLikeTcpdump(t *testing.T) {
	needTcpdump(t)
	all := corpora()
	inParallel(t, len(expressions), func(i int) {
		f, err := Compile(expressions[i])
		if err != nil {
			t.Errorf("Compile(%q): %v", expressions[i], err)
			return
		}
		for _, c := range chosen(all, i) {
			compareWith(t, f, expressions[i], c)
		}
	})
}

// chosen returns the corpora for the i-th expression.
func chosen(all []corpus, i int) []corpus {
	if *everyLink {
		return all
	}
	others := all[1:]
	return []corpus{all[0], others[i%len(others)]}
}

// inParallel calls do for 0 to n-1 on as many goroutines as there are processors.
func inParallel(t *testing.T, n int, do func(i int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

// TestRandomLikeTcpdump compares expressions that are put together by chance.
func TestRandomLikeTcpdump(t *testing.T) {
	needTcpdump(t)
	all := corpora()
	inParallel(t, *randomExpressions, func(i int) {
		expr := randomExpr(rand.New(rand.NewPCG(uint64(i), 5)), 4)
		f, err := Compile(expr)
		if err != nil {
			if _, theirs := tcpdump(all[0].file, expr); theirs == nil && !knownStricter(err) {
				t.Errorf("Compile(%q): %v; tcpdump takes it", expr, err)
			}
			return
		}
		for _, c := range chosen(all, i) {
			compareWith(t, f, expr, c)
		}
	})
}

var randomExpressions = flag.Int("random-expressions", 60, "how many random expressions to compare")

// knownStricter tells whether an error is of a kind that libpcap does not have.
func knownStricter(err error) bool {
	for _, kind := range []string{"too complex", "nested deeper", "greater than 255", "ether proto", "negative offset"} {
		if strings.Contains(err.Error(), kind) {
			return true
		}
	}
	return false
}

// randomExpr makes an expression, with at most depth levels of parentheses.
func randomExpr(r *rand.Rand, depth int) string {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	var term func(depth int) string
	var arith func(depth int) string
	arith = func(depth int) string {
		if depth == 0 || r.IntN(3) == 0 {
			return pick("0", "1", "5", "0x45", "len", "tcp-syn", "tcpflags", "20", "tcp[13]", "ip[9]", "ip6[6]", "ether[12:2]", "udp[2:2]", "icmp6[0]")
		}
		switch r.IntN(7) {
		case 0:
			return "(" + arith(depth-1) + ")"
		case 1:
			return "- " + arith(depth-1)
		case 2:
			return pick("ip", "tcp", "ether", "ip6", "arp", "icmp", "udp", "icmp6") + "[" + arith(depth-1) + pick("]", ":2]", ":4]")
		}
		return arith(depth-1) + " " + pick("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>") + " " + arith(depth-1)
	}
	value := func() string {
		return pick("10.0.0.1", "10.0.0.2", "80", "443", "53", "5", "fe80::9", "2001:db8::1", "http", "(80 or 443)", "not 22", "1:2:3:4:5:6", "10/8", "10.0.0.0/8", "80-90")
	}
	term = func(depth int) string {
		switch n := r.IntN(12); {
		case depth > 0 && n < 2:
			return "(" + term(depth-1) + pick(" and ", " or ") + pick(term(depth-1), value()) + ")"
		case n < 3:
			return "not " + term(max(0, depth-1))
		case n < 4:
			return pick("tcp", "udp", "ip", "ip6", "icmp", "icmp6", "arp", "vlan", "vlan 5", "vlan 100", "less 100", "greater 90")
		case n < 7:
			return arith(depth) + " " + pick("=", "!=", ">", "<", ">=", "<=") + " " + arith(depth)
		}
		return pick("", "tcp ", "udp ", "ip ", "ip6 ", "ether ", "arp ") + pick("", "src ", "dst ", "src or dst ", "src and dst ") +
			pick("host ", "net ", "port ", "portrange ", "proto ", "") + value()
	}
	expr := term(depth)
	for range r.IntN(4) {
		expr += pick(" and ", " or ", " && ", " || ") + pick(term(depth-1), value())
	}
	return expr
}
