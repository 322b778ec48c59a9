package live

import (
	"cmp"
	"slices"
	"strings"
)

// order is what rows are sorted by.
type order uint8

const (
	byTrouble order = iota // worst finding first, then open before over, then the newest
	byTime                 // last segment first
	byBytes
	byNumber
	orders
)

func (o order) String() string { return [...]string{"trouble", "last segment", "bytes", "number"}[o] }

func (o order) compare(x, y *row) int {
	c := 0
	switch o {
	case byTrouble:
		c = cmp.Or(cmp.Compare(y.worst, x.worst), cmp.Compare(x.rank(), y.rank()), cmp.Compare(y.last, x.last))
	case byTime:
		c = cmp.Compare(y.last, x.last)
	case byBytes:
		c = cmp.Compare(y.bytes, x.bytes)
	}
	return cmp.Or(c, cmp.Compare(x.id, y.id))
}

// rank puts conversations that are open before those that close and those that
// are over.
func (r *row) rank() int {
	switch {
	case r.over:
		return 3
	case !open(r.ends[0].state) && !open(r.ends[1].state):
		return 2
	case r.ends[0].state == r.ends[1].state:
		return 1
	}
	return 0 // the sides differ: something is going on
}

// page returns a copy of the rows that the screen shows, from which row on, and
// how many pass the filter.
func (t *tracker) page(q query) (rows []row, from, matches int) {
	var all []*row
	for _, r := range t.rows {
		if r.matches(q.filter) {
			all = append(all, r)
		}
	}
	for _, r := range t.over {
		if r.matches(q.filter) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, q.sort.compare)
	from = max(0, min(q.from, len(all)-q.rows))
	for _, r := range all[from:min(from+q.rows, len(all))] {
		c := *r
		c.findings = slices.Clone(r.findings)
		rows = append(rows, c)
	}
	return rows, from, len(all)
}

// matches reports whether a filter, in lower case, occurs in what the row shows.
func (r *row) matches(filter string) bool {
	if filter == "" {
		return true
	}
	for _, e := range r.ends {
		if e.known && strings.Contains(strings.ToLower(e.state.String()), filter) {
			return true
		}
	}
	for i := range r.findings {
		if r.findings[i].told && strings.Contains(r.findings[i].id, filter) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(r.protocol), filter) || strings.Contains(r.client.String(), filter) || strings.Contains(r.server.String(), filter)
}
