package timekeeping

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Period is days of a person's calendar, YYYY-MM-DD, first and last included. The zero value is today.
type Period struct{ From, To string }

// maxPeriod is how many days are summed at once.
const maxPeriod = 31

// ErrPeriod is returned for what is neither a day nor a week nor a month.
var ErrPeriod = fault.New(fault.Invalid, "hours.period", "I can tell the hours of a day, a week or a month.")

// Worked is the answer to "how many hours this week?", of one client when one was named. Seconds are raw.
type Worked struct {
	Ref     *clients.Ref // the client that was named
	Seconds int64        // of entries
	Clients []Share      // of nobody named: those with the most, at most three, without Billed
	Others  int          // clients beside these
	Clock   int64        // what clocks have measured and no entry has yet, when the period is today
	Runs    bool         // one of these clocks runs
}

// Worked sums a period's entries, of the named client or of all. One trip, two when there are clients to be named. Needs
// TrackTime. Errors: a look-up's; ErrPeriod.
func (ts *Timesheets) Worked(ctx context.Context, c firm.Caller, p Period, s clients.Spoken) (done Worked, err error) {
	if c.Person == "" {
		return done, firm.ErrForbidden
	}
	t := ts.begin(c, wish{name: s, days: p == Period{}})
	read, err := t.readDays(p)
	if err != nil {
		return done, err
	}
	if err := t.run(ctx); err != nil {
		return done, err
	}
	if t.named {
		ref, err := t.lookup.Client()
		if err != nil {
			return done, err
		}
		done.Ref = &ref
	}
	sums, err := summed(read())
	if err != nil {
		return done, err
	}
	if p == (Period{}) {
		done.Clock, done.Runs = t.unstopped(done.Ref)
	}
	if done.Ref != nil {
		if c := sums.clients[done.Ref.Client]; c != nil {
			done.Seconds = c.Seconds
		}
		return done, nil
	}
	done.Seconds = sums.total
	done.Clients, done.Others, err = t.most(ctx, ts.Directory, sums)
	return done, err
}

// readDays adds the reads of a period's sums, and returns how to get at them when the batch has run.
func (t *turn) readDays(p Period) (func() []store.Record, error) {
	if p == (Period{}) {
		return func() []store.Record { return []store.Record{*t.day(t.today())} }, nil
	}
	from, err := time.Parse(dayFormat, p.From)
	to, err2 := time.Parse(dayFormat, p.To)
	if err != nil || err2 != nil || to.Before(from) || to.Sub(from) >= maxPeriod*24*time.Hour {
		return nil, ErrPeriod
	}
	page := t.Batch.Query(store.Query{Partition: t.view.Partition("hours", t.Caller.Person), From: p.From, To: p.To + "~"})
	return func() []store.Record { return page.Records }, nil
}

// sums is what a person's entries come to.
type sums struct {
	total   int64
	clients map[string]*Share // by id; a Ref has the id of the matter with the most, and no names yet
}

func summed(days []store.Record) (sums, error) {
	s := sums{clients: map[string]*Share{}}
	matters := map[string]int64{}
	for _, r := range days {
		var day worked
		if err := store.Decode(r, &day); err != nil {
			return s, err
		}
		s.total += day.Seconds
		for key, seconds := range day.Matters {
			matters[key] += seconds
		}
	}
	for key, seconds := range matters {
		client, matter, _ := strings.Cut(key, "/")
		c := s.clients[client]
		if c == nil {
			c = &Share{Ref: clients.Ref{Client: client}}
			s.clients[client] = c
		}
		if most := matters[client+"/"+c.Ref.Matter]; seconds > most || seconds == most && matter < c.Ref.Matter {
			c.Ref.Matter = matter
		}
		c.Seconds += seconds
	}
	return s, nil
}

// maxTold is how many clients a listener keeps in mind.
const maxTold = 3

// most returns the clients with the most, by name, and how many there are beside them. One that the person is screened
// from by now is only counted.
func (t *turn) most(ctx context.Context, d *clients.Directory, s sums) (told []Share, others int, err error) {
	all := make([]Share, 0, len(s.clients))
	for _, c := range s.clients {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.Ref.Client, b.Ref.Client))
	})
	others = len(all) - min(len(all), maxTold)
	all = all[:len(all)-others]
	pairs := make([]*clients.Pair, len(all))
	for i, c := range all {
		pairs[i] = d.ReadPair(t.Act, c.Ref.Client, c.Ref.Matter)
	}
	if err := t.Run(ctx); err != nil {
		return nil, 0, err
	}
	for i, c := range all {
		client, matter, err := pairs[i].Get()
		switch {
		case errors.Is(err, clients.ErrNone):
			others++
			continue
		case err != nil:
			return nil, 0, err
		}
		c.Ref.ClientName, c.Ref.MatterName = client.Name, matter.Name
		told = append(told, c)
	}
	return told, others, nil
}

// unstopped is what the person's clocks have measured, of a client or of all, and whether one of them runs.
func (t *turn) unstopped(of *clients.Ref) (seconds int64, runs bool) {
	for _, c := range t.known(t.sheet.all()) {
		if of == nil || c.Ref.Client == of.Client {
			seconds += c.Seconds(t.now())
			runs = runs || t.sheet.Running != nil && c.ID == t.sheet.Running.ID
		}
	}
	return seconds, runs
}
