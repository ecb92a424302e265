package pdf

// letterhead is the firm's name and address, the document's kind to the right of it.
func (p *page) letterhead() {
	p.set(title, 22, accent)
	heading := clean(p.s.Heading)
	beside := p.f.GetStringWidth(heading)
	p.f.SetXY(margin, p.y)
	p.f.CellFormat(p.inner(), 9, heading, "", 0, "RM", false, 0, "")

	p.set(title, 15, ink)
	for _, l := range p.wrap(p.s.From.Name, p.inner()-beside-8) {
		p.f.SetXY(margin, p.y)
		p.f.CellFormat(p.inner(), 7.5, l, "", 0, "LM", false, 0, "")
		p.y += 7.5
	}
	p.y += 1
	p.set(plain, small, grey)
	p.lines(margin, p.inner()-beside-8, p.s.From.Lines...)
	p.y += 3
	p.f.SetDrawColor(accent[0], accent[1], accent[2])
	p.f.SetLineWidth(0.6)
	p.f.Line(margin, p.y, p.width-margin, p.y)
	p.y += 8
}

// lines writes texts one under the other and moves on.
func (p *page) lines(x, w float64, texts ...string) {
	for _, t := range texts {
		for _, l := range p.wrap(t, w) {
			p.need(line)
			p.text(x, p.y, w, l, false)
			p.y += line
		}
	}
}

// parties is whom the document is for, on the left, and its facts on the right.
func (p *page) parties() {
	start, left := p.y, p.inner()*0.52
	p.set(bold, body+1, ink)
	p.lines(margin, left, p.s.To.Name)
	p.set(plain, body, ink)
	p.lines(margin, left, p.s.To.Lines...)
	end := p.y

	x, label := margin+left+6, 26.0
	w := p.inner() - left - 6
	p.y = start
	for _, f := range p.s.Facts {
		p.set(plain, body, grey)
		p.text(x, p.y, label, clean(f.Label), false)
		p.set(weight(f), body, ink)
		p.lines(x+label, w-label, f.Value)
		p.y += 0.8
	}
	p.y = max(p.y, end) + 6
}

func weight(f Fact) face {
	if f.Strong {
		return bold
	}
	return plain
}

func (p *page) subject() {
	if p.s.Subject == "" {
		return
	}
	p.set(bold, body+1, ink)
	p.lines(margin, p.inner(), p.s.Subject)
	p.y += 4
}

// totals is kept together, right under the table.
func (p *page) totals() {
	if len(p.s.Totals) == 0 {
		return
	}
	const step, value = 6.0, 36.0
	x, w := margin+p.inner()*0.5, p.inner()*0.5
	p.need(float64(len(p.s.Totals))*(step+2) + 4)
	p.y += 3
	for _, t := range p.s.Totals {
		size := body
		if t.Strong {
			size = body + 1.5
			p.f.SetFillColor(tint[0], tint[1], tint[2])
			p.f.Rect(x, p.y-0.6, w, step+1.2, "F")
		}
		p.set(weight(t), size, ink)
		p.text(x+gutter, p.y+0.8, w-value-2*gutter, p.fit(clean(t.Label), w-value-2*gutter), false)
		p.text(x+gutter, p.y+0.8, w-2*gutter, clean(t.Value), true)
		p.y += step
		if t.Strong {
			p.y += 1.6
		}
	}
	p.y += 6
}

// stamp is a framed word that cannot be overlooked, and what it rests on.
func (p *page) stamp() {
	if p.s.Stamp.Word == "" {
		return
	}
	p.set(plain, body, green)
	p.set(bold, 14, green)
	word := clean(p.s.Stamp.Word)
	beside := p.f.GetStringWidth(word) + 12
	p.set(plain, body, green)
	text := p.wrap(p.s.Stamp.Text, p.inner()-beside-6)
	height := max(12, float64(len(text))*line+5)
	p.need(height + 4)
	p.f.SetDrawColor(green[0], green[1], green[2])
	p.f.SetLineWidth(0.5)
	p.f.RoundedRect(margin, p.y, p.inner(), height, 1.5, "1234", "D")
	p.set(bold, 14, green)
	p.text(margin+6, p.y+(height-line)/2, beside, word, false)
	p.set(plain, body, green)
	y := p.y + (height-float64(len(text))*line)/2
	for i, l := range text {
		p.text(margin+beside, y+float64(i)*line, p.inner()-beside-6, l, false)
	}
	p.y += height + 6
}

// link is a button, with the address under it for who reads on paper.
func (p *page) link() {
	if p.s.Link.URL == "" {
		return
	}
	p.set(bold, body+0.5, colour{255, 255, 255})
	words := clean(p.s.Link.Text)
	w := p.f.GetStringWidth(words) + 12
	p.need(22)
	p.f.SetFillColor(accent[0], accent[1], accent[2])
	p.f.RoundedRect(margin, p.y, w, 9, 1.5, "1234", "F")
	p.f.SetXY(margin, p.y)
	p.f.CellFormat(w, 9, words, "", 0, "CM", false, 0, "")
	p.f.LinkString(margin, p.y, w, 9, p.s.Link.URL)
	p.y += 11
	p.set(plain, small, grey)
	for _, l := range p.wrap(p.s.Link.URL, p.inner()) {
		p.need(line)
		p.text(margin, p.y, p.inner(), l, false)
		p.f.LinkString(margin, p.y, p.f.GetStringWidth(l), line, p.s.Link.URL)
		p.y += line
	}
	p.y += 4
}

func (p *page) notes() {
	p.set(plain, small, grey)
	for _, n := range p.s.Notes {
		p.lines(margin, p.inner(), n)
		p.y += 1.5
	}
}
