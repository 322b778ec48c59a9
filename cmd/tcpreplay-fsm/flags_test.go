package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

func TestParseErrors(t *testing.T) {
	for args, want := range map[string]string{
		"":                            "no capture given",
		"--nonsense x":                "unknown flag: --nonsense; see tcpreplay-fsm -h",
		"--convresation 3 x":          "unknown flag: --convresation; did you mean --conversation?",
		"--conversations 3 x":         "did you mean --conversation?",
		"--list x":                    "did you mean --list-findings or --list-interfaces?",
		"--severity error x":          "did you mean --min-severity?",
		"-r x":                        "a capture is named without a flag: tcpreplay-fsm FILE",
		"-x x":                        "see tcpreplay-fsm -h",
		"--format xml x":              `--format "xml": it is text, json, ndjson or html`,
		"--color red x":               `--color "red"`,
		"--conversation -1 x":         "numbered from 0",
		"--conversation one x":        `--conversation "one": a whole number is wanted; see tcpreplay-fsm -h`,
		"--time-wait 60 x":            `--time-wait "60": a duration such as 90s`,
		"--quiet=perhaps x":           `--quiet "perhaps": true or false`,
		"--time-wait 0s x":            "--time-wait 0s",
		"--max-conversations 0 x":     "at least 1",
		"--max-expand lots x":         `"lots" is not a size`,
		"--max-expand 99999999999T x": "is not a size",
		"--html-detail lots x":        `--html-detail: "lots" is not a size`,
		"--html-detail 2G x":          "at most 1G",
		"--html-rows -1 x":            "--html-rows -1",
		"--from yesterday x":          `--from: "yesterday" is no time`,
		"--to 1.2.3 x":                `--to: "1.2.3" is no time`,
		"--host example.com x":        `--host "example.com"`,
		"--port 65536 x":              "at most 65535",
		"--min-severity bad x":        "it is info, notice, warning or error",
		"--fail-on fatal x":           `no finding is called "fatal"`,
		"--assert most:keepalive x":   "write no:X",
		"--assert max:keepalive x":    "write no:X",
		"--assert no:keepalive=3 x":   "write no:X",
		"--assert max:keepalive=-1 x": "write no:X",
		"--top 0 x":                   "-1 for all",
		"--follow-as html x":          `--follow-as "html": it is text, hex or raw`,
		"--overlap newest x":          `--overlap "newest": it is first, last, linux, bsd or windows`,
		"--follow-as hex x":           "--follow N",
		"--overlap last x":            "--follow and --export-streams",
		"--follow -1 x":               "--follow -1: conversations are numbered from 0",
		"--at 3 --conversation 1 x":   "together with --follow or --at",
		"--from 5 --to 1s x":          "--from 5 is later than --to 1s",
		"--follow 0 --at 3 x":         "together with --at",
		"--follow 0 --format json x":  "--follow gives the bytes, no json",
		"--at 3 --format ndjson x":    "--at gives text, no ndjson",
		"--at 3 -o r.html x":          "--at gives text, no html",
		"--follow 0 -i lo":            "--follow is for captures",
		"--export-streams d -i lo":    "--export-streams is for captures",
		"-o x.PCAP -i lo":             "a report is no capture; -w saves that",
		"-o x.json.gz x":              "a report is not compressed; name it without .gz, or pipe it with --format json",
		"-o y.pcapng x.pcap":          "name it .txt, .json or .html",
		"-o x.csv x":                  "CSV is what --series N gives",
		"--fail-on= x":                "--fail-on: its value is empty",
		"--host= x":                   "--host: its value is empty",
		"--only heartbeat x":          "--list-findings lists them",
		"--ignore keepaliv x":         "did you mean keepalive",
		"--only simultanous-close x":  "did you mean simultaneous-close?",
	} {
		if _, err := parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parse(%q) = %v, want an error with %q", args, err, want)
		}
	}
}

