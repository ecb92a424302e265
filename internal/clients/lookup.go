package clients

import (
	"cmp"
	"errors"
	"slices"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Bounds of a look-up, the same for every firm.
const (
	maxBuckets = 24 // queries
	maxInside  = 12 // records of each
	maxChoices = 3  // clients that are asked about
)

// Lookup is a look-up under way: its reads are in a batch. Its methods are for after the batch has run, and for
// one goroutine.
type Lookup struct {
	spoken         Spoken
	heard          []string
	client, matter *store.Record // chosen before
	reads          []bucketRead
	screens        *Screens
	used           *store.Record
	outcome        *outcome // once it was ranked: Answer, Check and Rounding tell of the same
	assumed        bool     // no matter was named, and the person's usual one was taken
}

type outcome struct {
	found found
	err   error
}

type bucketRead struct {
	bucket  bucket
	variant variant
	page    *store.Page
}

// Find adds the reads of a look-up to the act's batch: one wave, at most 24 queries of at most 12 small records each,
// or two keys when ids were chosen. A matter's id counts only beside its client's.
func (d *Directory) Find(a *firm.Act, s Spoken) *Lookup {
	l := &Lookup{spoken: s, heard: words(s.Heard), screens: ReadScreens(a), used: readUsed(a)}
	v := a.Batch.View()
	if s.Client != "" {
		l.choose(a.Batch, v)
		return l
	}
	l.reads = make([]bucketRead, 0, maxBuckets)
	for _, heard := range variants(l.heard) {
		for _, b := range heard.buckets() {
			if len(l.reads) < maxBuckets && !l.reading(b) {
				page := a.Batch.Query(store.Query{Partition: b.partition(v), Limit: maxInside})
				l.reads = append(l.reads, bucketRead{b, heard, page})
			}
		}
	}
	return l
}

func (l *Lookup) reading(b bucket) bool {
	return slices.ContainsFunc(l.reads, func(r bucketRead) bool { return r.bucket == b })
}

func (l *Lookup) choose(b *store.Batch, v store.View) {
	if !goodID(l.spoken.Client) || l.spoken.Matter != "" && !goodID(l.spoken.Matter) {
		return
	}
	l.client = b.Get(clientKey(v, l.spoken.Client))
	if l.spoken.Matter != "" {
		l.matter = b.Get(matterKey(v, l.spoken.Client, l.spoken.Matter))
	}
}

// found is what a look-up came to, with the records that it rests on.
type found struct {
	ref      Ref
	rounding *firm.Rounding
	records  []store.Record
}

// Answer ranks what was read. The Ref it returns names an open client and an open matter. Errors: ErrNoName (nothing
// was heard), ErrNone (nobody is called so), ErrClosed (the client, the chosen matter or all matters are closed), *Ask
// (several clients or matters fit; one client alone is asked about when it is only near what was heard).
func (l *Lookup) Answer() (Ref, error) {
	f, err := l.find()
	return f.ref, err
}

// Check returns the operations that make a commit fail if the client or matter changed (was closed, renamed) since
// the look-up. None when Answer fails.
func (l *Lookup) Check() []store.Op {
	f, err := l.find()
	if err != nil {
		return nil
	}
	ops := make([]store.Op, 0, len(f.records))
	for _, r := range f.records {
		ops = append(ops, store.CheckOp(r))
	}
	return ops
}

// Rounding returns the policy of the matter or client that was found, nil when the firm's own applies.
func (l *Lookup) Rounding() *firm.Rounding {
	f, _ := l.find()
	return f.rounding
}

// Candidates returns every client that may be meant, best first, closed ones too: for a caller who has clocks of
// their own to choose among. Matter is set when only one can be meant. Errors: as Answer's, without ErrClosed and Ask.
func (l *Lookup) Candidates() ([]Ref, error) {
	if l.spoken.Client != "" {
		c, err := l.chosenClient()
		if hidden, unread := l.screens.Hide(l.spoken.Matter); err == nil && (hidden || unread != nil) {
			return nil, cmp.Or(unread, error(ErrNone))
		}
		return []Ref{{Client: c.ID, ClientName: c.Name, Matter: l.spoken.Matter}}, err
	}
	list, err := l.contenders()
	refs := make([]Ref, 0, len(list))
	for _, c := range list {
		refs = append(refs, c.ref())
	}
	return refs, err
}

// Client returns the client that is meant, whichever of its matters is, and a closed one too where no other can be meant:
// for questions about all that was done for it. The matter that is named beside it may be any. Errors: as Answer's.
func (l *Lookup) Client() (Ref, error) {
	ref, err := l.Answer()
	var ask *Ask
	switch {
	case errors.As(err, &ask) && len(ask.Matters) > 0:
		ref, err = ask.Matters[0], nil
	case errors.Is(err, ErrClosed):
		if may, cannot := l.Candidates(); cannot == nil && len(may) == 1 {
			ref, err = may[0], nil
		}
	}
	return ref, err
}

func (l *Lookup) find() (found, error) {
	if l.outcome == nil {
		f, err := l.rank()
		l.outcome = &outcome{f, err}
	}
	return l.outcome.found, l.outcome.err
}

func (l *Lookup) rank() (found, error) {
	if l.spoken.Client != "" {
		return l.chosen()
	}
	list, err := l.contenders()
	if err != nil {
		return found{}, err
	}
	var open []candidate
	for _, c := range list {
		if !c.Closed && c.Open > 0 {
			open = append(open, c)
		}
	}
	switch {
	case len(open) == 0:
		return found{}, ErrClosed
	case len(open) > 1 || open[0].score < sure || open[0].Client != list[0].Client:
		return found{}, l.askClients(open)
	}
	return l.settle(open[0])
}

// settle turns the client that is meant into an answer.
func (l *Lookup) settle(c candidate) (found, error) {
	m := c.only()
	if m == nil {
		var err error
		if m, err = l.usual(c.Client, c.Matters); err != nil {
			return found{}, err
		}
	}
	if m == nil {
		return found{}, l.askMatters(Ref{Client: c.Client, ClientName: c.Name}, c.Matters)
	}
	return found{ref: c.refTo(m), rounding: nearer(m.Rounding, c.Rounding), records: []store.Record{c.record}}, nil
}

func (c candidate) refTo(m *brief) Ref {
	return Ref{Client: c.Client, ClientName: c.Name, Matter: m.ID, MatterName: m.Name}
}

func nearer(matter, client *firm.Rounding) *firm.Rounding {
	if matter != nil {
		return matter
	}
	return client
}

// askClients asks about the clients most alike; of those that are equally so, the one used last comes first.
func (l *Lookup) askClients(list []candidate) error {
	u, err := l.lastUsed()
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(u.rankClient(a.Client), u.rankClient(b.Client)))
	})
	ask := &Ask{Answer{More: len(list) > maxChoices}}
	for _, c := range list[:min(len(list), maxChoices)] {
		ask.Clients = append(ask.Clients, c.ref())
	}
	return ask
}

