package live

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tcpreplay-fsm/internal/palette"
)

// model is the screen: Bubble Tea calls Update for every key and picture, and
// View to draw.
type model struct {
	palette palette.Palette
	ask     func(query) // tells the worker what to show
	report  func()
	quit    func()

	width, height int
	picture       *picture
	events        []line // the newest last
	query         query
	cursor        int    // row on the screen
	chosen        int    // conversation under the cursor; -1 for none
	typing        bool   // the filter is being typed
	typed         string // what was typed so far
	help          bool
	scroll        int // in the ladder
	leaving       bool
}

const maxEvents = 200

func newModel(color bool) *model {
	return &model{palette: palette.New(color), width: 80, height: 24, chosen: -1, query: query{open: -1, color: color},
		ask: func(query) {}, report: func() {}, quit: func() {}}
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd { return nil }

// Update implements tea.Model.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case *picture:
		m.take(msg)
	case tea.KeyPressMsg:
		if m.typing {
			m.typeKey(msg)
		} else {
			m.key(msg.String())
		}
	}
	m.query.rows, m.query.width = m.tableRows(), m.width
	m.ask(m.query)
	return m, nil
}

func (m *model) take(p *picture) {
	if m.query.paused {
		return
	}
	m.picture = p
	m.query.from = p.from
	m.events = append(m.events, p.events...)
	if n := len(m.events) - maxEvents; n > 0 {
		m.events = slices.Delete(m.events, 0, n)
	}
	// The cursor stays on its conversation as long as that is on the screen.
	if i := slices.IndexFunc(p.rows, func(r row) bool { return r.id == m.chosen }); i >= 0 && m.cursor > 0 {
		m.cursor = i
	}
	m.move(0)
}

// move moves the cursor, and the table below it.
func (m *model) move(by int) {
	m.cursor += by
	n := 0
	if m.picture != nil {
		n = len(m.picture.rows)
	}
	if m.cursor < 0 {
		m.query.from = max(0, m.query.from+m.cursor)
	} else if m.cursor >= n && by > 0 {
		m.query.from += m.cursor - n + 1
	}
	m.cursor = max(0, min(m.cursor, n-1))
	m.chosen = -1
	if n > 0 {
		m.chosen = m.picture.rows[m.cursor].id
	}
}

func (m *model) key(k string) {
	if m.query.open >= 0 && m.ladderKey(k) {
		return
	}
	switch k {
	case "q", "ctrl+c":
		m.leaving = true
		m.quit()
	case "up", "k":
		m.move(-1)
	case "down", "j":
		m.move(1)
	case "pgup":
		m.move(-m.tableRows())
	case "pgdown":
		m.move(m.tableRows())
	case "home", "g":
		m.query.from, m.cursor = 0, 0
		m.move(0)
	case "s":
		m.query.sort = (m.query.sort + 1) % orders
		m.query.from, m.cursor = 0, 0
	case "/":
		m.typing, m.typed = true, m.query.filter
	case "esc":
		m.query.filter, m.help = "", false
	case "space", "p":
		m.query.paused = !m.query.paused
	case "enter":
		m.query.open, m.scroll = m.chosen, 0
	case "r":
		m.report()
	case "?", "h":
		m.help = !m.help
	}
}

// ladderKey is for the keys that differ while a ladder is shown.
func (m *model) ladderKey(k string) bool {
	switch k {
	case "up", "k":
		m.scroll--
	case "down", "j":
		m.scroll++
	case "pgup":
		m.scroll -= m.height - 4
	case "pgdown", "enter":
		m.scroll += m.height - 4
	case "home", "g":
		m.scroll = 0
	case "esc", "left", "backspace":
		m.query.open = -1
	default:
		return false
	}
	m.scroll = max(0, m.scroll)
	return true
}

// typeKey edits the filter.
func (m *model) typeKey(k tea.KeyPressMsg) {
	switch k.String() {
	case "enter":
		m.typing = false
		m.query.filter, m.query.from, m.cursor = strings.ToLower(m.typed), 0, 0
	case "esc":
		m.typing = false
	case "ctrl+c":
		m.leaving = true
		m.quit()
	case "backspace":
		if n := len(m.typed); n > 0 {
			m.typed = m.typed[:n-1]
		}
	default:
		if t := k.Text; len(t) == 1 && t[0] >= ' ' && t[0] < 0x7f && len(m.typed) < 60 {
			m.typed += t
		}
	}
}
