package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"
)

// sheet has n rows of one line each.
func sheet(n int) Sheet {
	s := Sheet{
		Paper: Letter, Lang: "en-US", Made: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC), Heading: "Invoice", Title: "Invoice 17",
		From:    Party{"Demo and Partners", []string{"1 Court Street", "billing@demo.test"}},
		To:      Party{"Nguyễn Family Trust", []string{"Büyükdere Caddesi 5", "Beyoğlu"}},
		Facts:   []Fact{{"Number", "17", true}, {"Date", "November 23, 2026", false}},
		Subject: "Re: Estate",
		Columns: []Column{{"Date", 23, false}, {"Description", 0, false}, {"Amount", 25, true}},
		Totals:  []Fact{{"Net", "$1,000.00", false}, {"Total", "$1,088.75", true}},
		Stamp:   Stamp{"PAID", "Paid by Visa ending 4242."},
		Link:    Link{"Pay online", "https://clerk.example.test/pay/abc"},
		Notes:   []string{"Time is billed to the nearest 6 minutes."},
	}
	for i := range n {
		s.Rows = append(s.Rows, []string{"Nov 23, 2026", fmt.Sprintf("Work %d", i), fmt.Sprintf("$%d.07", i)})
	}
	return s
}

func render(t testing.TB, s Sheet) []byte {
	t.Helper()
	file, err := Render(s)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// pages reads a file back: the pieces of text of each page, in the order they are set.
func pages(t testing.TB, file []byte) (pages [][]string) {
	t.Helper()
	for _, content := range contents(file) {
		var page []string
		for _, shown := range regexp.MustCompile(`(?s) Td \((.*?)\)Tj ET`).FindAllSubmatch(content, -1) {
			page = append(page, decode(shown[1]))
		}
		pages = append(pages, page)
	}
	return pages
}

// contents are what a file's pages draw.
func contents(file []byte) (all [][]byte) {
	for _, stream := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(file, -1) {
		r, err := zlib.NewReader(bytes.NewReader(stream[1]))
		if err != nil {
			continue // a map that is not compressed
		}
		content, err := io.ReadAll(r)
		if err == nil && bytes.Contains(content, []byte(" Td (")) { // else a font
			all = append(all, content)
		}
	}
	return all
}

// decode turns a string of the file, UTF-16BE with escapes, into text.
func decode(raw []byte) string {
	raw = []byte(strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r").Replace(string(raw)))
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}

func all(pages [][]string) string {
	var b strings.Builder
	for _, page := range pages {
		b.WriteString("\n" + strings.Join(page, "\n") + "\n")
	}
	return b.String()
}

func TestEverythingOnTheSheetIsInTheFile(t *testing.T) {
	s := sheet(200)
	text := all(pages(t, render(t, s)))
	want := []string{s.Heading, s.From.Name, s.To.Name, s.Subject, s.Stamp.Word, s.Stamp.Text, s.Link.Text, s.Link.URL}
	want = append(append(append(want, s.From.Lines...), s.To.Lines...), s.Notes...)
	for _, f := range append(s.Facts, s.Totals...) {
		want = append(want, f.Label, f.Value)
	}
	for _, row := range s.Rows {
		want = append(want, row...)
	}
	for _, w := range want {
		if !strings.Contains(text, "\n"+w+"\n") {
			t.Errorf("%q is not in the file", w)
		}
	}
}

func TestEveryPageHasTheTablesHeadAndItsNumber(t *testing.T) {
	all := pages(t, render(t, sheet(200)))
	for i, page := range all {
		text := strings.Join(page, "\n")
		if number := fmt.Sprintf("Page %d of %d", i+1, len(all)); !strings.Contains(text, number) {
			t.Errorf("page %d does not say %q", i+1, number)
		}
		if strings.Contains(text, "Work ") && strings.Count(text, "Description") != 1 {
			t.Errorf("page %d has rows but no head, or two", i+1)
		}
		if i > 0 && !strings.Contains(text, "Invoice 17") {
			t.Errorf("page %d does not say what it belongs to", i+1)
		}
	}
}

func TestTheSameSheetGivesTheSameBytes(t *testing.T) {
	want := render(t, sheet(60))
	for _, date := range []string{"/CreationDate (D:20261123150000", "/ModDate (D:20261123150000"} {
		if !bytes.Contains(want, []byte(date)) {
			t.Errorf("the file does not carry the document's own date: no %s", date)
		}
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if got := render(t, sheet(60)); !bytes.Equal(got, want) {
				t.Errorf("another file of %d bytes, not %d", len(got), len(want))
			}
		})
	}
	wait.Wait()
}

func TestALongRowGoesOnOverThePagesAndLosesNoWord(t *testing.T) {
	s := sheet(30)
	var words []string
	for i := range 3000 {
		words = append(words, fmt.Sprintf("w%d", i))
	}
	s.Rows[20][1] = strings.Join(words, " ")
	var got []string
	for _, page := range pages(t, render(t, s)) {
		for _, piece := range page {
			if strings.HasPrefix(piece, "w") {
				got = append(got, strings.Fields(piece)...)
			}
		}
	}
	if strings.Join(got, " ") != strings.Join(words, " ") {
		t.Errorf("%d words came back; want %d in order", len(got), len(words))
	}
}

