package voice

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/locales"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/money/written"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

func TestNumbersAreSaidInWords(t *testing.T) {
	for n, want := range map[int64]string{
		0: "zero", 7: "seven", 13: "thirteen", 20: "twenty", 63: "sixty-three", 100: "one hundred", 120: "one hundred twenty",
		999: "nine hundred ninety-nine", 1000: "one thousand", 1001: "one thousand one", 12_345: "twelve thousand three hundred forty-five",
		1_000_000: "one million", -5: "minus five", 9_223_372_036_854_775_807: "nine quintillion two hundred twenty-three quadrillion three hundred seventy-two trillion thirty-six billion eight hundred fifty-four million seven hundred seventy-five thousand eight hundred seven",
	} {
		if got := (english{}).number(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestMoneyIsSaidInTheCurrencysWords(t *testing.T) {
	w := wordsFor("en-US")
	for _, c := range []struct {
		amount money.Amount
		want   string
	}{
		{money.Of(12000, "USD"), "one hundred twenty dollars"}, {money.Of(100, "USD"), "one dollar"}, {money.Of(101, "USD"), "one dollar and one cent"},
		{money.Of(30, "USD"), "thirty cents"}, {money.Of(0, "USD"), "zero dollars"}, {money.Of(-150, "USD"), "minus one dollar and fifty cents"},
		{money.Of(150, "GBP"), "one pound and fifty pence"}, {money.Of(500, "JPY"), "five hundred yen"}, {money.Of(1, "EUR"), "one cent"},
	} {
		if got := w.money(c.amount); got != c.want {
			t.Errorf("%v: %q, want %q", c.amount, got, c.want)
		}
	}
	if got := parse(w.money(money.Of(1234, "CHF"))).Text(); got != "1 2 . 3 4 CHF" {
		t.Errorf("a currency without words: %q", got)
	}
}

func TestBilledTimeIsSaidAsLawyersSayIt(t *testing.T) {
	w := wordsFor("en-US")
	for seconds, want := range map[int64]string{
		1440: "point four hours", 3600: "one hour", 7200: "two hours", 4320: "one point two hours", 900: "point two five hours", 4500: "one point two five hours",
		36: "point zero one hours", 0: "zero hours", 1234: "twenty minutes", 59: "less than a minute", 3900 + 1: "one hour and five minutes",
	} {
		if got := w.hours(seconds); got != want {
			t.Errorf("%d s: %q, want %q", seconds, got, want)
		}
	}
}

func TestSpeechEscapesWhatIsNotOurs(t *testing.T) {
	s := parse("Started " + clean(`<break time="9s"/> & O'Brien`+"\n\uE000 12") + ". The card ends " + digits("42\uE00142") + ".")
	if got, want := s.SSML(), `<speak>Started &lt;break time=&quot;9s&quot;/&gt; &amp; O&apos;Brien 12. The card ends <say-as interpret-as="digits">4242</say-as>.</speak>`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := s.Text(), `Started <break time="9s"/> & O'Brien 12. The card ends 4 2 4 2.`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestATemplateInANameIsOnlyAName(t *testing.T) {
	if got := wordsFor("en-US").sentence("clock.started", vars{"Name": clean("{{.Name}} {{template}}")}); got != "Started {{.Name}} {{template}}." {
		t.Errorf("got %q", got)
	}
}

// Every sentence that the code can say is in every catalogue, and no catalogue has one that nobody says.
func TestTheCataloguesHaveWhatIsSaidAndNothingElse(t *testing.T) {
	said := saidInCode(t)
	for _, f := range faults {
		said["fault."+f.Code] = true
	}
	for _, tag := range locales.Tags() {
		w := wordsFor(tag)
		for id := range said {
			if !w.has(id) && !optional(id) {
				t.Errorf("%s lacks %q", tag, id)
			}
		}
		for id := range w.messages {
			if !said[id] && !family(id) {
				t.Errorf("%s has %q, which nobody says", tag, id)
			}
		}
	}
}

// faults are those that a domain method called by voice returns, as their packages list them. Without an entry in the
// catalogue their own message is said.
var faults = []*fault.Error{
	clients.ErrClosed, timekeeping.ErrNoClock, timekeeping.ErrNoPaused, timekeeping.ErrSkew, timekeeping.ErrFull, timekeeping.ErrNoEntry,
	timekeeping.ErrBilled, timekeeping.ErrNote, timekeeping.ErrDictation, billing.ErrNothing, billing.ErrOnlyOthers, billing.ErrOnHold,
	billing.ErrUnapproved, billing.ErrEmpty, billing.ErrHeld, billing.ErrSettled, billing.ErrCurrency, charging.ErrNothingToCharge, charging.ErrNoCard,
	charging.ErrLimit, charging.ErrCeiling, charging.ErrChanged, charging.ErrNoProcessor, charging.ErrLater, firm.ErrCodeLocked, firm.ErrCodeUnset,
	firm.ErrForbidden, firm.ErrReused, billing.ErrAdding, billing.ErrNotOnHold, billing.ErrUnconfirmed, timekeeping.ErrCost, charging.ErrPart,
	clients.ErrCalled, clients.ErrAlias, ErrWord,
	timekeeping.ErrOther, timekeeping.ErrWhen, timekeeping.ErrFuture, timekeeping.ErrLongAgo, timekeeping.ErrBefore, timekeeping.ErrOver,
	timekeeping.ErrDuration, timekeeping.ErrDay, timekeeping.ErrMany, timekeeping.ErrSame, timekeeping.ErrTimeless, timekeeping.ErrNothing, timekeeping.ErrSure,
	timekeeping.ErrPeriod, clients.ErrNoneUsed, clients.ErrTooManyUsual,
}

// family reports whether an id is one of a family that is chosen by data: a question, a kind, a currency, a brand.
func family(id string) bool {
	for _, prefix := range []string{"again.", "help.", "kind.", "money.", "figure.", "card.brand.", "reason.", "mail.", "then.", "when.", "screen.", "undo.", "weekday.", "month.", "pick."} {
		if strings.HasPrefix(id, prefix) {
			return true
		}
	}
	return strings.HasSuffix(id, ".discreet")
}

// optional ids are only the beginning or the end of a family's.
func optional(id string) bool { return strings.HasSuffix(id, ".") || strings.HasPrefix(id, ".") }

// saidInCode is every string in the package's source that is the first argument of a call that says something, or is
// assigned to an id.
func saidInCode(t *testing.T) map[string]bool {
	t.Helper()
	said := map[string]bool{"fault.internal": true}
	says := map[string]int{"say": 0, "and": 0, "asking": 1, "listen": 0, "listening": 0, "show": 0, "sentence": 0, "count": 0, "counting": 0, "plural": 0,
		"about": 0, "share": 0, "whenEnded": 1, "list": 0, "again": 0, "who": 0, "meanwhile": 1, "missing": 1, "offerTheirs": 1, "putOnHold": 2}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
					if i, ok := says[sel.Sel.Name]; ok && i < len(n.Args) {
						add(said, n.Args[i])
					}
				}
			case *ast.AssignStmt:
				if id, ok := n.Lhs[0].(*ast.Ident); ok && (id.Name == "id" || id.Name == "brand") {
					add(said, n.Rhs[0])
				}
			}
			return true
		})
	}
	return said
}

