package browsertests

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/report"
	"tcpreplay-fsm/tcp"
)

// sampleReport is a report of n conversations of the sample.
func sampleReport(t *testing.T, n int, o report.HTMLOptions) string {
	return writeReport(t, o, func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding) {
		return sample(n, each), []analyzer.Finding{{ID: "port-pressure", Severity: analyzer.Notice, Frames: []int{1}, Summary: "many sockets of 192.0.2.1 wait", Conversations: []int{1, 2, 3}}}
	})
}

func TestOverview(t *testing.T) {
	b := openBrowser(t)
	b.open(sampleReport(t, 300, report.HTMLOptions{}), "overview")
	text := b.text()
	for _, want := range []string{"300 conversations", "with errors", "close-wait-leak", "rst-on-close-unread-data", "port-pressure", "many sockets of 192.0.2.1 wait", "sample.pcap", "192.0.2.1:", "four-segment"} {
		if !strings.Contains(text, want) {
			t.Errorf("the overview lacks %q", want)
		}
	}
	// A finding leads to its conversations.
	b.run(chromedp.Evaluate(`[...document.querySelectorAll(".findings a.id")].find((a) => a.textContent === "port-pressure").click()`, nil))
	b.ready("conversations?finding=port-pressure")
	if text := b.text(); !strings.Contains(text, "3 of 300 conversations") {
		t.Errorf("the finding does not lead to its conversations: %.200q", text)
	}
	// And the back button returns.
	b.run(chromedp.NavigateBack())
	b.ready("overview")
}

func TestSearchSortAndKeys(t *testing.T) {
	b := openBrowser(t)
	b.open(sampleReport(t, 2000, report.HTMLOptions{}), "conversations")
	if n := js[int](b, `document.querySelectorAll(".grid .line").length`); n < 10 || n > 200 {
		t.Errorf("%d lines exist, want those in sight only", n)
	}
	b.run(chromedp.SendKeys(`input[type=search]`, "10.0.0.42:32809 reset", chromedp.ByQuery))
	b.until(`document.querySelector(".chart-head [role=status]").textContent.includes(" of ")`)
	for _, line := range js[[]string](b, `[...document.querySelectorAll(".grid .line")].map((l) => l.textContent)`) {
		if !strings.Contains(line, "10.0.0.42:32809") || !strings.Contains(line, "reset") {
			t.Errorf("found %q", line)
		}
	}
	if hash := js[string](b, `location.hash`); !strings.Contains(hash, "q=10.0.0.42") {
		t.Errorf("the search is not in the address: %s", hash)
	}
	b.open(js[string](b, `location.pathname`), "conversations?sort=bytes")
	bytes := js[[]float64](b, `[...document.querySelectorAll(".grid .line")].map((l) => { const c = conversationById.get(Number(l.hash.slice(2))); return c.ends[0].bytes + c.ends[1].bytes; })`)
	for i := 1; i < len(bytes); i++ {
		if bytes[i] > bytes[i-1] {
			t.Fatalf("sorted by bytes: %v", bytes)
		}
	}
	b.run(chromedp.Evaluate(`document.querySelector(".grid .line").focus()`, nil), chromedp.KeyEvent(kb.End))
	b.until(`document.activeElement.dataset.index === "1999"`)
	b.run(chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter))
	b.until(`/^#c\d+$/.test(location.hash) && document.querySelector("svg.machine")`)
}