func (l *Lookup) askMatters(client Ref, open []brief) error {
	u, err := l.lastUsed()
	if err != nil {
		return err
	}
	open = slices.SortedStableFunc(slices.Values(open), func(a, b brief) int {
		return cmp.Compare(u.rank(client.Client, a.ID), u.rank(client.Client, b.ID))
	})
	ask := &Ask{}
	for _, m := range open[:min(len(open), maxNamed)] {
		client.Matter, client.MatterName = m.ID, m.Name
		ask.Matters = append(ask.Matters, client)
	}
	if u.rank(client.Client, ask.Matters[0].Matter) < len(u.Matters) {
		ask.Before = &ask.Matters[0]
	}
	return ask
}

// contenders returns the clients that may be meant.
func (l *Lookup) contenders() ([]candidate, error) {
	if len(l.heard) == 0 {
		return nil, ErrNoName
	}
	hidden, err := l.screens.get()
	if err != nil {
		return nil, err
	}
	var all []candidate
	exact := make([]string, 0, maxChoices)
	for _, r := range l.reads {
		inside, err := r.candidates(hidden, &exact)
		if err != nil {
			return nil, err
		}
		all = append(all, inside...)
	}
	list := contenders(ranked(all))
	if len(list) == 0 {
		return nil, ErrNone
	}
	return list, nil
}

