package live

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// busy is a picture with more of everything than fits.
func busy() *picture {
	p := &picture{about: "eth0", up: 75 * time.Second, dropped: 3, down: true, active: 100, total: 1234, matches: 100,
		rate: rate{framesPerSec: 1234567, bitsPerSecond: 9.87e9}, ladder: strings.Repeat("a row of the ladder\n", 100), ladderN: 5}
	for _, s := range tcp.States() {
		p.states[s] = 100 + int(s)
	}
	for i := range 100 {
		r := row{id: i, client: netip.MustParseAddrPort("[2001:db8:1234:5678:9abc:def0:1234:5678]:65535"), server: netip.MustParseAddrPort("10.0.0.2:80")}
		r.protocol, r.ends = "TLS", [2]end{{state: tcp.Established, known: true}, {}}
		r.findings = []standing{{id: "rst-on-close-unread-data", severity: analyzer.Error, told: true}, {id: "not-yet"}}
		p.rows = append(p.rows, r)
		p.events = append(p.events, line{strings.Repeat(fmt.Sprintf("event %d ", i), 50), i%5 > 0, analyzer.Severity(max(0, i%5-1))})
	}
	return p
}

func press(m *model, keys ...string) {
	for _, k := range keys {
		msg := tea.KeyPressMsg{Text: k}
		switch k {
		case "enter":
			msg = tea.KeyPressMsg{Code: tea.KeyEnter}
		case "esc":
			msg = tea.KeyPressMsg{Code: tea.KeyEscape}
		case "down":
			msg = tea.KeyPressMsg{Code: tea.KeyDown}
		case "up":
			msg = tea.KeyPressMsg{Code: tea.KeyUp}
		case "backspace":
			msg = tea.KeyPressMsg{Code: tea.KeyBackspace}
		}
		m.Update(msg)
	}
}

// The screen is exactly filled, whatever its size: no line wraps and none is
// missing.
func TestDrawFits(t *testing.T) {
	for _, color := range []bool{false, true} {
		for _, size := range [][2]int{{80, 24}, {200, 60}, {40, 10}, {20, 5}, {1, 1}, {300, 2}} {
			for _, keys := range [][]string{{}, {"?"}, {"down", "down", "enter"}, {"/", "x"}, {"p"}} {
				m := newModel(color)
				m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				m.draw() // before there is a picture
				p := busy()
				p.rows = p.rows[:min(len(p.rows), m.tableRows())]
				m.Update(p)
				press(m, keys...)
				lines := strings.Split(m.draw(), "\n")
				if len(lines) != size[1] {
					t.Errorf("%v after %v: %d lines", size, keys, len(lines))
				}
				for _, l := range lines {
					if w := ansi.StringWidth(l); w > size[0] {
						t.Errorf("%v after %v: a line of %d columns: %q", size, keys, w, l)
					}
				}
			}
		}
	}
}

func TestDrawShows(t *testing.T) {
	m := newModel(false)
	m.Update(tea.WindowSizeMsg{Width: 200, Height: 40})
	p := busy()
	p.rows = p.rows[:5]
	m.Update(p)
	screen := ansi.Strip(m.draw())
	for _, want := range []string{"eth0", "1m15s", "1234567 frames/s", "9.87 Gbit/s", "3 dropped", "interface down", "100 conversations of 1234",
		"FIN_WAIT_1 105", "ESTABLISHED", "TLS rst-on-close-unread-data", "event 99", "1 of 100 by trouble"} {
		if !strings.Contains(screen, want) {
			t.Errorf("no %q on\n%s", want, screen)
		}
	}
	if strings.Contains(screen, "not-yet") {
		t.Error("a finding is shown that is not told")
	}
}

func TestKeys(t *testing.T) {
	m := newModel(false)
	var asked query
	reports, quits := 0, 0
	m.ask = func(q query) { asked = q }
	m.report = func() { reports++ }
	m.quit = func() { quits++ }
	p := busy()
	p.rows = p.rows[:5]
	m.Update(p)

	press(m, "s")
	if asked.sort != byTime {
		t.Errorf("s: sorted by %v", asked.sort)
	}
	press(m, "/", "8", "0", "X", "backspace", "q", "backspace", "enter")
	if asked.filter != "80" || quits != 0 {
		t.Errorf("filter %q, %d quits", asked.filter, quits)
	}
	press(m, "esc")
	if asked.filter != "" {
		t.Errorf("esc: filter %q", asked.filter)
	}
	press(m, "down", "down", "down", "up", "enter")
	if asked.open != 2 {
		t.Errorf("enter: conversation %d, want 2", asked.open)
	}
	press(m, "esc", "r", "p")
	if asked.open != -1 || reports != 1 || !asked.paused {
		t.Errorf("open %d, %d reports, paused %v", asked.open, reports, asked.paused)
	}
	m.Update(&picture{about: "later"})
	if m.picture.about != "eth0" {
		t.Error("the picture changed while paused")
	}
	press(m, "p", "q")
	m.Update(&picture{about: "later"})
	if quits != 1 || m.picture.about != "later" {
		t.Errorf("%d quits, picture of %q", quits, m.picture.about)
	}
}

// The cursor follows its conversation when the order changes.
func TestCursorFollows(t *testing.T) {
	m := newModel(false)
	p := busy()
	p.rows = p.rows[:5]
	m.Update(p)
	press(m, "down")
	q := busy()
	q.rows = []row{p.rows[4], p.rows[3], p.rows[0], p.rows[1]}
	m.Update(q)
	if m.cursor != 3 || m.chosen != 1 {
		t.Errorf("cursor at %d on conversation %d, want 3 on 1", m.cursor, m.chosen)
	}
	m.Update(&picture{})
	if m.chosen != -1 {
		t.Errorf("conversation %d chosen of none", m.chosen)
	}
}

// TestBits looks at rates where they are rounded up.
func TestBits(t *testing.T) {
	for rate, want := range map[float64]string{0: "0 bit/s", 999.4: "999 bit/s", 999.6: "1 kbit/s", 999_600: "1 Mbit/s"} {
		if got := bits(rate); got != want {
			t.Errorf("bits(%v) = %q, want %q", rate, got, want)
		}
	}
}
