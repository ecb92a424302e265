package firm

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Grant is the leave to act for a person: a linked account or a signed-in session. Every act reads it and checks it
// again in its commit, so revoking it stops the very next write.
type Grant struct {
	ID      string    `json:"id"`
	Person  string    `json:"person"`
	Kind    GrantKind `json:"kind"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero: until it is revoked
	Revoked time.Time `json:"revoked,omitzero"`

	By    string `json:"by,omitempty"`    // what proved the person: "password", "passkey"
	Agent string `json:"agent,omitempty"` // what it was given to, without place or version: "Firefox on Windows"
}

// GrantKind is what a grant was made for.
type GrantKind string

// Kinds of grants.
const (
	LinkGrant    GrantKind = "link"
	SessionGrant GrantKind = "session"
)

// live reports whether a grant that was read under its person's and its own id still proves them.
func (g Grant) live() bool { return g.ID != "" && g.Revoked.IsZero() }

// NewGrant returns the operation that makes a grant live. Whoever commits it has proven who the person is.
func NewGrant(v store.View, g Grant) store.Op {
	op := store.CreateOp(grantKey(v, g.Person, g.ID), g)
	if !g.Expires.IsZero() {
		op = op.Until(g.Expires)
	}
	return op
}

// Admit gives a person, who has just proven who they are by other means, the session or link that grant describes (its
// kind, end, proof and agent), and commits ops with it. Only who has checked the proof may call it. It returns the
// caller they now are. Errors: ErrUnlinked when there is no such active person.
func (h *House) Admit(ctx context.Context, c Caller, grant Grant, ops func(ctx context.Context, id string) ([]store.Op, error)) (Caller, error) {
	c.Grant, c.Request = "", h.NewID()
	grant.ID, grant.Person = h.NewID(), c.Person
	err := h.Retry(ctx, func() error {
		act := h.Begin(c, Action{Name: "grant.admit"})
		act.admits = true
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		more, err := ops(ctx, grant.ID)
		if err != nil {
			return err
		}
		grant.Created = act.Now
		return act.Commit(ctx, nil, Entry{Subject: "grant/" + grant.ID, After: grant}, append(more, NewGrant(h.View(c), grant))...)
	})
	c.Grant = grant.ID
	return c, err
}

// GrantRead is the read of a grant, part of a batch.
type GrantRead struct{ record *store.Record }

// ReadGrant adds the read of a person's grant to a batch.
func ReadGrant(b *store.Batch, person, grant string) *GrantRead {
	return &GrantRead{b.Get(grantKey(b.View(), person, grant))}
}

// Grant returns the grant, after the batch ran. Errors: ErrNoGrant.
func (r *GrantRead) Grant() (Grant, error) {
	var g Grant
	if err := store.Decode(*r.record, &g); err != nil {
		return g, err
	}
	if g.ID == "" {
		return g, ErrNoGrant
	}
	return g, nil
}

// GrantsRead is the read of a person's grants, part of a batch.
type GrantsRead struct{ page *store.Page }

// ReadGrants adds the read of a person's grants, the newest first, to a batch.
func ReadGrants(b *store.Batch, person string) *GrantsRead {
	return &GrantsRead{b.Query(store.Query{Partition: b.View().Partition("grants", person), Limit: maxEnded, Desc: true})}
}

// maxEnded is how many grants one commit can end.
const maxEnded = 80

// End returns the operations that revoke the living grants of a kind, but for the act's own.
func (r *GrantsRead) End(a *Act, kind GrantKind) (ops []store.Op, err error) {
	grants, err := decodeAll[Grant](r.page.Records)
	for i, g := range grants {
		if g.Kind != kind || !g.Revoked.IsZero() || g.ID == a.Caller.Grant {
			continue
		}
		g.Revoked = a.Now
		ops = append(ops, store.ReplaceOp(r.page.Records[i], g).Until(a.Now.Add(keptRevoked)))
	}
	return ops, err
}

// overtaken reports whether a grant was ended without being named: by its person's leaving, or with all their sessions.
func (g Grant) overtaken(p Person) bool {
	return g.Created.Before(p.Ended) || g.Kind == SessionGrant && g.Created.Before(p.Since) && g.ID != p.Kept
}

// EndSessions returns the operations that end every session of a person, however many there are, but the act's own. They
// write the person, who must not be written besides.
func (r *PersonRead) EndSessions(a *Act, grants *GrantsRead) ([]store.Op, error) {
	p, err := r.Person()
	if err != nil {
		return nil, err
	}
	p.Since, p.Kept = a.Now, a.Caller.Grant
	ops, err := grants.End(a, SessionGrant)
	return append(ops, store.ReplaceOp(*r.record, p)), err
}

// Living returns the grants that still prove their person.
func (r *GrantsRead) Living(p Person) (living []Grant, err error) {
	grants, err := decodeAll[Grant](r.page.Records)
	for _, g := range grants {
		if g.live() && !g.overtaken(p) {
			living = append(living, g)
		}
	}
	return living, err
}

// RevokeGrant ends a grant of one's own, or with Manage anybody's. Revoking twice is no error. Errors: ErrNoGrant.
func (h *House) RevokeGrant(ctx context.Context, c Caller, person, grant string) error {
	if !plainID(person) || !plainID(grant) {
		return ErrNoGrant
	}
	return h.Retry(ctx, func() error { return h.revoke(ctx, c, person, grant) })
}

func (h *House) revoke(ctx context.Context, c Caller, person, grant string) error {
	act := h.Begin(c, Action{Name: "grant.revoke", Key: grant, Input: grant})
	read := ReadGrant(act.Batch, person, grant)
	if err := act.Run(ctx); err != nil {
		return err
	}
	if done, err := act.Done(nil); done {
		return err
	}
	if err := act.MayFor(person, Manage); err != nil {
		return err
	}
	g, err := read.Grant()
	if err != nil || !g.Revoked.IsZero() {
		return err
	}
	before := g
	g.Revoked = act.Now
	op := store.ReplaceOp(*read.record, g).Until(act.Now.Add(keptRevoked))
	return act.Commit(ctx, nil, Entry{Subject: "grant/" + grant, Before: before, After: g}, op)
}

// MayFor allows what a person does to what is their own, and to others' with the permission.
func (a *Act) MayFor(person string, p Permission) error {
	if a.known && person != "" && a.Caller.Person == person {
		return nil
	}
	return a.May(p)
}

// Grants lists a person's grants, one's own or with Manage anybody's: living ones and those lately revoked.
func (h *House) Grants(ctx context.Context, c Caller, person string) ([]Grant, error) {
	if !plainID(person) {
		return nil, ErrNoPerson
	}
	act := h.Begin(c, Action{})
	page := act.Batch.Query(store.Query{Partition: h.View(c).Partition("grants", person), Limit: store.MaxPage, Desc: true})
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.MayFor(person, Manage); err != nil {
		return nil, err
	}
	return decodeAll[Grant](page.Records)
}

// ErrNoGrant means that there is no such link or session.
var ErrNoGrant = fault.New(fault.Missing, "grant.missing", "There is no such link.")
