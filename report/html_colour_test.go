package report

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// linear is a colour as light: red, green and blue from 0 to 1, not gamma-coded.
type linear [3]float64

func parseColour(t *testing.T, hex string) (c linear) {
	t.Helper()
	for i := range c {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		if c[i] = v / 12.92; v > 0.04045 {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return c
}

// luminance and contrast are WCAG 2.2's.
func (c linear) luminance() float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

func contrast(a, b linear) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Colour vision after Machado, Oliveira and Fernandes, "A physiologically-based
// model for simulation of color vision deficiency" (2009), at full severity.
var visions = map[string][3]linear{
	"normal": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protan": {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deutan": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
}

func (c linear) seen(by [3]linear) (out linear) {
	for i, row := range by {
		out[i] = min(1, max(0, row[0]*c[0]+row[1]*c[1]+row[2]*c[2]))
	}
	return out
}

// lab is CIE L*a*b* under D65, in which distances are about as large as they look.
func (c linear) lab() [3]float64 {
	f := func(t float64) float64 {
		if t > 0.008856 {
			return math.Cbrt(t)
		}
		return 7.787*t + 16.0/116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505)
	y := f(c.luminance())
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func distance(a, b linear) float64 {
	p, q := a.lab(), b.lab()
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

// themes are the custom properties of the light and the dark page.
func themes(t *testing.T) map[string]map[string]linear {
	style := read("report.css")
	out := map[string]map[string]linear{}
	for name, head := range map[string]string{"light": ":root {", "dark": `:root[data-theme="dark"] {`} {
		_, block, found := strings.Cut(style, "\n"+head)
		if !found {
			t.Fatalf("the style has no %s", head)
		}
		block, _, _ = strings.Cut(block, "}")
		out[name] = map[string]linear{}
		for _, m := range regexp.MustCompile(`--([\w-]+):\s*(#[0-9a-f]{6})\b`).FindAllStringSubmatch(block, -1) {
			out[name][m[1]] = parseColour(t, m[2])
		}
	}
	return out
}

// WCAG 2.2 AA: 4.5 for text (1.4.3), 3 for what carries meaning (1.4.11). States
// are named beside their colour, and what is pale has an edge.
func TestHTMLContrast(t *testing.T) {
	for theme, colours := range themes(t) {
		check := func(what, on string, least float64) {
			t.Helper()
			a, known := colours[what]
			b, known2 := colours[on]
			if !known || !known2 {
				t.Fatalf("%s: no colour %s or %s", theme, what, on)
			}
			if got := contrast(a, b); got < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", theme, what, on, got, least)
			}
		}
		for _, on := range []string{"page", "panel", "select", "error-wash", "warning-wash", "notice-wash", "info-wash"} {
			for _, text := range []string{"ink", "soft", "link", "error", "warning", "notice", "info"} {
				check(text, on, 4.5)
			}
		}
		check("page", "ink", 4.5) // a pressed button, the number of a step
		for _, graphic := range []string{"edge", "focus", "client", "server", "retransmit", "ackline", "winline"} {
			check(graphic, "page", 3)
		}
	}
}

// Whoever takes red for green still tells the states apart: those that touch in
// the stacked chart well, all others enough to find them in its legend.
func TestHTMLStatesForTheColourBlind(t *testing.T) {
	m := regexp.MustCompile(`stackOrder = \[([\d, ]+)\]`).FindStringSubmatch(read("population.js"))
	if m == nil {
		t.Fatal("population.js has no stackOrder")
	}
	order := strings.Split(m[1], ", ")
	for theme, colours := range themes(t) {
		for vision, by := range visions {
			for i, a := range order {
				for k := i + 1; k < len(order); k++ {
					least := 12.0 // of a difference just noticed, some 2.3
					if k == i+1 {
						least = 20
					}
					if d := distance(colours["s"+a].seen(by), colours["s"+order[k]].seen(by)); d < least {
						t.Errorf("%s, %s: states %s and %s are %.0f apart, want %.0f", theme, vision, a, order[k], d, least)
					}
				}
			}
		}
	}
}
