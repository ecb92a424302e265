package clients_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/clients"
)

func TestAHeardNameFindsItsClient(t *testing.T) {
	o := demo(t)
	tests := []struct{ heard, want string }{
		{"acme", "Acme Corporation: lease"},
		{"ACME", "Acme Corporation: lease"},
		{"acme corporation", "Acme Corporation: lease"},
		{"acme corp", "Acme Corporation: lease"},
		{"acme inc", "Acme Corporation: lease"},
		{"acme's", "Acme Corporation: lease"},
		{"the acme matter", "Acme Corporation: lease"},
		{"customer acme", "Acme Corporation: lease"},
		{"a. c. m. e.", "Acme Corporation: lease"},
		{"a c m e corporation", "Acme Corporation: lease"},
		{"ac me", "Acme Corporation: lease"},
		{"akme", "Acme Corporation: lease"},
		{"acne", "Acme Corporation: lease"},
		{"acme lease", "Acme Corporation: lease"},
		{"beta", "Beta Industries: lease"},
		{"beta industry", "Beta Industries: lease"},
		{"o'brien", "O'Brien & Sons: lease"},
		{"o brien", "O'Brien & Sons: lease"},
		{"o’brien and sons", "O'Brien & Sons: lease"},
		{"obrien & sons", "O'Brien & Sons: lease"},
		{"o'bryan and sons", "O'Brien & Sons: lease"},
		{"nguyen", "Nguyen Family Trust: lease"},
		{"nguyen family trust", "Nguyen Family Trust: lease"},
		{"win family trust", "Nguyen Family Trust: lease"},
		{"win", "Nguyen Family Trust: lease"},
		{"hughes", "Hughes Medical: lease"},
		{"hews medical", "Hughes Medical: lease"},
		{"hughes's", "Hughes Medical: lease"},
		{"schmidt holdings", "Schmidt Holdings: lease"},
		{"schmitt holdings", "Schmidt Holdings: lease"},
		{"schmidt logistics", "Schmitt Logistics: lease"},
		{"mar low group merger", "Marlow Group: merger"},
		{"marlow tax appeal", "Marlow Group: tax appeal"},
		{"marlow matter two", "Marlow Group: merger"},
		{"the merger", "Marlow Group: merger"},
		{"tax appeal matter", "Marlow Group: tax appeal"},
	}
	for _, tt := range tests {
		if got := o.hear(t, tt.heard); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.heard, got, tt.want)
		}
	}
}

func TestANameThatSoundsLikeSeveralIsAsked(t *testing.T) {
	o := demo(t)
	o.client(t, "Smith", "will")
	o.client(t, "Smyth Corporation", "will")
	tests := []struct{ heard, want string }{
		{"schmidt", "? Schmidt Holdings | Schmitt Logistics"},
		{"schmitt", "? Schmitt Logistics | Schmidt Holdings"},
		{"smith", "? Smith | Smyth Corporation"},
		{"smyth", "? Smyth Corporation | Smith"},
		{"acme widgets", "? Acme Corporation"},
		{"marlow", "which: tax appeal | merger | lease"},
		{"marlow group", "which: tax appeal | merger | lease"},
	}
	for _, tt := range tests {
		if got := o.hear(t, tt.heard); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.heard, got, tt.want)
		}
	}
}

func TestTheFullNameWinsOverOneThatSharesItsCore(t *testing.T) {
	o := open(t)
	o.client(t, "Acme Corporation", "lease")
	o.client(t, "Acme Inc.", "lease")
	for heard, want := range map[string]string{
		"acme":              "? Acme Corporation | Acme Inc.",
		"acme corp":         "Acme Corporation: lease",
		"acme incorporated": "Acme Inc.: lease",
	} {
		if got := o.hear(t, heard); got != want {
			t.Errorf("%q: %s, want %s", heard, got, want)
		}
	}
}

