// Command tcpreplay-fsm reads captures and tells how both endpoints of every
// TCP conversation in them moved through the states of RFC 9293, packet by
// packet, and how it ended.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/spf13/pflag"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/report"
)

// Exit codes.
const (
	exitOK      = 0
	exitFinding = 1 // a finding reached --fail-on, or an --assert does not hold
	exitError   = 2 // could not analyse
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // writing to a closed pipe is an error that we look at, not the end of the process
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process: it never exits, and sets nothing of it but how
// the runtime takes memory.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	status, err := dispatch(args, stdin, stdout, stderr)
	switch {
	case err == nil:
		return status
	case errors.Is(err, syscall.EPIPE) && status == exitFinding: // a test fails whoever reads of it
		return status
	case errors.Is(err, syscall.EPIPE): // who reads us has seen enough
		return exitOK
	}
	fmt.Fprintf(stderr, "tcpreplay-fsm: error: %s%s\n", oneLine(err), advice(err))
	return exitError
}

func dispatch(args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	if completes(args, stdout) {
		return exitOK, nil
	}
	o, err := parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		_, err = io.WriteString(stdout, usage)
		return exitOK, err
	case err != nil:
		return exitError, err
	case o.version:
		_, err = fmt.Fprintf(stdout, "tcpreplay-fsm %s, report schema %s, %s %s/%s\n",
			version(), report.Schema, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return exitOK, err
	case o.listFindings:
		return exitOK, report.ListRules(stdout, analyzer.Rules(), o.text(stdout))
	case o.explain != "":
		r, err := findRule(o.explain)
		if err != nil {
			return exitError, err
		}
		return exitOK, report.Explain(stdout, r, o.text(stdout))
	case o.live.list:
		return exitOK, listInterfaces(stdout)
	}
	work := analyze
	if o.live.iface != "" {
		work = captureLive
	} else if os.Getenv("GOGC") == "" { // a live capture had rather take memory than drop packets
		if o.format == "html" {
			paceCollector(roomy)
		} else {
			paceCollector(frugal)
		}
	}
	if o.memoryLimit > 0 {
		debug.SetMemoryLimit(o.memoryLimit)
	}
	stop, err := o.profile()
	if err != nil {
		return exitError, err
	}
	status, err := work(o, stdin, stdout, stderr)
	return status, errors.Join(err, stop())
}

// version is the module's version as Go stamped it into the program.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
