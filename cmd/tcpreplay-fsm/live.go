package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture/save"
	"tcpreplay-fsm/capture/wire"
	"tcpreplay-fsm/live"
	"tcpreplay-fsm/report"
)

// liveOptions is what the command line says about capturing.
type liveOptions struct {
	list      bool
	iface     string // "" to read files
	stream    bool
	duration  time.Duration
	count     int
	idle      time.Duration
	write     string
	size      string // as written; maxBytes once parsed
	maxBytes  int64
	every     time.Duration
	keep      int
	snapLen   int
	promisc   bool
	buffer    string // as written; ringBytes once parsed
	ringBytes int64
	user      string
	metrics   string
}

func liveFlags(f *pflag.FlagSet, o *liveOptions) {
	f.BoolVarP(&o.list, "list-interfaces", "D", false, "")
	f.StringVarP(&o.iface, "interface", "i", "", "")
	f.BoolVar(&o.stream, "stream", false, "")
	f.DurationVar(&o.duration, "duration", 0, "")
	f.IntVar(&o.count, "count", 0, "")
	f.DurationVar(&o.idle, "idle-timeout", time.Hour, "")
	f.StringVarP(&o.write, "write", "w", "", "")
	f.StringVar(&o.size, "rotate-size", "", "")
	f.DurationVar(&o.every, "rotate-every", 0, "")
	f.IntVar(&o.keep, "keep-files", 0, "")
	f.IntVar(&o.snapLen, "snaplen", 0, "")
	f.BoolVar(&o.promisc, "promiscuous", false, "")
	f.StringVar(&o.buffer, "buffer", "", "")
	f.StringVar(&o.user, "user", "", "")
	f.StringVar(&o.metrics, "metrics", "", "")
}

// onlyLive are the flags that say nothing without -i.
var onlyLive = []string{"stream", "duration", "count", "idle-timeout", "write", "rotate-size", "rotate-every", "keep-files", "snaplen",
	"promiscuous", "buffer", "user", "metrics"}

// parse checks what the flags say, and that they fit the rest.
func (o *liveOptions) parse(f *pflag.FlagSet, inputs []string) error {
	if o.iface == "" {
		for _, name := range onlyLive {
			if f.Changed(name) {
				return fmt.Errorf("--%s needs an interface to capture from: -i NAME", name)
			}
		}
		return nil
	}
	var err error
	if o.maxBytes, err = parseSize(o.size); err != nil {
		return fmt.Errorf("--rotate-size: %w", err)
	}
	if o.ringBytes, err = parseSize(o.buffer); err != nil {
		return fmt.Errorf("--buffer: %w", err)
	}
	rotates := o.maxBytes > 0 || o.every > 0
	switch {
	case len(inputs) > 0:
		return fmt.Errorf("-i %s and the capture %s: give one of them", o.iface, inputs[0])
	case o.duration < 0 || o.every < 0 || o.idle <= 0:
		return errors.New("--duration, --rotate-every and --idle-timeout are times such as 90s or 1h")
	case o.count < 0 || o.keep < 0 || o.snapLen < 0:
		return errors.New("--count, --keep-files and --snaplen are numbers above 0")
	case o.ringBytes > 2<<30:
		return errors.New("--buffer: at most 2G")
	case o.write == "" && (rotates || o.keep > 0):
		return errors.New("--rotate-size, --rotate-every and --keep-files need -w FILE")
	case o.keep > 0 && !rotates:
		return errors.New("--keep-files needs --rotate-size or --rotate-every")
	}
	return nil
}