func add(said map[string]bool, e ast.Expr) {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if id, err := strconv.Unquote(lit.Value); err == nil {
			said[id] = true
		}
	}
}

func TestEveryQuestionHasItsHelpAndItsReprompt(t *testing.T) {
	for _, tag := range locales.Tags() {
		w := wordsFor(tag)
		for _, q := range Questions {
			for _, id := range []string{"again." + string(q), "help." + string(q)} {
				if !w.has(id) {
					t.Errorf("%s: no %q", tag, id)
				}
			}
			if again := w.sentence("again."+string(q), vars{"Choices": "a or b"}); !strings.HasSuffix(again, "?") {
				t.Errorf("%s: the reprompt of %q is no question: %q", tag, q, again)
			}
		}
	}
}

func TestAnUnknownLocaleGetsTheNearestWords(t *testing.T) {
	for _, locale := range []string{"", "en-GB", "de-DE", "no locale at all", "xx"} {
		if w := wordsFor(locale); w == nil || w.sentence("done") != "Okay." {
			t.Errorf("%q has no words", locale)
		}
	}
}

// The library's data are CLDR's; it is not linked into the skill.
func TestFiguresOnACardAreAsCLDRWritesThem(t *testing.T) {
	for _, locale := range locales.Tags() {
		for _, code := range []string{"USD", "CAD", "AUD", "EUR", "GBP", "INR", "JPY", "CHF", "KWD"} {
			for _, minor := range []int64{0, 5, -5, 12000, 99999, 123450, 123456789, -12345678901} {
				a := money.Of(minor, code)
				if got, want := wordsFor(locale).figures(a), written.Amount(a, locale); got != want {
					t.Errorf("%v in %s: %q, want %q", a, locale, got, want)
				}
			}
		}
	}
}
