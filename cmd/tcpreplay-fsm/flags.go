package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture/filter"
	"tcpreplay-fsm/internal/moment"
	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/report"
	"tcpreplay-fsm/streams"
)

// options is the command line.
type options struct {
	inputs []string

	format        string // never empty after parse
	output        string // "" or "-" for standard output
	conversations []int
	series        []int // whose time series is wanted
	top           int
	width         int // 0 for the terminal's
	color         string
	quiet         bool

	at      *report.Instant // the moment to list the sockets of; nil for the usual report
	follow  int             // the conversation whose bytes to print; -1 for none
	export  string          // the directory for all bytes; "" for none
	showAs  streams.Format
	overlap reassembly.Policy

	htmlDetail int // bytes; -1 for none
	htmlRows   int

	filter   *filter.Filter // nil for none
	from, to *moment.Moment
	hosts    []netip.Prefix
	ports    []uint16

	listFindings bool
	explain      string
	findings     selection

	timeWait         time.Duration
	mergeVLANs       bool
	verifyChecksums  bool
	maxConversations int
	jobs             int
	memoryLimit      int64  // bytes; 0 for none
	cpuProfile       string // "" for none
	memProfile       string
	maxExpand        int64 // 0 for the default

	live liveOptions

	version bool
}

// written holds flags that parse has yet to understand.
type written struct {
	hosts, fails, asserts     []string
	ports                     []uint
	from, to, expand, minimum string
	memory, filter, at        string
	htmlDetail                string
	followAs, overlap         string
}

// flagSet declares the flags; usage describes them.
func flagSet(o *options, raw *written) *pflag.FlagSet {
	f := pflag.NewFlagSet("tcpreplay-fsm", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}

	f.StringVar(&o.format, "format", "", "")
	f.StringVarP(&o.output, "output", "o", "", "")
	f.IntSliceVar(&o.conversations, "conversation", nil, "")
	f.IntSliceVar(&o.series, "series", nil, "")
	f.IntVar(&o.top, "top", 50, "")
	f.StringVar(&raw.at, "at", "", "")
	f.IntVar(&o.follow, "follow", -1, "")
	f.StringVar(&raw.followAs, "follow-as", "text", "")
	f.StringVar(&o.export, "export-streams", "", "")
	f.StringVar(&raw.overlap, "overlap", "first", "")
	f.StringVar(&raw.htmlDetail, "html-detail", "4M", "")
	f.IntVar(&o.htmlRows, "html-rows", 1000, "")
	f.IntVar(&o.width, "width", 0, "")
	f.StringVar(&o.color, "color", "auto", "")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "")

	f.StringVar(&raw.from, "from", "", "")
	f.StringVar(&raw.to, "to", "", "")
	f.StringSliceVar(&raw.hosts, "host", nil, "")
	f.UintSliceVar(&raw.ports, "port", nil, "")
	f.StringVarP(&raw.filter, "filter", "f", "", "")

	f.BoolVar(&o.listFindings, "list-findings", false, "")
	f.StringVar(&o.explain, "explain", "", "")
	f.StringSliceVar(&o.findings.only, "only", nil, "")
	f.StringSliceVar(&o.findings.ignore, "ignore", nil, "")
	f.StringVar(&raw.minimum, "min-severity", "info", "")
	f.StringSliceVar(&raw.fails, "fail-on", nil, "")
	f.StringArrayVar(&raw.asserts, "assert", nil, "")

	f.DurationVar(&o.timeWait, "time-wait", analyzer.DefaultTimeWait, "")
	f.BoolVar(&o.mergeVLANs, "merge-vlans", false, "")
	f.BoolVar(&o.verifyChecksums, "verify-checksums", false, "")
	f.IntVar(&o.maxConversations, "max-conversations", analyzer.DefaultMaxConversations, "")
	f.StringVar(&raw.expand, "max-expand", "", "")
	f.IntVarP(&o.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "")
	f.StringVar(&raw.memory, "memory-limit", "", "")
	f.StringVar(&o.cpuProfile, "cpuprofile", "", "")
	f.StringVar(&o.memProfile, "memprofile", "", "")
	for _, name := range []string{"cpuprofile", "memprofile"} {
		f.Lookup(name).Hidden = true
	}
	liveFlags(f, &o.live)
	f.BoolVar(&o.version, "version", false, "")
	return f
}

// wanted says what a value of a flag's type is.
func wanted(kind string) string {
	switch kind {
	case "duration":
		return "a duration such as 90s or 1m30s is wanted"
	case "bool":
		return "true or false is wanted"
	}
	return "a whole number is wanted"
}