func TestConversation(t *testing.T) {
	b := openBrowser(t)
	path := sampleReport(t, 40, report.HTMLOptions{})
	b.open(path, "c3")
	text := b.text()
	for _, want := range []string{"tcp.stream == 3", "10.0.0.4:32771", "Ladder", "States", "Graphs", "Measures", "RFC 9293"} {
		if !strings.Contains(text, want) {
			t.Errorf("the conversation lacks %q", want)
		}
	}
	if n := js[int](b, `document.querySelectorAll("svg.machine").length`); n != 2 {
		t.Errorf("%d state diagrams, want 2", n)
	}
	taken := js[int](b, `document.querySelectorAll("svg.machine .taken").length`)
	if steps := js[int](b, `document.querySelectorAll("ol.steps li").length`); taken == 0 || taken > steps {
		t.Errorf("%d arrows are drawn as taken, of %d steps", taken, steps)
	}
	// A click on a row selects it everywhere and gives it an address.
	frame := js[string](b, `document.querySelectorAll("svg.ladder .row[data-frame]")[2].dataset.frame`)
	b.run(chromedp.Evaluate(`document.querySelectorAll("svg.ladder .row[data-frame]")[2].dispatchEvent(new MouseEvent("click"))`, nil))
	if hash := js[string](b, `location.hash`); hash != "#c3f"+frame {
		t.Errorf("the address is %s, want #c3f%s", hash, frame)
	}
	if here := js[[]string](b, `[...document.querySelectorAll("svg.machine .here text")].map((e) => e.textContent)`); len(here) != 2 || here[0] != "ESTABLISHED" {
		t.Errorf("after the handshake's third segment the diagrams mark %v", here)
	}
	// The cursor of a graph selects the nearest segment.
	b.run(chromedp.Evaluate(`document.querySelectorAll(".pane-side canvas")[0].focus()`, nil), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent("+"))
	if n := js[int](b, `document.querySelectorAll("svg.ladder .row[aria-selected=true]").length`); n != 1 {
		t.Errorf("the cursor selects %d rows, want 1", n)
	}
	// True time keeps every row.
	rows := js[int](b, `document.querySelectorAll("svg.ladder .row[data-frame]").length`)
	b.run(chromedp.Click(`//button[text()="True time"]`))
	if n := js[int](b, `document.querySelectorAll("svg.ladder .row[data-frame]").length`); n != rows {
		t.Errorf("true time shows %d rows, even spacing %d", n, rows)
	}
}

// Where only a part of the capture was asked for, Wireshark gives conversations other
// numbers; frames keep theirs.
func TestSelectedHasNoStreamNumber(t *testing.T) {
	b := openBrowser(t)
	b.open(writeReport(t, report.HTMLOptions{}, func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding) {
		c := sample(2, each)
		c.Selected = true
		return c, nil
	}), "c1")
	if text := b.text(); strings.Contains(text, "tcp.stream") || !strings.Contains(text, "Copy by frames and addresses") {
		t.Errorf("the filters are not those of a part: %.400q", text)
	}
}

// What stands over an arrow lies between the two lifelines, whatever the numbers.
func TestLongNumbersInLadder(t *testing.T) {
	b := openBrowser(t)
	b.open(writeReport(t, report.HTMLOptions{}, func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding) {
		d := newDialogue(0, 1, "10.0.0.1:40000", "10.0.0.2:80", began)
		d.open()
		d.nxt[0], d.nxt[1] = d.nxt[0].Add(900_000_000), d.nxt[1].Add(900_000_000)
		d.send(0, tcp.URG|tcp.PSH|tcp.ACK, 1448, "")
		d.c.RowsOmitted, d.c.RowsGapAt = 1_234_567, len(d.c.Rows)
		d.clientCloses(true)
		each(d.c)
		return &report.Capture{First: began, Last: d.now, Frames: d.frame - 1, Segments: d.frame - 1}, nil
	}), "c0")
	if out := js[[]string](b, `(() => {
		const lives = [...document.querySelectorAll("svg.ladder rect[width='10']")].map((r) => r.getBBox());
		const left = Math.min(...lives.map((r) => r.x)) + 10, right = Math.max(...lives.map((r) => r.x));
		return [...document.querySelectorAll("svg.ladder text[text-anchor=middle]")].filter((t) => t.getAttribute("y") > 15)
			.filter((t) => t.getBBox().x < left || t.getBBox().x + t.getBBox().width > right).map((t) => t.textContent);
	})()`); len(out) > 0 {
		t.Errorf("beyond the lifelines: %q", out)
	}
}

// The graphs do not draw a line through segments that the report does not hold.
func TestGapInGraphs(t *testing.T) {
	b := openBrowser(t)
	b.open(writeReport(t, report.HTMLOptions{}, func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding) {
		d := newDialogue(0, 1, "10.0.0.1:40000", "10.0.0.2:80", began)
		d.open()
		d.data(5)
		d.c.RowsOmitted, d.c.RowsGapAt = 1000, len(d.c.Rows)
		d.now += 10_000 * ms
		d.data(5)
		each(d.c)
		return &report.Capture{First: began, Last: d.now, Frames: d.frame - 1, Segments: d.frame - 1}, nil
	}), "c0")
	b.run(chromedp.Evaluate(`(() => {
		window.told = 0;
		const fillText = CanvasRenderingContext2D.prototype.fillText;
		CanvasRenderingContext2D.prototype.fillText = function (text, x, y) { if (text === "segments not kept") told++; fillText.call(this, text, x, y); };
		for (const c of document.querySelectorAll(".pane-side canvas")) c.dispatchEvent(new PointerEvent("pointercancel"));
	})()`, nil))
	if graphs, told := js[int](b, `document.querySelectorAll(".pane-side canvas").length`), js[int](b, `told`); graphs != 4 || told != graphs {
		t.Errorf("%d of %d graphs tell of the gap", told, graphs)
	}
}

