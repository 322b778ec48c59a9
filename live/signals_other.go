//go:build !unix

package live

import "os"

// reportSignals ask for a report of what is known so far: here none does.
var reportSignals []os.Signal

func isReportSignal(os.Signal) bool { return false }
