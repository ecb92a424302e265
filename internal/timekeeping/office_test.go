package timekeeping_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// office is a firm whose admin, Ada, keeps time.
type office struct {
	*firmtest.Office
	dir    *clients.Directory
	sheets *timekeeping.Timesheets
}

func open(t testing.TB, names ...string) *office {
	t.Helper()
	return with(t, firmtest.Open(t), names...)
}

func with(t testing.TB, f *firmtest.Office, names ...string) *office {
	t.Helper()
	dir := &clients.Directory{House: f.House}
	o := &office{f, dir, &timekeeping.Timesheets{House: f.House, Directory: dir}}
	for _, name := range names {
		o.client(t, name, "lease")
	}
	return o
}

func (o *office) client(t testing.TB, name string, matters ...string) clients.Client {
	t.Helper()
	var list []clients.Matter
	for _, m := range matters {
		list = append(list, clients.Matter{Name: m})
	}
	c, _, err := o.dir.Open(t.Context(), o.ada(), clients.Client{Name: name, Number: "c-" + o.House.NewID()[30:]}, list...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ada is the admin with a fresh request.
func (o *office) ada() firm.Caller { return o.Ask(o.Admin) }

func heard(s string) clients.Spoken { return clients.Spoken{Heard: s} }

// say carries out a line of a script and tells what came of it.
func (o *office) say(t testing.TB, line string) string {
	t.Helper()
	return o.sayIn(t.Context(), t, line)
}

// trips counts the trips of a line.
func (o *office) trips(t testing.TB, line string) int {
	t.Helper()
	ctx, count := store.CountTrips(t.Context())
	o.sayIn(ctx, t, line)
	return count().Total()
}

func (o *office) sayIn(ctx context.Context, t testing.TB, line string) string {
	t.Helper()
	line, moment, _ := strings.Cut(line, " @ ")
	verb, rest, _ := strings.Cut(line, " ")
	w := at(t, moment)
	switch verb {
	case "start":
		return started(o.sheets.Start(ctx, o.ada(), heard(rest), w))
	case "resume":
		return started(o.sheets.Resume(ctx, o.ada(), heard(rest), w))
	case "pause":
		p, err := o.sheets.Pause(ctx, o.ada(), heard(rest), w)
		return or(err, "paused "+p.Ref.ClientName)
	case "stop":
		s, err := o.sheets.Stop(ctx, o.ada(), heard(rest), w)
		return or(err, fmt.Sprintf("stopped %s/%s: %d in %d", s.Ref.ClientName, s.Ref.MatterName, s.Seconds, len(s.Entries)))
	case "note":
		c, err := o.sheets.Note(ctx, o.ada(), rest)
		if err != nil {
			return or(err, "")
		}
		return "noted " + c.Shares[0].Ref.ClientName
	case "measure":
		d, err := time.ParseDuration(rest)
		if err != nil {
			t.Fatal(err)
		}
		return corrected(o.sheets.Measure(ctx, o.ada(), int64(d/time.Second)))
	case "meant":
		return meant(o.sheets.Meant(ctx, o.ada(), heard(rest)))
	case "split":
		a, b, _ := strings.Cut(rest, " and ")
		return corrected(o.sheets.Split(ctx, o.ada(), heard(a), heard(b)))
	case "bill":
		return corrected(o.sheets.Bill(ctx, o.ada(), rest == "it"))
	case "confirm":
		return corrected(o.sheets.ConfirmLast(ctx, o.ada()))
	case "undo":
		u, err := o.sheets.Undo(ctx, o.ada())
		return or(err, "took back "+u.Deed+" "+u.Ref.ClientName)
	case "discard":
		d, err := o.sheets.ToDiscard(ctx, o.ada())
		if err != nil {
			return or(err, "")
		}
		if d, err = o.sheets.Discard(ctx, o.ada(), d.ID); d.Clock {
			return or(err, fmt.Sprintf("threw the clock away: %s %d", d.Ref.ClientName, d.Seconds))
		}
		return or(err, fmt.Sprintf("threw away: %s %d", d.Ref.ClientName, d.Seconds))
	case "log":
		length, name, _ := strings.Cut(rest, " ")
		return o.log(ctx, t, name, length, func(s timekeeping.Stopped) string { return fmt.Sprintf(": overlap %d", s.Overlap()) })
	case "told":
		name, length, _ := strings.Cut(rest, ", ")
		return o.log(ctx, t, name, length, func(s timekeeping.Stopped) string { return fmt.Sprintf(" %d", s.Seconds) })
	case "wait":
		d, err := time.ParseDuration(rest)
		if err != nil {
			t.Fatal(err)
		}
		o.Clock.Advance(d)
		return ""
	case "running":
		return o.running(ctx, t)
	}
	t.Fatalf("what is %q?", line)
	return ""
}

func (o *office) log(ctx context.Context, t testing.TB, name, length string, told func(timekeeping.Stopped) string) string {
	t.Helper()
	d, err := time.ParseDuration(length)
	if err != nil {
		t.Fatal(err)
	}
	s, err := o.sheets.Log(ctx, o.ada(), heard(name), timekeeping.Entry{Seconds: int64(d / time.Second), Billable: true})
	return or(err, "logged "+s.Ref.ClientName+told(s))
}

func meant(m timekeeping.Meant, err error) string {
	switch {
	case err != nil:
		return or(err, "")
	case m.Started != nil:
		return started(*m.Started, nil)
	}
	return corrected(*m.Corrected, nil)
}

// corrected tells what entries are now: "Acme Corporation 60, Beta Industries 60".
func corrected(c timekeeping.Corrected, err error) string {
	var shares []string
	for _, s := range c.Shares {
		shares = append(shares, fmt.Sprintf("%s %d", s.Ref.ClientName, s.Seconds))
	}
	return or(err, strings.Join(shares, ", "))
}

// at reads "now", "20m" ago, "18:00", "18:00 yesterday" and "18:00 in Europe/Berlin".
func at(t testing.TB, moment string) (w timekeeping.When) {
	t.Helper()
	moment, w.Zone, _ = strings.Cut(moment, " in ")
	if ago, err := time.ParseDuration(moment); err == nil {
		w.Ago = int64(ago / time.Second)
		return w
	}
	clock, part, _ := strings.Cut(moment, " ")
	if clock == "now" {
		return timekeeping.When{Now: true}
	}
	w.Clock, w.Part = clock, timekeeping.Part(part)
	return w
}

func (o *office) running(ctx context.Context, t testing.TB) string {
	t.Helper()
	r, err := o.sheets.Running(ctx, o.ada())
	if err != nil {
		t.Fatal(err)
	}
	out := "nothing"
	if r.Clock != nil {
		out = fmt.Sprintf("%s %d", r.Clock.Ref.ClientName, r.Seconds)
	}
	for _, p := range r.Paused {
		out += ", paused " + p.Ref.ClientName
	}
	return fmt.Sprintf("%s, today %d", out, r.Today)
}

func started(s timekeeping.Started, err error) string {
	out := "started "
	switch {
	case s.Already:
		out = "already "
	case s.Resumed:
		out = "resumed "
	}
	out += s.Ref.ClientName
	if s.Paused != nil {
		out += ", paused " + s.Paused.ClientName
	}
	return or(err, out)
}

func or(err error, ok string) string {
	var ask *clients.Ask
	var left *timekeeping.Forgotten
	switch {
	case errors.As(err, &left):
		return fmt.Sprintf("%s ran on for %d", left.Ref.ClientName, left.Seconds)
	case errors.As(err, &ask) && ask.Clients != nil:
		var names []string
		for _, r := range ask.Clients {
			names = append(names, r.ClientName)
		}
		return "? " + strings.Join(names, " | ")
	case errors.As(err, &ask):
		var names []string
		for _, r := range ask.Matters {
			names = append(names, r.MatterName)
		}
		return "which: " + strings.Join(names, " | ")
	case fault.As(err) != nil:
		return fault.As(err).Code
	case err != nil:
		return err.Error()
	}
	return ok
}

// play carries out lines "what is said [@ when] -> what comes of it".
func (o *office) play(t *testing.T, script string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(script), "\n") {
		said, want, _ := strings.Cut(strings.TrimSpace(line), " -> ")
		if got := o.say(t, said); got != want {
			t.Errorf("%s -> %s, want %s", said, got, want)
		}
	}
}
