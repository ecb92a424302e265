// Package token makes and opens signed tokens: of linked accounts, and of pay links. They are signed, not encrypted,
// and hold ids only. It stands apart from auth because the skill opens tokens and signs nobody in.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	quick "github.com/segmentio/encoding/json"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// Signer makes and opens tokens: purpose and version, key id, payload, and an HMAC-SHA256 over all three.
type Signer struct {
	Keys [][]byte // of at least 32 bytes each; the first signs, all open, so that keys can be replaced one by one
	Now  func() time.Time
}

// Purposes. A token for one is nothing for another.
const (
	accessPurpose = "bca1"
	payPurpose    = "bcp1"
)

const (
	minKey   = 32   // bytes
	maxToken = 1024 // bytes; ours are shorter, and nobody may make us hash more
)

// access is what a linked account's token says.
type access struct {
	Firm    string `json:"f"`
	Person  string `json:"p"`
	Grant   string `json:"g"`
	Expires int64  `json:"x"` // Unix seconds; from then on it is worth nothing
}

type pay struct {
	Firm    string `json:"f"`
	Invoice string `json:"i"`
}

// Access returns a token that carries firm, person and grant for ttl, whole seconds. It does not say that the grant
// lives: every act reads that.
func (t *Signer) Access(c firm.Caller, ttl time.Duration) string {
	return t.sign(accessPurpose, access{c.Firm, c.Person, c.Grant, t.Now().Add(ttl).Unix()})
}

// Open returns the caller that an access token carries, on the voice channel and without a request id.
// Errors: ErrToken for whatever is forged, expired, cut, or made for another purpose.
func (t *Signer) Open(token string) (firm.Caller, error) {
	var a access
	if !t.open(accessPurpose, token, &a) || !whole(a.Firm, a.Person, a.Grant) || t.Now().Unix() >= a.Expires {
		return firm.Caller{}, ErrToken
	}
	return firm.Caller{Firm: a.Firm, Person: a.Person, Grant: a.Grant, Channel: firm.ByVoice}, nil
}

// Pay returns the token of a payer's link. It does not expire: the invoice's state decides what it opens.
func (t *Signer) Pay(firmID, invoice string) string { return t.sign(payPurpose, pay{firmID, invoice}) }

// OpenPay returns what a pay token opens. Errors: ErrToken.
func (t *Signer) OpenPay(token string) (firmID, invoice string, err error) {
	var p pay
	if !t.open(payPurpose, token, &p) || !whole(p.Firm, p.Invoice) {
		return "", "", ErrToken
	}
	return p.Firm, p.Invoice, nil
}

// whole reports whether ids are such as may become parts of keys.
func whole(ids ...string) bool {
	for _, id := range ids {
		if id == "" || strings.Contains(id, "/") {
			return false
		}
	}
	return true
}

// exact takes each signature in one spelling only.
var exact = base64.RawURLEncoding.Strict()

func (t *Signer) sign(purpose string, payload any) string {
	if len(t.Keys) == 0 || len(t.Keys[0]) < minKey {
		panic("token: tokens need a key of at least 32 bytes")
	}
	body, err := json.Marshal(payload)
	if err != nil {
		panic("token: a token must encode as JSON: " + err.Error())
	}
	signed := purpose + "." + keyID(t.Keys[0]) + "." + exact.EncodeToString(body)
	return signed + "." + exact.EncodeToString(mac(t.Keys[0], signed))
}

func (t *Signer) open(purpose, token string, payload any) bool {
	if len(token) > maxToken {
		return false
	}
	meant, rest, _ := strings.Cut(token, ".")
	id, rest, _ := strings.Cut(rest, ".")
	text, signature, _ := strings.Cut(rest, ".")
	key := t.key(id)
	given, err := exact.DecodeString(signature) // a further dot is none of its letters
	if meant != purpose || key == nil || err != nil || !hmac.Equal(given, mac(key, token[:len(token)-len(signature)-1])) {
		return false
	}
	body, err := exact.DecodeString(text)
	return err == nil && quick.Unmarshal(body, payload) == nil
}

// key returns the key of an id; nil when there is none, or none that may be used.
func (t *Signer) key(id string) []byte {
	for _, k := range t.Keys {
		if len(k) >= minKey && keyID(k) == id {
			return k
		}
	}
	return nil
}

// keyID names a key by a hash of it, so that there are no names to keep. Four bytes of it tell nothing of a random key.
func keyID(key []byte) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:4])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// ErrToken means that a token proves nothing.
var ErrToken = fault.New(fault.Unauthenticated, "auth.token", "That link or sign-in is not valid any more.")
