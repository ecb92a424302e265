package clients

import (
	"slices"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// maxUsed is how many matters are remembered of a person.
const maxUsed = 30

// used is the matters a person used, "<client>/<matter>", last used first. A question names them in this order.
type used struct {
	Matters []string `json:"matters"`
}

func (u used) rank(client, matter string) int {
	if i := slices.Index(u.Matters, client+"/"+matter); i >= 0 {
		return i
	}
	return len(u.Matters)
}

// rankClient is the rank of the client's matter that was used last.
func (u used) rankClient(client string) int {
	for i, m := range u.Matters {
		if len(m) > len(client) && m[:len(client)] == client && m[len(client)] == '/' {
			return i
		}
	}
	return len(u.Matters)
}

// readUsed adds the read of what the caller used last. Nobody but a person uses matters.
func readUsed(a *firm.Act) *store.Record {
	if a.Caller.Person == "" {
		return &store.Record{}
	}
	return a.Batch.Get(usedKey(a.Batch.View(), a.Caller.Person))
}

func (l *Lookup) lastUsed() (u used, err error) {
	err = store.Decode(*l.used, &u)
	return u, err
}

// Used returns the operation that notes a matter as the caller's last used of its client, for the commit that uses it; none
// when it is their last already, or when the caller is no person. A question about the client's matters then names it first,
// as Before.
func (l *Lookup) Used(ref Ref) ([]store.Op, error) {
	u, err := l.lastUsed()
	if err != nil || l.used.Key.Partition == "" || !goodID(ref.Client) || !goodID(ref.Matter) {
		return nil, err
	}
	this := ref.Client + "/" + ref.Matter
	if len(u.Matters) > 0 && u.Matters[0] == this {
		return nil, nil
	}
	u.Matters = slices.DeleteFunc(u.Matters, func(m string) bool { return m == this })
	u.Matters = slices.Insert(u.Matters, 0, this)
	u.Matters = u.Matters[:min(len(u.Matters), maxUsed)]
	return []store.Op{store.PutOp(*l.used, u)}, nil
}