// A page from which findings were left out does not say that there was nothing.
func TestUnshownFindings(t *testing.T) {
	b := openBrowser(t)
	healthy := func(each func(*analyzer.Conversation)) *report.Capture {
		d := newDialogue(0, 1, "10.0.0.1:40000", "10.0.0.2:80", began)
		d.open()
		d.clientCloses(true)
		each(d.c)
		return &report.Capture{First: began, Last: d.now, Frames: d.frame - 1, Segments: d.frame - 1}
	}
	for unshown, wants := range map[int][]string{
		0: {"1 conversation, nothing odd found", "opened, spoke and closed as it should"},
		1: {"1 conversation, nothing found of what was asked for", "1 finding was not asked for and left out.", "No findings.\n"},
	} {
		b.open(writeReport(t, report.HTMLOptions{}, func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding) {
			c := healthy(each)
			c.Unshown = unshown
			return c, nil
		}), "overview")
		text := b.text()
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%d not shown: no %q in %.500q", unshown, want, text)
			}
		}
	}
}

func TestDeepLinkToAFoldedFrame(t *testing.T) {
	b := openBrowser(t)
	path := writeReport(t, report.HTMLOptions{}, func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding) {
		d := newDialogue(0, 1, "10.0.0.1:40000", "10.0.0.2:80", began)
		d.open()
		d.data(20)
		d.clientCloses(true)
		each(d.c)
		return &report.Capture{First: began, Last: d.now, Frames: d.frame - 1, Segments: d.frame - 1}, nil
	})
	b.open(path, "c0")
	if n := js[int](b, `document.querySelectorAll("svg.ladder .row[data-frame]").length`); n > 12 {
		t.Errorf("%d rows: the run of data is not folded", n)
	}
	b.open(path, "c0f40")
	if got := js[string](b, `document.querySelector("svg.ladder .row[aria-selected=true]").dataset.frame`); got != "40" {
		t.Errorf("frame %s is selected, want 40", got)
	}
	if !strings.Contains(b.text(), "Frame 40") {
		t.Error("frame 40 is not shown in full")
	}
}

func TestSockets(t *testing.T) {
	b := openBrowser(t)
	path := writeReport(t, report.HTMLOptions{}, func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding) {
		d := newDialogue(0, 1, "10.0.0.1:40000", "10.0.0.2:80", began)
		d.open()
		d.now = began + 2000*ms
		d.clientCloses(false)
		each(d.c)
		return &report.Capture{First: began, Last: began + 4000*ms, Frames: d.frame - 1, Segments: d.frame - 1}, nil
	})
	for at, want := range map[string]string{"1": "ESTAB", "3": "CLOSE-WAIT"} {
		b.open(path, "sockets?host=10.0.0.2&at="+at)
		cells := js[[]string](b, `[...document.querySelectorAll("table td")].map((c) => c.textContent)`)
		if len(cells) != 6 || cells[0] != want || cells[1] != "10.0.0.2:80" || cells[2] != "10.0.0.1:40000" {
			t.Errorf("after %s s the table is %q, want one socket in %s", at, cells, want)
		}
	}
}

// On a telephone no page is wider than the screen, and no address or single word is broken.
func TestTelephone(t *testing.T) {
	b := openBrowser(t)
	path := sampleReport(t, 30, report.HTMLOptions{})
	b.run(emulation.SetDeviceMetricsOverride(390, 844, 1, true))
	for _, hash := range []string{"overview", "sockets", "conversations", "c1"} {
		b.open(path, hash)
		if width := js[int](b, `document.documentElement.scrollWidth`); width > 390 {
			t.Errorf("%s is %d wide on a screen of 390", hash, width)
		}
		if broken := js[[]string](b, `[...document.querySelectorAll("td.mono, td.soft, .halves td")].filter((e) => !/[ -]/.test(e.textContent)).filter((e) => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().height > 24; }).map((e) => e.textContent)`); len(broken) > 0 {
			t.Errorf("%s breaks %q", hash, broken[:1])
		}
	}
}

