package token

import "github.com/billingclerk/billingclerk/internal/firm"

// Purposes of account linking. One's token is nothing for the other.
const (
	codePurpose    = "bcc1"
	refreshPurpose = "bcr1"
)

// Link names a link that is being made, or one that lives, and which of its refresh tokens this is.
type Link struct {
	Firm       string `json:"f"`
	Person     string `json:"p"`
	Grant      string `json:"g"`
	Session    string `json:"s,omitempty"` // of a code: the session that allowed it
	Generation int    `json:"n,omitempty"` // of a refresh token: from 1
}

// Code returns the authorisation code of a link that a session has just allowed. The same link has the same code.
func (t *Signer) Code(l Link) string {
	l.Generation = 0
	return t.sign(codePurpose, l)
}

// OpenCode returns the link of a code. It does not say that the code is still good: its record does. Errors: ErrToken.
func (t *Signer) OpenCode(code string) (Link, error) {
	var l Link
	if !t.open(codePurpose, code, &l) || !whole(l.Firm, l.Person, l.Grant, l.Session) {
		return Link{}, ErrToken
	}
	return l, nil
}

// Refresh returns the refresh token of a generation of a link. The same generation has the same token, so that one
// whose answer was lost can be given again, and the store need not hold it.
func (t *Signer) Refresh(l Link) string {
	l.Session = ""
	return t.sign(refreshPurpose, l)
}

// OpenRefresh returns the link and the generation of a refresh token; which generations are good, its record says.
// Errors: ErrToken.
func (t *Signer) OpenRefresh(token string) (Link, error) {
	var l Link
	if !t.open(refreshPurpose, token, &l) || !whole(l.Firm, l.Person, l.Grant) || l.Generation < 1 {
		return Link{}, ErrToken
	}
	return l, nil
}

// OpenLapsed returns the caller of an access token that may have expired: enough to end a link, for nothing else.
// Errors: ErrToken.
func (t *Signer) OpenLapsed(token string) (firm.Caller, error) {
	var a access
	if !t.open(accessPurpose, token, &a) || !whole(a.Firm, a.Person, a.Grant) {
		return firm.Caller{}, ErrToken
	}
	return firm.Caller{Firm: a.Firm, Person: a.Person, Grant: a.Grant, Channel: firm.ByVoice}, nil
}