func TestWhatIsNotANameIsNotFound(t *testing.T) {
	o := demo(t)
	tests := []struct{ heard, want string }{
		{"", "client.unheard"},
		{"   ", "client.unheard"},
		{"?", "client.unheard"},
		{"<speak></speak>", "client.unheard"},
		{"&lt;audio/&gt;", "client.unheard"},
		{"zebra", "client.none"},
		{"阿克梅", "client.none"},
		{"акме", "client.none"},
		{"12345678901234567890123", "client.none"},
		{"one hundred thousand million thousand thousand", "client.none"},
		{"/etc/passwd", "client.none"},
		{"\x00\xff\xfe", "client.unheard"},
		{strings.Repeat("acme ", 5000), "? Acme Corporation"},
		{strings.Repeat("z", 100_000), "client.none"},
		{"the", "client.none"},
	}
	for _, tt := range tests {
		if got := o.hear(t, tt.heard); got != tt.want {
			t.Errorf("%.20q: %s, want %s", tt.heard, got, tt.want)
		}
	}
	if got := o.hear(t, "<b>acme</b> <script>"); got != "Acme Corporation: lease" {
		t.Errorf("markup around a name: %s", got)
	}
}

func TestNamesAreFoundHoweverTheyAreWritten(t *testing.T) {
	o := open(t)
	for _, name := range []string{"Müller & Söhne GmbH", "Studio 54", "3M Company", "21st Century Films", "1-800-Flowers", "McDonald Farms",
		"First National Bank", "Łódź Textiles", "Smith v. Jones", "J.P. Morrow", "東京商事", "Wendy's", "The Boathouse"} {
		o.client(t, name, "advice")
	}
	for heard, want := range map[string]string{
		"muller and sohne":           "Müller & Söhne GmbH",
		"mueller":                    "Müller & Söhne GmbH",
		"studio fifty four":          "Studio 54",
		"studio five four":           "Studio 54",
		"three m":                    "3M Company",
		"twenty first century films": "21st Century Films",
		"one eight hundred flowers":  "1-800-Flowers",
		"mc donald":                  "McDonald Farms",
		"first national":             "First National Bank",
		"lodz textiles":              "Łódź Textiles",
		"smith versus jones":         "Smith v. Jones",
		"j. p. morrow":               "J.P. Morrow",
		"東京商事":                       "東京商事",
		"wendy":                      "Wendy's",
		"boat house":                 "The Boathouse",
	} {
		if got := o.hear(t, heard); got != want+": advice" {
			t.Errorf("%q: %s, want %s", heard, got, want)
		}
	}
}

func TestAClientIsFoundByItsNumberAndByWhatElseItIsCalled(t *testing.T) {
	o := open(t)
	c := o.client(t, "Consolidated Widgets", "advice")
	c.Number, c.Aliases = "1001", []string{"Connie", "the widget people"}
	o.change(t, c)
	for _, heard := range []string{"1001", "ten oh one", "one thousand one", "client one zero zero one", "connie", "conny", "widget people"} {
		if got := o.hear(t, heard); got != "Consolidated Widgets: advice" {
			t.Errorf("%q: %s", heard, got)
		}
	}
	c.Aliases = nil
	o.change(t, c)
	if got := o.hear(t, "connie"); got != "client.none" {
		t.Errorf("a name that was taken away still finds: %s", got)
	}
}

func TestAClosedClientOrOneWithoutOpenMatterIsSaidToBeClosed(t *testing.T) {
	o := demo(t)
	c := o.client(t, "Zeppelin", "advice")
	o.client(t, "Quaddle")
	m := o.matters(t, c)[0]
	m.Closed = true
	o.changeMatter(t, m)
	if got := o.hear(t, "zeppelin"); got != "client.closed" {
		t.Errorf("all matters closed: %s", got)
	}
	m.Closed = false
	o.changeMatter(t, m)
	if got := o.hear(t, "zeppelin"); got != "Zeppelin: advice" {
		t.Errorf("reopened: %s", got)
	}
	c.Closed = true
	o.change(t, c)
	if got := o.hear(t, "zeppelin"); got != "client.closed" {
		t.Errorf("closed client: %s", got)
	}
	if got := o.hear(t, "quaddle"); got != "client.closed" {
		t.Errorf("no matter: %s", got)
	}
}

func TestAClosedSoundAlikeNeitherWinsNorHides(t *testing.T) {
	o := open(t)
	o.client(t, "Schmidt Holdings", "lease")
	c := o.client(t, "Schmitt Logistics", "lease")
	c.Closed = true
	o.change(t, c)
	if got := o.hear(t, "schmidt"); got != "Schmidt Holdings: lease" {
		t.Errorf("the open one: %s", got)
	}
	if got := o.hear(t, "schmitt"); got != "? Schmidt Holdings" {
		t.Errorf("the closed one is meant, perhaps: %s", got)
	}
	if got := o.hear(t, "schmitt logistics"); got != "client.closed" {
		t.Errorf("the closed one in full: %s", got)
	}
}

