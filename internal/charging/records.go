package charging

import (
	"fmt"
	"strings"

	"github.com/billingclerk/billingclerk/internal/store"
)

// Records:
//
//	attempt/<id>            attempt     Attempt
//	attempts/<invoice>      <n>         trail: an invoice's attempts in order
//	known/<word>            attempt     trail: which attempt a refund's key or a processor's payment belongs to
//	authorisation/<client>  card        Authorisation
//	attention               <attempt>   trail: a queue that people empty
//	print                   <invoice>   Printable: a queue that people empty
//
// and in the system's view store.Webhooks, <endpoint>/<event id>: the event was applied.

// trail leads to an attempt.
type trail struct {
	Attempt string `json:"attempt"`
}

func attemptKey(v store.View, id string) store.Key { return v.Key("attempt", "attempt", id) }

func orderKey(v store.View, a Attempt) store.Key {
	return v.Key(fmt.Sprintf("%06d", a.N), "attempts", a.Invoice)
}

func knownKey(v store.View, word string) store.Key { return v.Key("attempt", "known", word) }

func authorisationKey(v store.View, client string) store.Key {
	return v.Key("card", "authorisation", client)
}

func attentionKey(v store.View, attempt string) store.Key { return v.Key(attempt, "attention") }

func printKey(v store.View, invoice string) store.Key { return v.Key(invoice, "print") }

func seenKey(b store.Backend, endpoint, event string) store.Key {
	return store.System(b, store.Webhooks).Key(event, endpoint)
}

// part reports whether a word from outside may be part of a key.
func part(word string) bool {
	return word != "" && len(word) <= 200 && !strings.Contains(word, "/")
}
