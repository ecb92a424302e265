//go:build browser

package local

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/web/webtest"
)

// newHouse is a self-hosted installation without a firm, whose skill is linked by amazon.
func newHouse(t *testing.T, a *amazon) *house {
	t.Helper()
	dir := t.TempDir()
	secret := filepath.Join(dir, "oauth-secret")
	if err := os.WriteFile(secret, []byte(clientSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	h := moveIn(t, dir, a.clock, Options{Alexa: a.verifier()}, "CLERK_DEMO", "0",
		"CLERK_VENDOR_ID", vendor, "CLERK_OAUTH_CLIENT", "alexa", "CLERK_OAUTH_SECRET", "file:"+secret, "CLERK_OAUTH_PKCE", "1")
	a.clientOf(strings.Replace(h.URL, "127.0.0.1", "localhost", 1))
	return h
}

var mailed = regexp.MustCompile(`http://\S+/welcome/\S+`)

// link is the one in the newest letter, at the address where passkeys work.
func (h *house) link(t *testing.T) string {
	t.Helper()
	if err := h.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	letters, err := filepath.Glob(filepath.Join(h.mailDir(), "*.eml"))
	if err != nil || len(letters) == 0 {
		t.Fatal(len(letters), err)
	}
	text, err := os.ReadFile(letters[len(letters)-1])
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(string(text)) // quoted-printable, as far as an address has it
	return strings.Replace(mailed.FindString(plain), "127.0.0.1", "localhost", 1)
}

func TestAFirmIsOpenedItsLawyerInvitedLinkedAndUnlinkedInABrowser(t *testing.T) {
	clock := firmtest.NewClock()
	a := newAmazon(t, clock)
	h := newHouse(t, a)
	site := a.site
	eve, ben := webtest.Open(t), webtest.Open(t, webtest.Elsewhere(amazonHost, a.server.Listener.Addr().String())...)
	ben.Authenticator()

	// Eve opens the firm with the secret that was printed, and invites Ben.
	eve.Go(site + "/setup")
	eve.Shoot("setup")
	for field, text := range map[string]string{
		"#secret": h.Server.secret, "#firm": "Marsh and Vale", "#zone": "Europe/London", "#currency": "GBP", "#name": "Eve Marsh",
		"#email": "eve@marsh.test", "#password": "seven quiet otters rowing",
	} {
		eve.Type(field, text)
	}
	eve.Follow("form[action='/setup'] button")
	eve.Says("Welcome. You are signed in.", "Marsh and Vale", "Eve Marsh")
	eve.Go(site + "/console/firm")
	eve.Type("#rate", "250")
	eve.Follow("form[action='/console/firm'] button")
	eve.Go(site + "/console/people")
	eve.Says("Nobody else is here yet")
	eve.Shoot("people-alone")
	eve.Type("#email", "ben@marsh.test")
	eve.Type("#name", "Ben Vale")
	eve.Follow("form[action='/console/people/invite'] button")
	eve.Says("Ben Vale", "invited")

	// Ben joins by the link in his mail, which works once.
	link := h.link(t)
	ben.Go(link)
	ben.Says("Join Marsh and Vale", "ben@marsh.test")
	ben.Shoot("welcome")
	ben.Type("#password", "nine brown herons landing")
	ben.Follow("form[action^='/welcome/'] button")
	ben.Says("Welcome. You are signed in.", "Ben Vale")
	eve.Go(link)
	eve.Says("That link does not work any more")

	// He sets a passkey at once, and later, after proving himself again by it, his voice code.
	ben.Go(site + "/console/account")
	ben.Type("#passkey-name", "Phone")
	ben.Follow("#new-passkey button")
	ben.Says("The passkey is added.")
	clock.Advance(11 * time.Minute)
	s := signing{ben, h, site}
	s.setCode("4711")
	ben.Says("Is it you?")
	ben.Follow("#passkey button")
	s.setCode("4711")
	ben.Says("Your voice code is set.")
	s.out()

	tokens := a.links(t, ben)
	h.openClient(t, "Acme Corporation")
	echo := a.device(h, tokens.AccessToken)
	a.hears(echo, "tell billing clerk to start clock with customer acme", "Started Acme Corporation")
	clock.Advance(24 * time.Minute)
	a.hears(echo, "tell billing clerk to stop clock with customer acme", "Stopped Acme Corporation at point four hours")
	a.hears(echo, "tell billing clerk to add last transaction from customer acme to bill", "Added point four hours")
	a.hears(echo, "tell billing clerk to charge customer acme credit card and send invoice", "What's your code?")
	a.hears(echo, "1 2 3 4", "Two tries are left.")
	a.hears(echo, "4 7 1 1", "There is no card on file")

	// He unlinks it on his account, and from the next sentence on nobody answers for him.
	ben.Go(site + "/console/account")
	ben.Says("Linked Alexa accounts", "Whoever speaks to a device of these accounts acts in your name.")
	ben.Click("#links summary")
	ben.Shoot("account-linked")
	ben.Follow("#links form button")
	ben.Says("That Alexa account is unlinked.", "open the Billing Clerk skill and choose “Link account”")
	if x := a.hears(echo, "tell billing clerk to start clock with customer acme", "link"); !x.Link || strings.Contains(x.Speech, "Acme") {
		t.Fatalf("no card asks to link: %s", x.Response)
	}
	if _, err := a.TokenSource(t.Context(), &oauth2.Token{RefreshToken: tokens.RefreshToken}).Token(); err == nil {
		t.Fatal("Amazon gets new tokens for a link that has ended")
	}
}

// links is Ben linking his account from the Alexa app, signing in on the way; it returns Amazon's tokens.
func (a *amazon) links(t *testing.T, ben *webtest.Browser) *oauth2.Token {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	ben.Go(a.AuthCodeURL("A2S/=+", oauth2.S256ChallengeOption(verifier)))
	ben.Says("Sign in")
	ben.Follow("#passkey button")
	ben.Says("Link Alexa to Billing Clerk?", "You are signed in as Ben Vale of Marsh and Vale.", "Amazon hears what you say")
	ben.Shoot("consent")
	ben.Follow("button[value=allow]")
	ben.Says("Your account has been linked.")
	told := <-a.told
	if told.Get("state") != "A2S/=+" || told.Has("error") {
		t.Fatal(told)
	}
	tokens, err := a.Exchange(t.Context(), told.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func (h *house) openClient(t *testing.T, name string) {
	t.Helper()
	c := firm.System(h.Server.setup.Firm, "client-"+name)
	if _, _, err := h.Directory.Open(t.Context(), c, clients.Client{Number: "1", Name: name}, clients.Matter{Name: "lease"}); err != nil {
		t.Fatal(err)
	}
}
