package token

// mailedPurpose is of links in mails about an account.
const mailedPurpose = "bcm1"

// Mailed names the record that a link in a mail stands for. That the link works once, and for how long, is the record's
// to say: the token holds nothing secret but its signature.
type Mailed struct {
	Kind   string `json:"k"` // "invite", "reset", "address"
	Firm   string `json:"f"`
	Person string `json:"p"`
	ID     string `json:"i"`
}

// Mail returns the token of a link in a mail. The same record has the same token.
func (t *Signer) Mail(m Mailed) string { return t.sign(mailedPurpose, m) }

// OpenMail returns what a link's token names. Errors: ErrToken.
func (t *Signer) OpenMail(token string) (Mailed, error) {
	var m Mailed
	if !t.open(mailedPurpose, token, &m) || !whole(m.Kind, m.Firm, m.Person, m.ID) {
		return Mailed{}, ErrToken
	}
	return m, nil
}