func TestDarkAndPrint(t *testing.T) {
	b := openBrowser(t)
	path := sampleReport(t, 30, report.HTMLOptions{})
	b.dark(true)
	b.open(path, "c1")
	if bg := js[string](b, `getComputedStyle(document.body).backgroundColor`); bg != "rgb(16, 20, 23)" {
		t.Errorf("dark: the page is %s", bg)
	}
	b.run(chromedp.Click("#theme", chromedp.ByQuery)) // auto, then light
	if bg := js[string](b, `getComputedStyle(document.body).backgroundColor`); bg != "rgb(255, 255, 255)" {
		t.Errorf("light by choice: the page is %s", bg)
	}
	b.run(emulation.SetEmulatedMedia().WithMedia("print"))
	if d := js[string](b, `getComputedStyle(document.querySelector("#bar nav")).display`); d != "none" {
		t.Errorf("the bar's links are printed (%s)", d)
	}
	var pdf []byte
	b.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		pdf, _, err = page.PrintToPDF().WithPrintBackground(true).Do(ctx)
		return err
	}))
	if len(pdf) < 10_000 {
		t.Errorf("the printed page is %d bytes", len(pdf))
	}
}

func TestHostileTextIsText(t *testing.T) {
	const hostile = `</script><script>window.owned=1</script><img src=x onerror="window.owned=1">"'&<!--`
	b := openBrowser(t)
	path := writeReport(t, report.HTMLOptions{Title: hostile + "title"}, func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding) {
		d := newDialogue(0, 1, "10.0.0.1:40000", "10.0.0.2:80", began)
		d.open()
		r := d.send(0, tcp.ACK, 10, hostile+"note")
		r.Comment, r.Marks = hostile+"comment", []string{hostile + "mark"}
		d.clientCloses(true)
		d.c.Verdict, d.c.Scope, d.c.Facts = hostile+"verdict", hostile+"scope", []string{hostile + "fact"}
		d.find(hostile+"id", analyzer.Error, hostile+"summary")
		d.c.Opened, d.c.Closed = analyzer.Opened(hostile+"opened"), analyzer.ClosedHow(hostile+"closed")
		d.c.Endpoints[0].Timeline[0].Cause = hostile + "cause"
		each(d.c)
		return &report.Capture{Inputs: []report.Input{{Name: hostile + "name", Format: hostile + "format", LinkTypes: []string{hostile + "link"}, Err: hostile + "err"}},
			Skipped: []report.Count{{Reason: hostile + "reason", N: 1}}, Notices: []string{hostile + "notice"}, First: began, Last: d.now}, nil
	})
	for hash, wants := range map[string][]string{
		"overview":      {"name", "format", "link", "err", "reason", "notice", "id", "opened", "closed"},
		"conversations": {"verdict", "closed"},
		"sockets":       nil,
		"c0f4":          {"verdict", "scope", "fact", "id", "summary", "note", "comment", "mark", "cause"},
	} {
		b.open(path, hash)
		text := js[string](b, `document.getElementById("view").textContent`)
		for _, want := range wants {
			if !strings.Contains(text, hostile+want) {
				t.Errorf("%s does not show the hostile %s as text", hash, want)
			}
		}
		if js[bool](b, `!!window.owned || document.images.length > 0 || document.querySelectorAll("script[src]").length > 0`) {
			t.Fatalf("%s: the capture's markup became part of the page", hash)
		}
		if title := js[string](b, `document.title`); !strings.Contains(title, hostile) {
			t.Errorf("the title is %q", title)
		}
	}
}

func TestFewDetailsAreSaid(t *testing.T) {
	b := openBrowser(t)
	path := sampleReport(t, 500, report.HTMLOptions{DetailBytes: 20_000})
	b.open(path, "overview")
	if !strings.Contains(b.text(), "of 500 conversations come with a ladder") {
		t.Error("the overview does not say that ladders were left out")
	}
	id := js[int](b, `conversations.find((c) => !document.getElementById("d" + c.id)).id`)
	b.open(path, fmt.Sprintf("c%d", id))
	if text := b.text(); !strings.Contains(text, "most interesting conversations only") || !strings.Contains(text, "SYN_SENT") {
		t.Errorf("a conversation without detail shows %.300q", text)
	}
}