// parse reads the command line. The error is pflag.ErrHelp if help was asked
// for, else it says what to do.
func parse(args []string) (*options, error) {
	o, raw := &options{}, &written{}
	f := flagSet(o, raw)
	if err := f.Parse(args); errors.Is(err, pflag.ErrHelp) {
		return nil, err
	} else if err != nil {
		hint := "see tcpreplay-fsm -h for the flags"
		if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) {
			hint = advise(f, unknown)
		}
		if bad := (*pflag.InvalidValueError)(nil); errors.As(err, &bad) { // its own words are those of strconv
			err = fmt.Errorf("--%s %q: %s", bad.GetFlag().Name, bad.GetValue(), wanted(bad.GetFlag().Value.Type()))
		}
		return nil, fmt.Errorf("%w; %s", err, hint)
	}
	o.inputs = f.Args()
	if o.version || o.listFindings || o.explain != "" || o.live.list {
		return o, o.validate()
	}
	if err := emptyLists(f); err != nil {
		return nil, err
	}
	err := o.live.parse(f, o.inputs)
	if err != nil {
		return nil, err
	}
	if len(o.inputs) == 0 && o.live.iface == "" {
		return nil, errors.New("no capture given; name a file, - to read standard input, or -i INTERFACE to capture")
	}
	for _, bound := range []struct {
		flag, value string
		to          **moment.Moment
	}{{"--from", raw.from, &o.from}, {"--to", raw.to, &o.to}} {
		if bound.value == "" {
			continue
		}
		m, err := moment.Parse(bound.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", bound.flag, err)
		}
		*bound.to = &m
	}
	if o.from != nil && o.to != nil && o.from.Later(*o.to) {
		return nil, fmt.Errorf("--from %s is later than --to %s", raw.from, raw.to)
	}
	if o.hosts, err = parseHosts(raw.hosts); err != nil {
		return nil, err
	}
	for _, p := range raw.ports {
		if p > 65535 {
			return nil, fmt.Errorf("--port %d: a port is at most 65535", p)
		}
		o.ports = append(o.ports, uint16(p))
	}
	if o.maxExpand, err = parseSize(raw.expand); err != nil {
		return nil, fmt.Errorf("--max-expand: %w", err)
	}
	if o.htmlDetail, err = parseDetail(raw.htmlDetail); err != nil {
		return nil, fmt.Errorf("--html-detail: %w", err)
	}
	if raw.filter != "" {
		if o.filter, err = filter.Compile(raw.filter); err != nil {
			return nil, fmt.Errorf("-f: %w", err)
		}
	}
	if raw.at != "" {
		at, err := report.ParseInstant(raw.at)
		if err != nil {
			return nil, fmt.Errorf("--at: %w", err)
		}
		o.at = &at
	}
	if o.showAs, err = streams.ParseFormat(raw.followAs); err != nil {
		return nil, fmt.Errorf("--follow-as %q: it is text, hex or raw", raw.followAs)
	}
	if o.overlap, err = reassembly.ParsePolicy(raw.overlap); err != nil {
		return nil, fmt.Errorf("--overlap %q: it is first, last, linux, bsd or windows", raw.overlap)
	}
	if o.memoryLimit, err = parseSize(raw.memory); err != nil {
		return nil, fmt.Errorf("--memory-limit: %w", err)
	}
	if err := o.findings.parse(raw.minimum, raw.fails, raw.asserts); err != nil {
		return nil, err
	}
	if err := o.needed(f); err != nil {
		return nil, err
	}
	return o, o.validate()
}

// needed is an error if a flag says how to do what no other flag asks for: who wrote
// it expects to get something else than the usual report.
func (o *options) needed(f *pflag.FlagSet) error {
	switch {
	case f.Changed("follow") && o.follow < 0:
		return fmt.Errorf("--follow %d: conversations are numbered from 0", o.follow)
	case f.Changed("follow-as") && o.follow < 0:
		return errors.New("--follow-as says how --follow N shows the bytes of conversation N: give both")
	case f.Changed("overlap") && o.follow < 0 && o.export == "":
		return errors.New("--overlap is about the bytes that --follow and --export-streams give: give one of them")
	}
	return nil
}

// emptyLists is an error if a list was given and holds nothing, as --fail-on "$LEVEL"
// does where LEVEL is not set: a test that cannot fail is worse than none.
func emptyLists(f *pflag.FlagSet) error {
	for _, name := range []string{"fail-on", "only", "ignore", "host"} {
		if f.Changed(name) && len(f.Lookup(name).Value.(pflag.SliceValue).GetSlice()) == 0 {
			return fmt.Errorf("--%s: its value is empty", name)
		}
	}
	return nil
}

// validate checks what is left, and settles the format.
func (o *options) validate() error {
	if err := o.settleReport(); err != nil {
		return err
	}
	switch {
	case o.timeWait <= 0:
		return fmt.Errorf("--time-wait %v: it is a time such as 60s or 4m", o.timeWait)
	case o.jobs <= 0:
		return fmt.Errorf("--jobs %d: at least 1 is needed", o.jobs)
	case o.maxConversations <= 0:
		return fmt.Errorf("--max-conversations %d: at least 1 is needed", o.maxConversations)
	case o.htmlRows < 0:
		return fmt.Errorf("--html-rows %d: it is a number of segments", o.htmlRows)
	case o.top == 0:
		return errors.New("--top 0: it is a number of conversations, or -1 for all")
	case o.width < 0:
		return fmt.Errorf("--width %d: it is a number of columns", o.width)
	}
	return nil
}

// ladders are the conversations whose rows are kept, nil for all of few.
func (o *options) ladders() map[int]bool {
	if len(o.conversations) == 0 {
		return nil
	}
	return setOf(o.conversations)
}

func setOf(ids []int) map[int]bool {
	m := make(map[int]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}

// text is how text looks on w.
func (o *options) text(w io.Writer) report.TextOptions {
	width := o.width
	if width == 0 {
		width = terminalWidth(w)
	}
	return report.TextOptions{Width: width, Color: colored(o.color, w), Top: o.top, Ladders: o.ladders()}
}

// parseDetail reads a size of which 0 means none.
func parseDetail(s string) (int, error) {
	if s == "0" {
		return -1, nil
	}
	n, err := parseSize(s)
	if err == nil && (n <= 0 || n > 1<<30) {
		err = fmt.Errorf("%q: it is at most 1G, which no browser opens", s)
	}
	return int(n), err
}

// parseSize reads a number of bytes such as 500M or 20G (powers of 1024); ""
// is 0.
func parseSize(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	digits := strings.TrimRight(s, "kKmMgGtT")
	shift := map[string]int{"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
	by, ok := shift[strings.ToUpper(s[len(digits):])]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !ok || n <= 0 || n > 1<<62>>by {
		return 0, fmt.Errorf("%q is not a size such as 500M or 20G", s)
	}
	return n << by, nil
}
