// Package live follows what passes an interface as it happens: it captures,
// analyses, tells what changes, and leaves the report that a file would leave.
//
//	err := live.Run(ctx, source, live.Options{Interface: "eth0", Form: live.Text, Final: open, Now: openNow}, os.Stdout, os.Stderr)
//
// One goroutine reads the interface and copies its frames; one saves and
// analyses them and looks at what changed; the view, the line stream and the
// metrics are shown what the second one found, and never hold it up.
//
// # What is presumed
//
// A state is told as soon as a segment that causes it passed. Its receipt is
// presumed until proof comes; if that shows otherwise the state is told again, as
// corrected. A finding is told when it has stood for a second, and withdrawn if
// what comes later takes its ground away. The report holds only what was known in
// the end, and does not depend on when somebody looked.
package live