// The page stays small, and works: 50 000 conversations in 30 MB. How long it took
// to draw is logged; the aim is 3 s.
func TestFiftyThousandConversations(t *testing.T) {
	path := sampleReport(t, 50_000, report.HTMLOptions{})
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st.Size() > 30_000_000 {
		t.Errorf("the report is %d bytes", st.Size())
	}
	b := openAlone(t)
	b.open(path, "overview")
	drawn := js[float64](b, `performance.getEntriesByName("drawn")[0].startTime`)
	cpu := 1000 * b.processorTime() // of the page's whole process: what a busy machine does not stretch
	t.Logf("%d bytes, drawn after %.0f ms, %.0f ms of processor time", st.Size(), drawn, cpu)
	b.open(path, "conversations")
	b.run(chromedp.Evaluate(`document.querySelector(".grid .scroll").scrollTop = 1e6`, nil))
	b.until(`[...document.querySelectorAll(".grid .line")].some((l) => l.hash === "#c35714")`)
	began := time.Now()
	b.run(chromedp.Evaluate(`(() => { const s = document.querySelector("input[type=search]"); s.value = "close-wait-leak 443"; s.dispatchEvent(new Event("input")); })()`, nil))
	t.Logf("searched in %v", time.Since(began))
}

// A capture of days has days on its axis, dates where it has times of day, and every
// start in full.
func TestDays(t *testing.T) {
	const days = 24 * 3600 * 1000 * ms
	b := openBrowser(t)
	b.open(writeReport(t, report.HTMLOptions{}, func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding) {
		for id := range 2 {
			d := newDialogue(id, 1+100*id, "10.0.0.1:40000", "10.0.0.2:80", began+int64(id)*1600*days)
			d.open()
			d.clientCloses(true)
			each(d.c)
		}
		return &report.Capture{First: began, Last: began + 1700*days, Frames: 107, Segments: 14}, nil
	}), "sockets?at=138240000")
	if text := b.text(); !strings.Contains(text, "ss -tan at 2030-07-31 09:26:53.589 UTC") || !strings.Contains(text, "138240000.000000 s (1600.0 days) after the start") {
		t.Errorf("the moment has no date: %.300q", text)
	}
	for span, want := range map[string]string{
		"17 * DAY":     "0 | 2 d | 4 d | 6 d",
		"1.2 * DAY":    "0 | 3 h | 6 h | 9 h",
		"5 * HOUR":     "0 | 30 min | 1 h | 1 h 30 min",
		"10 * MINUTE":  "0 s | 100 s | 200 s | 300 s",
		"1500 * DAY":   "0 | 200 d | 400 d | 600 d",
		"36.5 * 1e6":   "0.000 s | 0.005 s | 0.010 s | 0.015 s",
		"5 * DAY":      "0 | 12 h | 1 d | 1 d 12 h",
		"0.6 * MINUTE": "0 s | 5 s | 10 s | 15 s",
	} {
		got := js[string](b, fmt.Sprintf(`(() => { const t = niceSteps(0, %s, 10, timeStep); return t.values.slice(0, 4).map((v) => timeLabel(v, t.step)).join(" | "); })()`, span))
		if got != want {
			t.Errorf("an axis of %s says %s, want %s", span, got, want)
		}
	}
	b.open(js[string](b, `location.pathname`), "conversations")
	if cut := js[int](b, `[...document.querySelectorAll(".grid .line > :nth-child(3)")].filter((e) => e.scrollWidth > e.clientWidth).length`); cut > 0 {
		t.Errorf("%d starts are cut", cut)
	}
}

// A FIN and the RST that follows it at once are both named, not one over the other.
func TestNamesInGraphApart(t *testing.T) {
	b := openBrowser(t)
	b.open(writeReport(t, report.HTMLOptions{}, func(each func(*analyzer.Conversation)) (*report.Capture, []analyzer.Finding) {
		d := newDialogue(0, 1, "10.0.0.1:40000", "10.0.0.2:80", began)
		d.open()
		d.send(0, tcp.PSH|tcp.ACK, 1460, "")
		d.now += 5000 * ms
		d.send(0, tcp.FIN|tcp.ACK, 0, "")
		d.send(0, tcp.RST|tcp.ACK, 0, "")
		each(d.c)
		return &report.Capture{First: began, Last: d.now, Frames: 5, Segments: 5}, nil
	}), "c0")
	b.run(chromedp.Evaluate(`(() => {
		window.names = [];
		const fillText = CanvasRenderingContext2D.prototype.fillText;
		CanvasRenderingContext2D.prototype.fillText = function (text, x, y) { if (/^(FIN|RST)$/.test(text)) names.push([x, y]); fillText.call(this, text, x, y); };
		document.querySelector(".pane-side canvas").dispatchEvent(new PointerEvent("pointercancel"));
	})()`, nil))
	names := js[[][]float64](b, `names`)
	if len(names) != 2 || math.Abs(names[0][1]-names[1][1]) < 10 && math.Abs(names[0][0]-names[1][0]) < 20 {
		t.Errorf("FIN and RST are named at %v", names)
	}
}