// candidates scores what a bucket holds for the person. A matter's name that more clients share than can be asked about
// says nothing. A client that was heard exactly, which is noted in exact, cannot be heard better and is not read again.
func (r bucketRead) candidates(hidden screens, exact *[]string) ([]candidate, error) {
	if r.bucket.blurred() && r.page.Next != "" {
		return nil, nil
	}
	var list []candidate
	for _, record := range r.page.Records {
		if slices.Contains(*exact, record.Sort) && !r.bucket.matters() {
			continue
		}
		c := candidate{record: record}
		if err := store.Decode(record, &c.name); err != nil {
			return nil, err
		}
		if len(hidden.Matters) > 0 && !hidden.name(&c.name, r.bucket, r.variant) {
			continue
		}
		c.rate(r.variant)
		if c.score == 1 {
			*exact = append(*exact, record.Sort)
		}
		if list = append(list, c); r.bucket.matters() && len(list) > maxChoices {
			return nil, nil
		}
	}
	return list, nil
}

// rate scores the candidate for a variant of what was heard, and finds the matter that was named with it.
func (c *candidate) rate(v variant) {
	c.score = v.score(c.name)
	if len(v.rest) > 0 {
		c.matter = matterNamed(beside(c.Name, v.rest), c.Matters)
	}
	if c.matter != nil {
		c.score -= cutMatter
	} else {
		c.score -= v.left(c.name)
	}
	for i := range c.Matters {
		if c.Matters[i].ID == c.Matter {
			c.matter = &c.Matters[i]
		}
	}
}

// chosen answers for ids that were chosen before, which prove nothing by themselves. Beside a client alone, what was
// heard may name one of its open matters.
func (l *Lookup) chosen() (found, error) {
	c, err := l.chosenClient()
	switch {
	case err != nil:
		return found{}, err
	case c.Closed:
		return found{}, ErrClosed
	case l.matter != nil:
		return l.chosenMatter(c)
	}
	m := matterNamed(stripped(l.heard), c.Open)
	if m == nil && len(c.Open) == 1 {
		m = &c.Open[0]
	}
	if m == nil {
		if m, err = l.usual(c.ID, c.Open); err != nil {
			return found{}, err
		}
	}
	switch {
	case m != nil:
		return found{Ref{c.ID, c.Name, m.ID, m.Name}, nearer(m.Rounding, c.Rounding), []store.Record{*l.client}}, nil
	case len(c.Open) == 0:
		return found{}, ErrClosed
	}
	return found{}, l.askMatters(Ref{Client: c.ID, ClientName: c.Name}, c.Open)
}

func (l *Lookup) chosenClient() (clientRecord, error) {
	var c clientRecord
	if l.client == nil || !l.client.Exists() {
		return c, ErrNone
	}
	if err := store.Decode(*l.client, &c); err != nil {
		return c, err
	}
	return c, l.screens.see(&c)
}

func (l *Lookup) chosenMatter(c clientRecord) (found, error) {
	var m Matter
	if err := store.Decode(*l.matter, &m); err != nil {
		return found{}, err
	}
	hidden, err := l.screens.Hide(m.ID)
	switch {
	case err != nil:
		return found{}, err
	case m.ID == "" || hidden:
		return found{}, ErrNone
	case m.Closed:
		return found{}, ErrClosed
	}
	return found{Ref{c.ID, c.Name, m.ID, m.Name}, nearer(m.Rounding, c.Rounding), []store.Record{*l.client, *l.matter}}, nil
}
