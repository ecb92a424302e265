package account

import (
	"net/http"

	"github.com/billingclerk/billingclerk/internal/web/site"
)

var (
	saidEnded    = site.Say("account.session", "That session is ended.")
	saidAlone    = site.Say("account.sessions", "You are signed out everywhere else.")
	saidUnlinked = site.Say("account.unlinked", "That Alexa account is unlinked. It gets no answer any more.")
)

func (c Config) endSession(w http.ResponseWriter, r *http.Request) error {
	return c.end(w, r, saidEnded)
}

func (c Config) unlink(w http.ResponseWriter, r *http.Request) error {
	return c.end(w, r, saidUnlinked)
}

// end ends one of the visitor's own grants.
func (c Config) end(w http.ResponseWriter, r *http.Request, said string) error {
	v := site.Visiting(r)
	return c.done(w, r, c.Desk.Unlink(r.Context(), v.Caller, v.Person.ID, r.PathValue("grant")), "", said)
}

func (c Config) endOthers(w http.ResponseWriter, r *http.Request) error {
	return c.done(w, r, c.Desk.EndOthers(r.Context(), site.Visiting(r).Caller), "", saidAlone)
}
