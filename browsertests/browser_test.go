// Package browsertests opens HTML reports in headless Chromium. It is a module
// of its own so that those who use the library need not fetch a browser's
// driver.
package browsertests

import (
	"context"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is one tab, which fails the test for whatever a report must never
// do: log an error, violate its policy, ask the network for anything.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu  sync.Mutex
	bad []string
}

var (
	shared    context.Context // one Chromium for all tests
	sharedErr error
	start     sync.Once
	stop      = func() {}
)

func TestMain(m *testing.M) {
	defer func() { stop() }()
	m.Run()
}

// openBrowser opens a tab of the Chromium that the tests share.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	start.Do(func() { shared, stop, sharedErr = launch() })
	if sharedErr != nil {
		t.Fatalf("chromium: %v (install chromium to run these tests)", sharedErr)
	}
	return openTab(t, shared)
}

// openAlone opens a Chromium for this test only, to measure it.
func openAlone(t *testing.T) *browser {
	t.Helper()
	ctx, stop, err := launch()
	t.Cleanup(stop)
	if err != nil {
		t.Fatalf("chromium: %v (install chromium to run these tests)", err)
	}
	return openTab(t, ctx)
}

func launch() (context.Context, func(), error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 900))
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			options = append(options, chromedp.ExecPath(path))
			break
		}
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	return ctx, func() { cancel(); cancelAllocator() }, chromedp.Run(ctx)
}

func openTab(t *testing.T, chromium context.Context) *browser {
	t.Helper()
	tab, closeTab := chromedp.NewContext(chromium)
	ctx, cancel := context.WithTimeout(tab, 90*time.Second)
	b := &browser{t: t, ctx: ctx}
	chromedp.ListenTarget(tab, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.complain("exception: " + e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			b.complain("console." + string(e.Type))
		case *log.EventEntryAdded:
			b.complain("log: " + e.Entry.Text) // violations of the policy come here
		case *page.EventJavascriptDialogOpening:
			b.complain("dialog: " + e.Message)
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "file://") {
				b.complain("request: " + e.Request.URL)
			}
		}
	})
	b.run(network.Enable(), log.Enable(), runtime.Enable(), page.Enable())
	t.Cleanup(func() {
		cancel()
		closeTab()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, bad := range b.bad {
			t.Error(bad)
		}
	})
	return b
}

func (b *browser) complain(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bad = append(b.bad, s)
}

func (b *browser) run(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open loads a report at an address within it and waits until it is drawn.
func (b *browser) open(path, hash string) {
	b.t.Helper()
	b.run(navigate(path, hash))
	b.ready(hash)
}

// navigate loads a report anew, at an address within it.
func navigate(path, hash string) chromedp.Tasks {
	return chromedp.Tasks{chromedp.Navigate("about:blank"), chromedp.Navigate("file://" + path + "#" + hash)}
}

func (b *browser) ready(hash string) {
	b.t.Helper()
	b.until(`document.documentElement.dataset.ready === ` + quote(hash))
}

// until waits for a JavaScript condition.
func (b *browser) until(condition string) {
	b.t.Helper()
	var err error
	for range 400 { // polled from here: a poll in the page does not survive a navigation
		var holds bool
		if err = chromedp.Run(b.ctx, chromedp.Evaluate("!!("+condition+")", &holds)); err == nil && holds {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("waited in vain for %s: %v", condition, err)
}

// js evaluates an expression.
func js[T any](b *browser, expression string) (value T) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, chromedp.Evaluate(expression, &value)); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// text is what a reader sees in the main part.
func (b *browser) text() string {
	b.t.Helper()
	return js[string](b, `document.getElementById("view").innerText`)
}

// processorTime is how many seconds the page's process has computed.
func (b *browser) processorTime() (seconds float64) {
	b.t.Helper()
	b.run(performance.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		metrics, err := performance.GetMetrics().Do(ctx)
		for _, m := range metrics {
			if m.Name == "ProcessTime" {
				seconds = m.Value
			}
		}
		return err
	}))
	if seconds == 0 {
		b.t.Fatal("the browser does not tell its processor time")
	}
	return seconds
}

func (b *browser) dark(on bool) {
	b.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	b.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
