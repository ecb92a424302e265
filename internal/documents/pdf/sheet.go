// Package pdf sets a document in type: a letterhead, whom it is for, a table that runs over as many pages as it
// needs, totals and a stamp. It knows no bills and no amounts, only what is to be read where.
//
// The same Sheet always gives the same bytes, so that a document that is sent again is the one that was sent.
package pdf

import "time"

// Sheet is a document to be set. Text is UTF-8; line breaks are kept.
type Sheet struct {
	Paper   Paper
	Lang    string    // BCP 47, "en-US"
	Made    time.Time // the document's date: the only time in it
	Heading string    // "Invoice"
	Title   string    // "Invoice 1": the file's title and the running head

	From    Party
	To      Party
	Facts   []Fact // number, dates
	Subject string // what it is about; empty: no such line

	Columns []Column
	Rows    [][]string // one text for each column

	Totals []Fact
	Stamp  Stamp
	Link   Link
	Notes  []string
}

// Paper is a page's size.
type Paper string

// Papers.
const (
	A4     Paper = "A4"
	Letter Paper = "Letter"
)

// Party is who a document is from, or for.
type Party struct {
	Name  string
	Lines []string
}

// Fact is a label and what it says. A strong one stands out.
type Fact struct {
	Label, Value string
	Strong       bool
}

// Column is a column of the table. Exactly one column has no width and takes what the others leave.
type Column struct {
	Name  string
	Width float64 // millimetres
	Right bool    // figures: aligned to the right
}

// Stamp is put on what is settled: "Paid", "by Visa ending 4242 on …". Without words there is none.
type Stamp struct{ Word, Text string }

// Link is an address the reader may follow. Without an address there is none.
type Link struct{ Text, URL string }
