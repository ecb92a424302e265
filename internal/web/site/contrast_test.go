package site

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	comment  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	variable = regexp.MustCompile(`--([a-z-]+):\s*#([0-9a-f]{6})\b`)
	cssRule  = regexp.MustCompile(`([^{};]+)\{([^{}]*)\}`)
	inks     = regexp.MustCompile(`(?:^|[;\s])color:\s*var\(--([a-z-]+)\)`)
	grounds  = regexp.MustCompile(`background(?:-color)?:\s*var\(--([a-z-]+)\)`)
	outlines = regexp.MustCompile(`(?:outline|border|border-color):[^;]*var\(--([a-z-]+)\)`)
)

// palette is what the colours of a scheme are.
type palette map[string]float64 // relative luminance

// palettes are the light and the dark one, as the style sheet declares them.
func palettes(t *testing.T, css string) map[string]palette {
	t.Helper()
	light, dark := palette{}, palette{}
	head, rest, ok := strings.Cut(css, "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("there is no dark scheme")
	}
	for _, v := range variable.FindAllStringSubmatch(head, -1) {
		light[v[1]] = luminance(t, v[2])
		dark[v[1]] = light[v[1]]
	}
	rest, _, _ = strings.Cut(rest, "}\n}")
	for _, v := range variable.FindAllStringSubmatch(rest, -1) {
		dark[v[1]] = luminance(t, v[2])
	}
	return map[string]palette{"light": light, "dark": dark}
}

// luminance is WCAG 2.2's relative luminance of an sRGB colour.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	channel := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}

// contrast is WCAG 2.2's ratio of two colours.
func (p palette) contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, known := p[a]
	y, also := p[b]
	if !known || !also {
		t.Fatalf("--%s or --%s is no colour", a, b)
	}
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// Every rule of the style sheet that sets a colour of text is measured against its own ground, or against both that a page
// has: AA wants 4.5 (WCAG 2.2 §1.4.3). What outlines a field, a button or the focus needs 3 (§1.4.11).
func TestEveryColourOfTextCanBeReadOnItsGround(t *testing.T) {
	text, err := os.ReadFile("static/clerk.css")
	if err != nil {
		t.Fatal(err)
	}
	css, _, _ := strings.Cut(comment.ReplaceAllString(string(text), ""), "@media print")
	measured := 0
	for scheme, p := range palettes(t, css) {
		measure := func(selector, ink, ground string, least float64) {
			t.Helper()
			measured++
			if got := p.contrast(t, ink, ground); got < least {
				t.Errorf("%s: %s: --%s on --%s is %.2f; it must be %.1f", scheme, strings.TrimSpace(selector), ink, ground, got, least)
			}
		}
		for _, rule := range cssRule.FindAllStringSubmatch(css, -1) {
			under := []string{"ground", "card"}
			if g := grounds.FindStringSubmatch(rule[2]); g != nil {
				under = g[1:]
			}
			for _, ground := range under {
				if ink := inks.FindStringSubmatch(rule[2]); ink != nil {
					measure(rule[1], ink[1], ground, 4.5)
				}
			}
			if edge := outlines.FindStringSubmatch(rule[2]); edge != nil && edge[1] != "line" { // lines part, and tell nothing
				measure(rule[1], edge[1], "ground", 3)
				measure(rule[1], edge[1], "card", 3)
			}
			if g := grounds.FindStringSubmatch(rule[2]); g != nil && inks.FindString(rule[2]) == "" && p[g[1]] != p["accent"] {
				measure(rule[1], "ink", g[1], 4.5)
			}
		}
	}
	if measured < 100 {
		t.Fatalf("only %d pairs", measured)
	}
}
