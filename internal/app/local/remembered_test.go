package local

import (
	"fmt"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// check looks for everything that was said, while the program runs and may be finishing what it was killed in.
func (k *killer) check() {
	k.t.Helper()
	if k.p.url == "" {
		k.t.Fatalf("after %d kills it does not start: %s", k.kills, k.p.errors.String())
	}
	k.withBooks(func(a auditor, v store.View) {
		k.checkTime(a, v)
		k.checkMoney(a)
	})
	if k.t.Failed() {
		k.t.FailNow()
	}
}

func (k *killer) checkTime(a auditor, v store.View) {
	entries, lines := k.kept(v)
	for name, n := range k.said.stopped {
		if got := entries[k.name(name)]; got < n {
			k.t.Errorf("after %d kills %s has %d entries; %d clocks were said to be stopped", k.kills, name, got, n)
		}
	}
	for name, n := range k.said.added {
		if got := lines[k.name(name)]; got < n {
			k.t.Errorf("after %d kills %s has %d entries on bills; %d were said to be added", k.kills, name, got, n)
		}
	}
	for _, note := range k.said.noted {
		if entries[note] == 0 {
			k.t.Errorf("after %d kills the note %q is gone", k.kills, note)
		}
	}
	if k.said.running == "" {
		return
	}
	r, err := a.system.Timesheets.Running(k.t.Context(), k.demo.AdaLink)
	if err != nil || r.Clock == nil || !strings.EqualFold(r.Clock.Ref.ClientName, k.said.running) {
		k.t.Errorf("after %d kills %+v runs, not %s: %v", k.kills, r.Clock, k.said.running, err)
	}
}

// kept counts the entries by client and by note, and the lines by client. No entry is kept twice or on two lines.
func (k *killer) kept(v store.View) (entries, lines map[string]int) {
	entries, lines = map[string]int{}, map[string]int{}
	kept, billed, owner := map[string]bool{}, map[string]bool{}, map[string]string{}
	var on []billing.Line
	err := v.Backend().Walk(k.t.Context(), func(r store.Record) error {
		family, _, _ := strings.Cut(strings.TrimPrefix(r.Partition, "f/"+k.demo.Firm+"/"), "/")
		switch family {
		case "unbilled", "held", "billed": // as timekeeping keeps entries
			var e timekeeping.Entry
			if err := store.Decode(r, &e); err != nil {
				return err
			}
			if kept[e.ID] {
				k.t.Errorf("entry %s is kept twice", e.ID)
			}
			kept[e.ID], owner[e.ID] = true, e.Ref.ClientName
			entries[e.Ref.ClientName]++
			entries[e.Narrative]++
		case "lines": // as billing keeps them
			var l billing.Line
			if err := store.Decode(r, &l); err != nil {
				return err
			}
			on = append(on, l)
		}
		return nil
	})
	if err != nil {
		k.t.Fatal(err)
	}
	for _, l := range on {
		if billed[l.Entry] {
			k.t.Errorf("entry %s is billed twice", l.Entry)
		}
		billed[l.Entry] = true
		lines[owner[l.Entry]]++
	}
	return entries, lines
}

func (k *killer) checkMoney(a auditor) {
	if _, err := a.system.Books.Balances(k.t.Context(), a.caller()); err != nil {
		k.t.Error(err)
	}
	paid := map[string]bool{}
	for i, b := range a.invoices(k.t) {
		if b.Number != fmt.Sprint(i+1) {
			k.t.Errorf("after %d kills invoice %s comes after %d others", k.kills, b.Number, i)
		}
		paid[b.Number] = b.State == billing.Paid
	}
	for _, number := range k.said.paid {
		if !paid[number] {
			k.t.Errorf("after %d kills invoice %s is not paid; it was said to be", k.kills, number)
		}
	}
	took := map[string]int{}
	for _, p := range a.payments(k.t) {
		if p.Status == "succeeded" {
			if took[p.Metadata["attempt"]]++; took[p.Metadata["attempt"]] > 1 {
				k.t.Errorf("after %d kills attempt %s took money twice", k.kills, p.Metadata["attempt"])
			}
		}
	}
	if len(took) < len(k.said.paid) {
		k.t.Errorf("the processor took money %d times; it was said %d times", len(took), len(k.said.paid))
	}
}

// finish opens the data a while later, when every lease has run out, lets everything happen that is due, and audits.
func (k *killer) finish() {
	clock := firmtest.NewClock()
	clock.Set(time.Now())
	h := move(k.t, k.dir, clock, nil, "CLERK_SANDBOX_URL", k.sandbox.url)
	h.settle(k.t)
	k.check()
	h.audit(k.t)
}