func TestFormat(t *testing.T) {
	for args, want := range map[string]string{
		"x": "text", "x -o r.json": "json", "x -o r.NDJSON": "ndjson", "x -o r.jsonl": "ndjson", "x -o r.htm": "html",
		"x -o r.txt": "text", "x -o r.json --format text": "text", "x -o -": "text", "x -o body.json --follow 0": "text",
		"x -o r.csv --series 0": "text", "x -o r.csv --follow 0": "text", "x -o r.pcap --format json": "json",
	} {
		if o, err := parse(strings.Fields(args)); err != nil || o.format != want {
			t.Errorf("parse(%q): format %v, %v, want %s", args, o, err, want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for s, want := range map[string]int64{"": 0, "1": 1, "2k": 2048, "20G": 20 << 30, "1T": 1 << 40} {
		if got, err := parseSize(s); got != want || err != nil {
			t.Errorf("parseSize(%q) = %d, %v, want %d", s, got, err, want)
		}
	}
}

func TestWants(t *testing.T) {
	const first = 1_700_000_000_000_000_000
	parsed := func(s string) *options {
		o, err := parse(append(strings.Fields(s), "x"))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	tuple := tcp.Tuple{Src: tcp.AddrFrom4([]byte{10, 0, 0, 1}), Dst: tcp.AddrFrom4([]byte{192, 168, 1, 2}), SrcPort: 41000, DstPort: 80}
	for _, tt := range []struct {
		flags string
		at    int64
		want  bool
	}{
		{"", first, true},
		{"--from 2", first + 1_999_999_999, false},
		{"--from 2", first + 2_000_000_000, true},
		{"--to 0.5", first + 500_000_001, false},
		{"--to 0.5", first + 500_000_000, true},
		{"--from 1700000000.000000001", first, false},
		{"--from 1700000000.000000001", first + 1, true},
		{"--to 2023-11-14T22:13:20Z", first, true},
		{"--to 2023-11-14T23:13:20+01:00", first + 1, false},
		{"--port 80", first, true},
		{"--port 41000", first, true},
		{"--port 443,8080", first, false},
		{"--host 10.0.0.1", first, true},
		{"--host ::ffff:10.0.0.1", first, true},
		{"--host 192.168.0.0/16 --host 1.1.1.1", first, true},
		{"--host 2001:db8::/32", first, false},
		{"--host 10.0.0.1 --port 443", first, false},
	} {
		if got := parsed(tt.flags).wants(&tuple, tt.at, first); got != tt.want {
			t.Errorf("%s: wants a segment %d ns after the first: %v, want %v", tt.flags, tt.at-first, got, tt.want)
		}
	}
}

// Every flag is in the help, and nothing else is.
func TestUsage(t *testing.T) {
	f := flagSet(&options{}, &written{})
	f.VisitAll(func(flag *pflag.Flag) {
		if !flag.Hidden && !strings.Contains(usage, " --"+flag.Name+" ") {
			t.Errorf("the help does not describe --%s", flag.Name)
		}
		if flag.Shorthand != "" && !strings.Contains(usage, "\n  -"+flag.Shorthand+", --"+flag.Name+" ") {
			t.Errorf("the help does not describe -%s", flag.Shorthand)
		}
	})
	for _, m := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(usage, -1) {
		if f.Lookup(m[1]) == nil && m[1] != "help" {
			t.Errorf("the help names --%s, which does not exist", m[1])
		}
	}
	for _, line := range strings.Split(usage, "\n") {
		if len(line) > 80 {
			t.Errorf("a line of %d columns in the help: %s", len(line), line)
		}
	}
}

func TestSelection(t *testing.T) {
	findings := func() []analyzer.Finding {
		return []analyzer.Finding{{ID: "abort", Severity: analyzer.Error}, {ID: "keepalive", Severity: analyzer.Info},
			{ID: "keepalive", Severity: analyzer.Info}}
	}
	for _, tt := range []struct {
		flags string
		shown int
		want  int
	}{
		{"", 3, exitOK},
		{"--fail-on error", 3, exitFinding},
		{"--fail-on warning", 3, exitFinding}, // an error is more than a warning
		{"--fail-on keepalive", 3, exitFinding},
		{"--fail-on simultaneous-close", 3, exitOK},
		{"--ignore abort --fail-on error", 2, exitOK},
		{"--only keepalive --fail-on error", 2, exitOK},
		{"--min-severity error --fail-on keepalive", 1, exitFinding}, // not shown, yet there
		{"--assert no:abort", 3, exitFinding},
		{"--assert max:keepalive=2 --assert min:info=3 --assert has:abort", 3, exitOK},
		{"--assert max:keepalive=1", 3, exitFinding},
		{"--assert min:error=2", 3, exitFinding},
		{"--assert has:simultaneous-close", 3, exitFinding},
	} {
		o, err := parse(append(strings.Fields(tt.flags), "x"))
		if err != nil {
			t.Errorf("%s: %v", tt.flags, err)
			continue
		}
		var stderr strings.Builder
		shown := o.findings.keep(findings())
		if got := o.findings.status(&stderr); len(shown) != tt.shown || got != tt.want {
			t.Errorf("%s: %d shown, status %d, want %d and %d\n%s", tt.flags, len(shown), got, tt.shown, tt.want, &stderr)
		}
		if said := stderr.Len() > 0; said != (tt.want == exitFinding) {
			t.Errorf("%s: on stderr: %s", tt.flags, &stderr)
		}
	}
}
