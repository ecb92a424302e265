package pdf

// short is how many lines a row may have that is moved whole to the next page rather than split.
const short = 8

// table sets the rows under a head that is repeated on every page. A long row goes on over the page's edge.
func (p *page) table() {
	if len(p.s.Columns) == 0 {
		return
	}
	columns := p.columns()
	p.need(20)
	p.head(columns)
	for _, row := range p.s.Rows {
		p.row(columns, row)
	}
	p.stroke(margin, p.y, p.inner())
}

// columns gives the column without a width what the others leave.
func (p *page) columns() []Column {
	columns, rest := append([]Column(nil), p.s.Columns...), p.inner()
	for _, c := range columns {
		rest -= c.Width
	}
	for i := range columns {
		if columns[i].Width == 0 {
			columns[i].Width = rest
		}
	}
	return columns
}

func (p *page) head(columns []Column) {
	const height = 7.0
	p.f.SetFillColor(tint[0], tint[1], tint[2])
	p.f.Rect(margin, p.y, p.inner(), height, "F")
	p.set(bold, small, grey)
	x := margin
	for _, c := range columns {
		p.text(x+gutter, p.y+(height-line)/2, c.Width-2*gutter, clean(c.Name), c.Right)
		x += c.Width
	}
	p.y += height
	p.set(plain, body, ink)
}

// row sets one row, in as many pieces as pages it takes.
func (p *page) row(columns []Column, row []string) {
	const pad = 1.3
	p.set(plain, body, ink)
	cells, deepest := make([][]string, len(columns)), 1
	for i, c := range columns {
		cells[i] = p.wrap(row[i], c.Width-2*gutter)
		deepest = max(deepest, len(cells[i]))
	}
	for at := 0; at < deepest; {
		left := deepest - at
		fits := int((p.bottom() - p.y - 2*pad) / line)
		if fits < min(left, 2) || left > fits && left <= short {
			p.turn()
			p.head(columns)
			fits = int((p.bottom() - p.y - 2*pad) / line)
		}
		piece := min(left, fits)
		p.piece(columns, cells, at, piece, p.y+pad)
		p.y += float64(piece)*line + 2*pad
		at += piece
	}
	p.stroke(margin, p.y, p.inner())
}

// piece writes some lines of every cell of a row.
func (p *page) piece(columns []Column, cells [][]string, from, count int, y float64) {
	x := margin
	for i, c := range columns {
		for n := range count {
			if from+n < len(cells[i]) {
				p.text(x+gutter, y+float64(n)*line, c.Width-2*gutter, cells[i][from+n], c.Right)
			}
		}
		x += c.Width
	}
}