func TestAShortRowIsNotTornApart(t *testing.T) {
	for lead := range 4 { // so that pages end after each of the row's lines
		s := sheet(80)
		for _, row := range s.Rows {
			row[1] = "first\nsecond\nthird"
		}
		s.Rows[0][1] += strings.Repeat("\nmore", lead)
		for i, page := range pages(t, render(t, s)) {
			text := strings.Join(page, "\n")
			if strings.Count(text, "first") != strings.Count(text, "third") {
				t.Errorf("page %d begins or ends within a row", i+1)
			}
		}
	}
}

func TestTotalsStayTogetherAndOnThePage(t *testing.T) {
	for n := 18; n < 32; n++ { // the first page's last rows
		file := render(t, sheet(n))
		within(t, file)
		for i, page := range pages(t, file) {
			text := strings.Join(page, "\n")
			if strings.Contains(text, "$1,000.00") != strings.Contains(text, "$1,088.75") {
				t.Fatalf("with %d rows the totals are torn on page %d", n, i+1)
			}
		}
	}
}

func TestTextOfEveryKindIsSetOrReplaced(t *testing.T) {
	for text, want := range map[string]string{
		"Nguyễn Thị Ánh":        "Nguyễn Thị Ánh",
		"Nguye\u0302\u0303n":    "Nguyễn", // decomposed, as some keyboards write it
		"“quoted” – €5 · Doğan": "“quoted” – €5 · Doğan",
		"tab\tand\x00null":      "tab and null",
		"face \U0001F600":       "face \uFFFD",
		"plane \U00010000":      "plane \uFFFD",
		"bro\xffken":            "bro\uFFFDken",
		"left\u202eright":       "leftright",
		`par(en)\slash`:         `par(en)\slash`,
	} {
		s := sheet(1)
		s.Rows[0][1] = text
		if got := all(pages(t, render(t, s))); !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("%q is not set as %q", text, want)
		}
	}
}

func TestAWordWiderThanItsColumnIsBrokenNotCut(t *testing.T) {
	s := sheet(1)
	word := strings.Repeat("Donaudampfschiff", 20)
	s.Rows[0][1] = word
	got := strings.ReplaceAll(all(pages(t, render(t, s))), "\n", "")
	if !strings.Contains(got, word) {
		t.Error("some of it is missing")
	}
}

func TestASheetOfNothingIsStillAPage(t *testing.T) {
	if got := pages(t, render(t, Sheet{})); len(got) != 1 {
		t.Errorf("%d pages", len(got))
	}
}

func TestNothingIsSetOutsideItsPage(t *testing.T) {
	s := sheet(3)
	s.Rows[1][1] = strings.Repeat("x", 5000)
	s.Notes = append(s.Notes, strings.Repeat("note ", 2000))
	within(t, render(t, s))
}

// within fails when text is set into a margin of a Letter page: in points from its lower left corner.
func within(t testing.TB, file []byte) {
	t.Helper()
	for _, content := range contents(file) {
		for _, m := range regexp.MustCompile(`(?s)BT ([\d.-]+) ([\d.-]+) Td \((.*?)\)Tj ET`).FindAllSubmatch(content, -1) {
			var x, y float64
			fmt.Sscan(string(m[1]), &x)
			fmt.Sscan(string(m[2]), &y)
			text, least := decode(m[3]), foot*72/25.4
			if strings.HasPrefix(text, "Page ") || text == "Demo and Partners" {
				least = 20 // the footer itself
			}
			if x < 40 || x > 612-40 || y < least || y > 792-25 {
				t.Fatalf("%q is set at %.0f, %.0f of 612 × 792 points", text, x, y)
			}
		}
	}
}

// Wrapping loses nothing but spaces, and every line fits.
func FuzzWrappingLosesNothing(f *testing.F) {
	f.Add("Reviewed the lease\nwith counsel")
	f.Add("\xff\U0010FFFF\x00 Nguye\u0302\u0303n")
	f.Add(strings.Repeat("M", 100))
	const width = 30.0
	p := newPage(Sheet{})
	p.set(plain, body, ink)
	f.Fuzz(func(t *testing.T, text string) {
		var want, got strings.Builder
		for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
			want.WriteString(strings.ReplaceAll(clean(paragraph), " ", ""))
		}
		for _, l := range p.wrap(text, width) {
			got.WriteString(strings.ReplaceAll(l, " ", ""))
			if p.f.GetStringWidth(l) > width+0.01 && len([]rune(l)) > 1 {
				t.Errorf("a line of %.1f mm", p.f.GetStringWidth(l))
			}
		}
		if got.String() != want.String() {
			t.Errorf("%q came back as %q", want.String(), got.String())
		}
	})
}