// listInterfaces prints the interfaces that -i takes.
func listInterfaces(w io.Writer) error {
	devices, err := wire.Devices()
	if err != nil {
		return fmt.Errorf("list interfaces: %w", err)
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, d := range devices {
		state := "down"
		switch {
		case d.Up && d.Running:
			state = "up"
		case d.Up:
			state = "up, no link"
		}
		var words []string
		for _, a := range d.Addrs {
			words = append(words, a.String())
		}
		if d.Description != "" {
			words = append(words, d.Description)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", d.Name, state, strings.Join(words, " "))
	}
	fmt.Fprintf(t, "%s\t\tall of them\n", wire.Any)
	return t.Flush()
}

// captureLive captures from an interface until it is told to end.
func captureLive(o *options, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	l := &o.live
	source, err := wire.Open(l.iface, wire.Options{SnapLen: l.snapLen, Promiscuous: l.promisc, Buffer: int(l.ringBytes)})
	if err != nil {
		return exitError, err
	}
	defer source.Close()
	became, err := live.DropRoot(l.user)
	if err != nil {
		return exitError, err
	}
	if became != "" && !o.quiet {
		fmt.Fprintf(stderr, "tcpreplay-fsm: capturing on %s, now as %s\n", l.iface, became)
	}
	conversations := 0
	lo := live.Options{
		Interface: l.iface, Form: o.form(stdin, stdout), Color: colored(o.color, stdout), Quiet: o.quiet,
		Duration: l.duration, Count: l.count,
		Capture: o.capturing(), Analyzer: o.analysis(),
		Selects: o.selects(), Wants: o.wants, Shows: o.findings.shows,
		Finished: func(c *analyzer.Conversation) {
			conversations++
			c.Findings = o.findings.keep(c.Findings)
		},
		Across:  o.findings.keep,
		Final:   func() (live.Report, error) { return o.finalReport(stdout) },
		Now:     func() (live.Report, string, error) { return o.reportNow(stdout) },
		Metrics: l.metrics,
	}
	lo.Analyzer.IdleTimeout = l.idle
	if f, ok := stdin.(*os.File); ok {
		lo.Terminal = f
	}
	if l.write != "" {
		lo.Save = &save.Options{Name: l.write, MaxBytes: l.maxBytes, Every: l.every, Keep: l.keep, SnapLen: l.snapLen}
	}
	if err := live.Run(context.Background(), source, lo, stdout, stderr); err != nil {
		return exitError, err
	}
	return o.findings.status(stderr), o.missing(conversations) // what else was captured is in the report all the same
}

// form is how events are shown: on a screen if a person looks, in lines if they
// may stand beside the report.
func (o *options) form(stdin io.Reader, stdout io.Writer) live.Form {
	here := o.output == "" || o.output == "-"
	switch {
	case !o.live.stream && isTerminal(stdin) && isTerminal(stdout):
		return live.Screen
	case o.format == "ndjson":
		return live.NDJSON
	case !o.live.stream && here && o.format != "text":
		return live.Silent
	}
	return live.Text
}

// liveReport is a report that is kept until it is complete.
type liveReport struct {
	report.Writer
	out      *destination
	findings *selection
	stdout   io.Writer // where it is copied to in the end; nil for a file
}

// finalReport opens the report of the whole run. What goes to standard output is
// kept in a temporary file until the view or the lines have ended.
func (o *options) finalReport(stdout io.Writer) (*liveReport, error) {
	r := &liveReport{findings: &o.findings}
	if o.output == "" || o.output == "-" {
		f, err := os.CreateTemp("", "tcpreplay-fsm-*.report")
		if err != nil {
			return nil, err
		}
		os.Remove(f.Name())
		r.stdout = stdout
		r.out = &destination{Writer: bufio.NewWriterSize(f, 64<<10), target: stdout, file: f}
	} else {
		var inputs []string
		if o.live.write != "" {
			inputs = append(inputs, o.live.write)
		}
		var err error
		if r.out, err = openOutput(o.output, inputs, stdout); err != nil {
			return nil, err
		}
	}
	r.Writer = o.newWriter(r.out)
	return r, nil
}

// reportNow opens a report beside the final one, whose name tells the time.
func (o *options) reportNow(stdout io.Writer) (*liveReport, string, error) {
	name := o.output
	if name == "" || name == "-" {
		name = "tcpreplay-fsm." + strings.Replace(o.format, "text", "txt", 1)
	}
	ext := filepath.Ext(name)
	name = strings.TrimSuffix(name, ext) + "-" + time.Now().UTC().Format("20060102T150405.000Z") + ext
	out, err := openOutput(name, nil, stdout)
	if err != nil {
		return nil, "", err
	}
	return &liveReport{Writer: o.newWriter(out), out: out, findings: &o.findings}, name, nil
}

// End implements report.Writer. What the command line left out of conversations that are
// over, only it knows.
func (r *liveReport) End(c *report.Capture, across []analyzer.Finding) error {
	c.Unshown += r.findings.hidden
	return r.Writer.End(c, across)
}

// Complete implements live.Report.
func (r *liveReport) Complete() error {
	if r.stdout == nil {
		return r.out.complete()
	}
	if err := r.out.Flush(); err != nil {
		return err
	}
	if _, err := r.out.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(r.stdout, r.out.file)
	return errors.Join(err, r.out.file.Close())
}

// Abandon implements live.Report.
func (r *liveReport) Abandon() {
	if r.stdout != nil {
		r.out.file.Close()
		return
	}
	r.out.abandon()
}
