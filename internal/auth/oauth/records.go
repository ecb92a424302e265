package oauth

import (
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/store"
)

// link is one link from its consent on. It stands beside the grant and not in it: every spoken command checks in its
// commit that the grant is as it was read, and a refresh at that moment must not get in its way.
type link struct {
	Client     string    `json:"client"`
	Redirect   string    `json:"redirect"`
	Challenge  string    `json:"challenge,omitempty"` // S256
	Allowed    time.Time `json:"allowed"`
	Redeemed   time.Time `json:"redeemed,omitzero"`
	Generation int       `json:"generation"` // of the newest refresh token; 0: the code was not redeemed
}

// offered reports whether the code is still to be redeemed.
func (l link) offered() bool { return l.Generation == 0 }

func linkKey(v store.View, l token.Link) store.Key { return v.Key(l.Grant, "links", l.Person) }
