package pdf

import (
	"bytes"
	"fmt"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"github.com/go-fonts/dejavu/dejavuserif"
)

// Render sets a sheet and returns the file. An error means that the library could not write it; no text makes one.
func Render(s Sheet) ([]byte, error) {
	p := newPage(s)
	p.letterhead()
	p.parties()
	p.subject()
	p.table()
	p.totals()
	p.stamp()
	p.link()
	p.notes()
	p.footers()
	var out bytes.Buffer
	if err := p.f.Output(&out); err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	return out.Bytes(), nil
}

// Measures in millimetres, sizes in points.
const (
	margin = 18.0
	top    = 18.0
	foot   = 20.0 // room at the bottom of every page
	gutter = 1.6  // beside a cell's text

	body  = 9.0
	small = 8.0
	line  = 4.4 // from one line of body text to the next
)

// colour is red, green, blue.
type colour [3]int

var (
	ink    = colour{28, 32, 40}
	grey   = colour{98, 104, 116}
	rule   = colour{206, 211, 219}
	tint   = colour{241, 243, 247}
	accent = colour{30, 48, 88}
	green  = colour{24, 104, 60}
)

// face is a font: "" is the plain text, "B" the bold; titles are in another.
type face struct{ family, style string }

var (
	plain = face{"text", ""}
	bold  = face{"text", "B"}
	title = face{"title", ""}
)

// page is a sheet being set: the library's document, and where the next line goes.
type page struct {
	f             *fpdf.Fpdf
	s             Sheet
	width, height float64 // of the paper
	y             float64 // top of what comes next
}

func newPage(s Sheet) *page {
	if s.Paper == "" {
		s.Paper = A4
	}
	f := fpdf.New("P", "mm", string(s.Paper), "")
	f.SetCatalogSort(true) // the same bytes every time
	f.SetCreationDate(s.Made.UTC())
	f.SetModificationDate(s.Made.UTC())
	f.SetTitle(clean(s.Title), true)
	f.SetAuthor(clean(s.From.Name), true)
	f.SetCreator("Billing Clerk", true)
	f.SetProducer("Billing Clerk", true)
	f.SetLang(s.Lang)
	f.SetAutoPageBreak(false, 0)
	f.SetCellMargin(0)
	// The library may write into a font's bytes while it cuts out the letters used.
	f.AddUTF8FontFromBytes(plain.family, plain.style, bytes.Clone(dejavusanscondensed.TTF))
	f.AddUTF8FontFromBytes(bold.family, bold.style, bytes.Clone(dejavusanscondensedbold.TTF))
	f.AddUTF8FontFromBytes(title.family, title.style, bytes.Clone(dejavuserif.TTF))
	p := &page{f: f, s: s}
	p.width, p.height = f.GetPageSize()
	f.AddPage()
	p.y = top
	return p
}

// set chooses a font, its size in points and its colour.
func (p *page) set(f face, points float64, c colour) {
	p.f.SetFont(f.family, f.style, points)
	p.f.SetTextColor(c[0], c[1], c[2])
}

// inner is the width between the margins.
func (p *page) inner() float64 { return p.width - 2*margin }

// bottom is where a page's content ends.
func (p *page) bottom() float64 { return p.height - foot }

// text writes one line with its top at y; right aligns its end at x+w.
func (p *page) text(x, y, w float64, words string, right bool) {
	align := "LM"
	if right {
		align = "RM"
	}
	p.f.SetXY(x, y)
	p.f.CellFormat(w, line, words, "", 0, align, false, 0, "")
}

// stroke draws a thin line across at y.
func (p *page) stroke(x, y, w float64) {
	p.f.SetDrawColor(rule[0], rule[1], rule[2])
	p.f.SetLineWidth(0.2)
	p.f.Line(x, y, x+w, y)
}

// need begins a new page unless so many millimetres are left on this one.
func (p *page) need(room float64) {
	if p.y+room > p.bottom() {
		p.turn()
	}
}

// turn begins a page with the running head.
func (p *page) turn() {
	p.f.AddPage()
	p.y = top
	p.set(plain, small, grey)
	p.text(margin, p.y-4, p.inner(), clean(p.s.From.Name), false)
	p.text(margin, p.y-4, p.inner(), clean(p.s.Title), true)
	p.stroke(margin, p.y+1.5, p.inner())
	p.y += 6
}

// footers numbers the pages, once it is known how many there are.
func (p *page) footers() {
	pages := p.f.PageCount()
	for n := 1; n <= pages; n++ {
		p.f.SetPage(n)
		p.set(plain, small, grey)
		p.text(margin, p.height-foot+8, p.inner(), fmt.Sprintf("Page %d of %d", n, pages), true)
		p.text(margin, p.height-foot+8, p.inner()*0.7, p.fit(clean(p.s.From.Name), p.inner()*0.7), false)
	}
}