func TestChosenIdsAreVerified(t *testing.T) {
	o, other := demo(t), demo(t)
	c := o.client(t, "Zeppelin", "advice", "appeal")
	foreign := other.client(t, "Zeppelin", "advice", "appeal", "third", "fourth")
	m, theirs := o.matters(t, c), other.matters(t, foreign)
	closed := m[1]
	closed.Closed = true
	tests := []struct {
		name   string
		spoken clients.Spoken
		want   string
	}{
		{"client and matter", clients.Spoken{Client: c.ID, Matter: m[0].ID, Heard: "ignored"}, "Zeppelin: advice"},
		{"client with two matters", clients.Spoken{Client: c.ID}, "which: appeal | advice"},
		{"the matter by its name", clients.Spoken{Client: c.ID, Heard: "the appeal matter"}, "Zeppelin: appeal"},
		{"a matter that does not exist", clients.Spoken{Client: c.ID, Matter: "0190"}, "client.none"},
		{"another firm's client", clients.Spoken{Client: "0190a000-0000-7000-8000-999999999999"}, "client.none"},
		{"a matter of another client", clients.Spoken{Client: c.ID, Matter: theirs[3].ID + "9"}, "client.none"},
		{"a path", clients.Spoken{Client: "../x"}, "client.none"},
		{"a path as a matter", clients.Spoken{Client: c.ID, Matter: "a/b"}, "client.none"},
		{"a long id", clients.Spoken{Client: strings.Repeat("a", 2000)}, "client.none"},
	}
	for _, tt := range tests {
		if got := o.find(t, tt.spoken); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	o.changeMatter(t, closed)
	if got := o.find(t, clients.Spoken{Client: c.ID, Matter: closed.ID}); got != "client.closed" {
		t.Errorf("closed matter: %s", got)
	}
	if got := o.find(t, clients.Spoken{Client: c.ID}); got != "Zeppelin: advice" {
		t.Errorf("one left open: %s", got)
	}
}

func TestAMattersNameAloneIsAskedAboutOrSaysNothing(t *testing.T) {
	o := open(t)
	o.client(t, "Zeppelin", "probate", "probate")
	if got := o.hear(t, "the probate"); got != "which: probate | probate" {
		t.Errorf("two matters of one name: %s", got)
	}
	o.client(t, "Acme Corporation", "probate")
	o.client(t, "Beta Industries", "probate")
	if got := o.hear(t, "the probate matter"); got != "? Acme Corporation | Beta Industries | Zeppelin" {
		t.Errorf("three clients with one: %s", got)
	}
	o.client(t, "Gamma Works", "probate")
	if got := o.hear(t, "the probate matter"); got != "client.none" {
		t.Errorf("more clients than can be asked about: %s", got)
	}
}

// Questions about all that was done for a client take any of its matters, and a closed client; never one of two.
func TestAClientIsMeantWhicheverOfItsMattersIs(t *testing.T) {
	o := open(t)
	marlow := o.client(t, "Marlow Group", "merger", "tax appeal")
	umber := o.client(t, "Umber Pottery", "kiln")
	for _, name := range []string{"Schmidt Holdings", "Schmitt Logistics"} {
		c := o.client(t, name, "advice")
		c.Closed = true
		o.change(t, c)
	}
	umber.Closed = true
	o.change(t, umber)
	for heard, want := range map[string]struct {
		id  string
		err error
	}{"marlow": {marlow.ID, nil}, "umber pottery": {umber.ID, nil}, "schmidt": {"", clients.ErrClosed}, "nobody knows": {"", clients.ErrNone}} {
		l, err := o.lookup(t.Context(), clients.Spoken{Heard: heard})
		if err != nil {
			t.Fatal(err)
		}
		if ref, err := l.Client(); ref.Client != want.id || !errors.Is(err, want.err) {
			t.Errorf("%s: %+v, %v; want %q, %v", heard, ref, err, want.id, want.err)
		}
	}
}
