//go:build unix

package live

import (
	"os"
	"slices"
	"syscall"
)

// reportSignals ask for a report of what is known so far.
var reportSignals = []os.Signal{syscall.SIGUSR1}

func isReportSignal(s os.Signal) bool { return slices.Contains(reportSignals, s) }
