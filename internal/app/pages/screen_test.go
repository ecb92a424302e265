package pages

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// Names and ids that no other page of the demo holds.
const (
	secretClient, secretMatter = "Quixote Holdings", "windmill merger"
	noID                       = "0190a000-0000-7000-8000-999999999999"
)

var (
	anID   = regexp.MustCompile(`0190a000-0000-7000-8000-\d{12}`)
	nonce  = regexp.MustCompile(`nonce="[^"]*"`)
	places = regexp.MustCompile(`\{([a-z]+)\}`)
)

// plain is a page without what differs between two askings of it.
func plain(page string) string { return nonce.ReplaceAllString(anID.ReplaceAllString(page, "ID"), "") }

// offices are two of the same, but that in the second there are two clients more, with one of everything that a list can
// show, and from whose matters Ben is screened.
func offices(t *testing.T) (without, with *world, secret affairs) {
	t.Helper()
	until := time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC)
	for _, w := range []**world{&without, &with} {
		*w = newWorld(t)
		(*w).open(t, "Beta Industries", "lease", "office@beta.test")
		(*w).open(t, "Gamma Foods", "sale", "")
	}
	secret = with.open(t, secretClient, secretMatter, "office@quixote.test")
	other := with.open(t, "Quixote Foundation", "windmill lease", "")
	for _, a := range []affairs{secret, other} {
		with.must(t, with.system.Directory.Screen(t.Context(), with.console(), a.client, a.matter, clients.Screening{Add: []string{with.ben.Person}, Reason: "his brother works there"}))
	}
	without.wait(t, until)
	with.wait(t, until)
	return without, with, secret
}

// TestForWhomItIsScreenedFromAMatterDoesNotExist: every page of the console is the same to Ben as in an office that never
// had the matter, with its sums and counts; and every address that names something of it answers as for nothing. The list
// of pages is the list of routes, so a new one is covered by itself.
func TestForWhomItIsScreenedFromAMatterDoesNotExist(t *testing.T) {
	without, with, secret := offices(t)
	ben, before, ada := with.signIn(t, "ben@demo.test"), without.signIn(t, "ben@demo.test"), with.signIn(t, "ada@demo.test")
	letter := deadLetter(t, with, secret)
	var shown []string
	for _, r := range members(with, http.MethodGet) {
		if path := strings.TrimSuffix(r.Path, "{$}"); !strings.Contains(path, "{") && same(t, path, ada, ben, before) {
			shown = append(shown, path)
		}
	}
	if want := []string{"/console/", "/console/clients", "/console/invoices", "/console/ledger"}; !slices.Equal(shown, want) {
		t.Errorf("pages that show Ada what Ben must not see: %q; want %q", shown, want)
	}
	form := url.Values{"reason": {"why"}, "person": {noID}, "outcome": {"never"}, "task": {"dispute"}, "name": {"x"}}
	for _, r := range members(with, "") {
		for _, path := range addresses(r.Path, secret, letter) {
			status, page := ben.ask(r.Method, path, form)
			none, nothing := ben.ask(r.Method, anID.ReplaceAllString(path, noID), form)
			if told(page) || status != none || plain(page) != plain(nothing) {
				t.Errorf("%s %s: %d, and for what is not there %d: %s", r.Method, path, status, none, apart(page, nothing))
			}
		}
	}
	if status, _ := ada.ask(http.MethodGet, "/console/clients/"+secret.client+"/matters/"+secret.matter, nil); status != http.StatusOK {
		t.Error("it is not there for Ada either")
	}
}

// members are the routes for people who are signed in; of a method, if one is given.
func members(w *world, method string) (list []site.Route) {
	for _, r := range w.site.Routes() {
		if r.Who == site.Member && (method == "" || r.Method == method) {
			list = append(list, r)
		}
	}
	return list
}

// same compares a page in both offices, and reports whether it shows Ada more than Ben.
func same(t *testing.T, path string, ada, ben, before *visitor) bool {
	t.Helper()
	_, mine := ben.ask(http.MethodGet, path, nil)
	_, never := before.ask(http.MethodGet, path, nil)
	if told(mine) || plain(mine) != plain(never) {
		t.Errorf("%s is another than without the matter: %s", path, apart(mine, never))
	}
	_, hers := ada.ask(http.MethodGet, path, nil)
	name := strings.NewReplacer("ada@", "ben@", "Ada", "Ben")
	return plain(name.Replace(hers)) != plain(name.Replace(mine)) && !strings.Contains(path, "account") && path != "/console/people"
}

// apart is the first line in which two pages differ.
func apart(a, b string) string {
	others := strings.Split(plain(b), "\n")
	for i, line := range strings.Split(plain(a), "\n") {
		if i >= len(others) || line != others[i] {
			return fmt.Sprintf("%q, %q", line, strings.Join(others[min(i, len(others)):min(i+1, len(others))], ""))
		}
	}
	return "in length alone"
}

func told(page string) bool {
	page = strings.ToLower(page)
	return strings.Contains(page, "quixote") || strings.Contains(page, "windmill")
}

// addresses are a route's paths with each id of the matter in the places where it could be meant; none when there is no
// such place.
func addresses(path string, a affairs, letter string) (list []string) {
	fixed := map[string]string{"client": a.client, "matter": a.matter}
	for _, id := range []string{a.paid, a.unknown, letter, a.matter} {
		list = append(list, places.ReplaceAllStringFunc(path, func(p string) string {
			if v, ok := fixed[strings.Trim(p, "{}")]; ok {
				return v
			}
			return id
		}))
	}
	if !places.MatchString(path) {
		return nil
	}
	return list
}

// deadLetter is the id of a message about the matter that could not be delivered.
func deadLetter(t *testing.T, w *world, a affairs) string {
	t.Helper()
	all, err := letters{w.system.House, w.system.Charges}.DeadLetters(t.Context(), w.console())
	w.must(t, err)
	bens, err := letters{w.system.House, w.system.Charges}.DeadLetters(t.Context(), w.Ask(w.ben))
	w.must(t, err)
	for _, l := range all {
		hidden := true
		for _, b := range bens {
			hidden = hidden && b.ID != l.ID
		}
		if hidden {
			return l.ID
		}
	}
	t.Fatal(fmt.Sprint("no dead letter is hidden from Ben: ", len(all), len(bens)))
	return ""
}
