package analyzer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// ephemeralPorts is the size of Linux's default range, 32768 to 60999.
	ephemeralPorts = 28232
	// pressurePorts is from how many TIME_WAIT sockets towards one server at a time
	// on we speak up.
	pressurePorts = ephemeralPorts / 10
	// maxTimeWaits bounds the entries into TIME_WAIT that are kept, of all pairs.
	maxTimeWaits = 1 << 21
)

// timeWaits are the TIME_WAIT sockets that a client held towards one server.
type timeWaits struct {
	cited
	times []int64 // when each was entered
}

// take adds the entry t; kept counts those of all pairs.
func (x *timeWaits) take(v *Conversation, t *Transition, kept *int) {
	x.add(v.ID, t.Frame)
	if *kept < maxTimeWaits {
		*kept++
		x.times = append(x.times, t.Time)
	}
}

// peak is the most that were held at a time, and when that was. It sorts times.
func (x *timeWaits) peak(hold int64) (n int, at int64) {
	slices.Sort(x.times)
	first := 0
	for i, t := range x.times {
		for t-x.times[first] >= hold {
			first++
		}
		if held := i - first + 1; held > n {
			n, at = held, t
		}
	}
	return n, at
}

// course is how many were held at equal steps from the first entry to the last, in
// words. It wants times sorted.
func (x *timeWaits) course(hold int64) string {
	const steps = 5
	first, span := x.times[0], x.times[len(x.times)-1]-x.times[0]
	var b strings.Builder
	for i := int64(1); i <= steps; i++ {
		at := first + span/steps*i
		if i == steps {
			at = first + span
		}
		begun, _ := slices.BinarySearch(x.times, at+1)
		over, _ := slices.BinarySearch(x.times, at-hold+1)
		if i > 1 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d after %s", begun-over, seconds(at-first))
	}
	return b.String()
}

// finding tells of the pressure, if there is one.
func (x *timeWaits) finding(p pair, timeWait time.Duration) (f Finding, ok bool) {
	hold := int64(timeWait)
	n, at := x.peak(hold)
	if n < pressurePorts {
		return f, false
	}
	first := x.times[0]
	span := max(min(at-first, hold), 1)
	rate := float64(n) / (float64(span) / float64(time.Second))
	each := strconv.FormatFloat(rate, 'g', 3, 64)
	if rate >= 100 {
		each = strconv.FormatFloat(rate, 'f', 0, 64) // no exponent
	}
	d := fmt.Sprintf("The most at one time was %d, %s after the first, of %d ephemeral ports (Linux's default range; each is kept for %s). Then %s a second were added. There were %s.",
		n, seconds(at-first), ephemeralPorts, seconds(hold), each, x.course(hold))
	switch {
	case n >= ephemeralPorts:
		d += " That is more than there are: connect() fails with EADDRNOTAVAIL unless the range is wider or tcp_tw_reuse is set."
	case rate*float64(hold)/float64(time.Second) > ephemeralPorts:
		left := time.Duration(float64(ephemeralPorts-n) / rate * float64(time.Second))
		d += fmt.Sprintf(" At that rate none are left %s later.", seconds(int64(left)))
	}
	return x.cited.finding(&rulePortPressure, Client, Probable,
		fmt.Sprintf("%s put %d sockets into TIME_WAIT towards %s, %d at a time", p.client, x.n, p.server, n),
		d+" Keep connections open (pools, HTTP keep-alive), let the server close first, or set tcp_tw_reuse."), true
}
