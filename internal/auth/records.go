package auth

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// account is what an e-mail address signs in to, under the keyed hash of the address.
type account struct {
	Firm   string `json:"firm"`
	Person string `json:"person"`
	Hash   string `json:"hash"` // argon2id, with its parameters
}

// login is the firm's own pointer to a person's account, so that a new address leaves no old one behind.
type login struct {
	Account string `json:"account"`
}

// tries counts sign-ins that were begun and did not succeed since the last that did.
type tries struct {
	Failed int       `json:"failed"`
	Next   time.Time `json:"next"`           // no further try before
	Known  time.Time `json:"known,omitzero"` // when the account was last signed in to from there
}

// session is one of the console's, under the hash of its token.
type session struct {
	Data      []byte    `json:"data"`
	Created   time.Time `json:"created"`
	Refreshed time.Time `json:"refreshed"`

	Firm, Person, Grant string // whose it is, once signed in
}

// seen is when a signed-in session was last used, as its person is told: to within refreshTime.
type seen struct {
	Used time.Time `json:"used"`
}

// addressHash is the account's name in the system's records, which must not list addresses.
func addressHash(h *firm.House, email string) (string, error) {
	sum, err := h.Hash("sign-in", normal(email))
	return hex.EncodeToString(sum), err
}

// normal takes spellings of one address as one: mailboxes do not differ by case in practice.
func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func accountKey(b store.Backend, hash string) store.Key {
	return store.System(b, store.SignIn).Key("account", hash)
}

// triesKey counts for an account as a whole, or with a place for the account from there.
func triesKey(h *firm.House, account, place string) (store.Key, error) {
	sum, err := h.Hash("sign-in tries", account, place)
	return store.System(h.Store, store.SignIn).Key("tries", hex.EncodeToString(sum)), err
}

func loginKey(v store.View, person string) store.Key { return v.Key(person, "logins") }

func seenKey(v store.View, person, grant string) store.Key { return v.Key(grant, "seen", person) }

func sessionKey(b store.Backend, hash string) store.Key {
	return store.System(b, store.Sessions).Key("session", hash)
}
