package billing

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// chambers is a practice with its directory and time sheets, and one client, Acme, with one matter.
type chambers struct {
	*practice
	directory *clients.Directory
	time      *timekeeping.Timesheets
	acme      clients.Client
	matter    clients.Matter
	lawyer    firm.Caller
}

var acme = clients.Spoken{Heard: "acme corporation"}

func openChambers(t testing.TB) *chambers {
	t.Helper()
	p := open(t)
	p.desk.Directory = &clients.Directory{House: p.House}
	p.desk.Timesheets = &timekeeping.Timesheets{House: p.House, Directory: p.desk.Directory}
	c := &chambers{practice: p, directory: p.desk.Directory, time: p.desk.Timesheets, lawyer: p.Hire(t, "Lee", firm.Lawyer)}
	client, matters, err := c.directory.Open(t.Context(), p.Ask(p.Admin), clients.Client{Number: "1001", Name: "Acme Corporation"}, clients.Matter{Number: "1", Name: "lease"})
	if err != nil {
		t.Fatal(err)
	}
	c.acme, c.matter = client, matters[0]
	return c
}

// worked logs time of a person for Acme that ends now, then lets a minute pass.
func (c *chambers) worked(t testing.TB, who firm.Caller, seconds int64, day string) timekeeping.Entry {
	t.Helper()
	done, err := c.time.Log(t.Context(), c.Ask(who), acme,
		timekeeping.Entry{Seconds: seconds, Day: day, Billable: true, Narrative: "Reviewed the lease"})
	if err != nil {
		t.Fatal(err)
	}
	c.Clock.Advance(time.Minute)
	return done.Entries[0]
}

func (c *chambers) add(t testing.TB, who firm.Caller) Added {
	t.Helper()
	added, err := c.desk.AddLast(t.Context(), c.Ask(who), acme, Own)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func (c *chambers) lines(t testing.TB, bill string) []Line {
	t.Helper()
	lines, err := c.desk.Lines(t.Context(), c.lawyer, bill)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestTheClocksTimeGoesOnTheBillInThreeTrips(t *testing.T) {
	c := openChambers(t)
	if _, err := c.time.Start(t.Context(), c.Ask(c.lawyer), acme, timekeeping.When{}); err != nil {
		t.Fatal(err)
	}
	c.Clock.Advance(22 * time.Minute)
	if _, err := c.time.Stop(t.Context(), c.Ask(c.lawyer), acme, timekeeping.When{}); err != nil {
		t.Fatal(err)
	}
	ctx, trips := store.CountTrips(t.Context())
	added, err := c.desk.AddLast(ctx, c.Ask(c.lawyer), acme, Own)
	if err != nil {
		t.Fatal(err)
	}
	if got := trips(); got.Reads != 2 || got.Commits != 1 {
		t.Errorf("took %+v", got)
	}
	if added.Billed != 1440 || added.Amount != usd(12000) || added.Total != usd(12000) || added.Count != 1 || added.Others || added.Ref.ClientName != "Acme Corporation" {
		t.Errorf("added %+v", added)
	}
	l := c.lines(t, added.Bill)[0]
	if l.Raw != 1320 || l.Billed != 1440 || l.Rate != usd(30000) || l.Amount != usd(12000) || l.Rounding != c.Firm.Rounding || l.PersonName != "Lee" || l.Day != "2026-11-23" || l.Seq != 1 {
		t.Errorf("the line is %+v", l)
	}
	if draft, _, _ := c.openOf(t, c.matter.ID); draft == nil || draft.ID != added.Bill || draft.Net != usd(12000) || draft.From != "2026-11-23" {
		t.Errorf("the draft is %+v", draft)
	}
}

func TestTheSpeakersOwnLatestEntryIsAddedAndAColleaguesMentioned(t *testing.T) {
	c := openChambers(t)
	first := c.worked(t, c.lawyer, 3600, "")
	last := c.worked(t, c.lawyer, 360, "")
	c.worked(t, c.Admin, 720, "")
	for _, want := range []timekeeping.Entry{last, first} {
		added := c.add(t, c.lawyer)
		lines := c.lines(t, added.Bill)
		if got := lines[len(lines)-1]; got.Entry != want.ID || !added.Others || added.Count != len(lines) {
			t.Errorf("added %+v of %d seconds; want %d", added, got.Raw, want.Seconds)
		}
	}
	if _, err := c.desk.AddLast(t.Context(), c.Ask(c.lawyer), acme, Own); !errors.Is(err, ErrOnlyOthers) {
		t.Errorf("with only a colleague's left: %v", err)
	}
	if added := c.add(t, c.Admin); added.Others || added.Count != 3 {
		t.Errorf("the colleague added %+v", added)
	}
	if _, err := c.desk.AddLast(t.Context(), c.Ask(c.lawyer), acme, Own); !errors.Is(err, ErrNothing) {
		t.Errorf("with nothing left: %v", err)
	}
}

func TestOneRequestAddsOnce(t *testing.T) {
	c := openChambers(t)
	c.worked(t, c.lawyer, 360, "")
	c.worked(t, c.lawyer, 720, "")
	request := c.Ask(c.lawyer)
	first, err := c.desk.AddLast(t.Context(), request, acme, Own)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.desk.AddLast(t.Context(), request, acme, Own)
	if err != nil || again != first || len(c.lines(t, first.Bill)) != 1 {
		t.Errorf("again: %+v, %v; first %+v", again, err, first)
	}
}

func TestTwoShortCallsInOneIncrementCountOnce(t *testing.T) {
	c := openChambers(t)
	c.worked(t, c.lawyer, 60, "") // ten o'clock, and a minute later: both within one six minutes
	c.worked(t, c.lawyer, 60, "")
	if first := c.add(t, c.lawyer); first.Billed != 360 {
		t.Errorf("the first is billed %d", first.Billed)
	}
	second := c.add(t, c.lawyer)
	if second.Billed != 0 || second.Amount != usd(0) || second.Total != usd(3000) || second.Count != 2 {
		t.Errorf("the second adds %+v", second)
	}
}

func TestMinimumsAreNotStackedAcrossBills(t *testing.T) {
	c := openChambers(t)
	c.worked(t, c.lawyer, 60, "")
	c.worked(t, c.lawyer, 60, "")
	c.add(t, c.lawyer)
	if _, err := c.issue(t.Context(), c.matter.ID, ""); err != nil {
		t.Fatal(err)
	}
	if next := c.add(t, c.lawyer); next.Billed != 0 || next.Count != 1 {
		t.Errorf("on the next bill: %+v", next)
	}
}

func TestLaterRatesAndRoundingChangeNoLine(t *testing.T) {
	c := openChambers(t)
	c.worked(t, c.lawyer, 700, "")
	before := c.lines(t, c.add(t, c.lawyer).Bill)[0]
	f := c.Firm
	f.Rate, f.Rounding = usd(99900), firm.Rounding{Mode: firm.RoundNone}
	if _, err := c.House.ChangeFirm(t.Context(), c.Ask(firmtest.On(c.Admin, firm.ByConsole)), f); err != nil {
		t.Fatal(err)
	}
	c.worked(t, c.lawyer, 3600, "2026-11-20")
	added := c.add(t, c.lawyer)
	lines := c.lines(t, added.Bill)
	if lines[0] != before || lines[1].Rate != usd(99900) || lines[1].Billed != 3600 {
		t.Errorf("lines are %+v", lines)
	}
	if added.Total != usd(before.Amount.Minor+99900) {
		t.Errorf("the bill is %v", added.Total)
	}
}

func TestAnEntryIsBilledOnceHoweverManyAddAtOnce(t *testing.T) {
	c := openChambers(t)
	const n = 5
	want := map[string]bool{}
	for range n {
		want[c.worked(t, c.lawyer, 3600, "").ID] = true
	}
	var wait sync.WaitGroup
	for range n + 3 {
		request := c.Ask(c.lawyer)
		wait.Go(func() {
			for {
				_, err := c.desk.AddLast(t.Context(), request, acme, Own)
				if err == nil || errors.Is(err, ErrNothing) {
					return
				}
				if !errors.Is(err, firm.ErrRace) {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	draft, _, _ := c.openOf(t, c.matter.ID)
	lines, total := c.lines(t, draft.ID), int64(0)
	for i, l := range lines {
		if !want[l.Entry] || l.Seq != i+1 {
			t.Errorf("line %d bills entry %s again, or as %d", i+1, l.Entry, l.Seq)
		}
		delete(want, l.Entry)
		total += l.Amount.Minor
	}
	if len(want) > 0 || draft.Count != n || draft.Net.Minor != total {
		t.Errorf("%d left, %d counted, net %v of %d", len(want), draft.Count, draft.Net, total)
	}
}

func TestAnEntryOnABillIsLocked(t *testing.T) {
	c := openChambers(t)
	c.worked(t, c.lawyer, 360, "")
	c.add(t, c.lawyer)
	if _, err := c.time.Note(t.Context(), c.Ask(c.lawyer), "something else"); !errors.Is(err, timekeeping.ErrBilled) {
		t.Errorf("changing its note gave %v", err)
	}
}

func TestAForgottenClockIsBilledOnlyWhenConfirmed(t *testing.T) {
	c := openChambers(t)
	if _, err := c.time.Start(t.Context(), c.Ask(c.lawyer), acme, timekeeping.When{}); err != nil {
		t.Fatal(err)
	}
	c.Clock.Advance(13 * time.Hour) // until eleven at night
	stopped, err := c.time.Stop(t.Context(), c.Ask(c.lawyer), acme, timekeeping.When{Now: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.desk.AddLast(t.Context(), c.Ask(c.lawyer), acme, Own); !errors.Is(err, ErrUnconfirmed) {
		t.Fatalf("adding it gave %v", err)
	}
	short := c.worked(t, c.lawyer, 360, "2026-11-20")
	added := c.add(t, c.lawyer)
	if !added.Waiting || c.lines(t, added.Bill)[0].Entry != short.ID {
		t.Errorf("added %+v", added)
	}
	if _, err := c.time.Confirm(t.Context(), c.Ask(c.lawyer), stopped.Entries[0].ID); err != nil {
		t.Fatal(err)
	}
	if added := c.add(t, c.lawyer); added.Billed != 13*3600 || added.Waiting {
		t.Errorf("confirmed, it adds %+v", added)
	}
}

func TestWhoMayNotBillAddsNothing(t *testing.T) {
	c := openChambers(t)
	paralegal := c.Hire(t, "Pat", firm.Timekeeper)
	c.worked(t, paralegal, 360, "")
	if _, err := c.desk.AddLast(t.Context(), c.Ask(paralegal), acme, Own); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

func TestANameThatNobodyHasAddsNothing(t *testing.T) {
	c := openChambers(t)
	if _, err := c.desk.AddLast(t.Context(), c.Ask(c.lawyer), clients.Spoken{Heard: "zebra"}, Own); !errors.Is(err, clients.ErrNone) {
		t.Errorf("got %v", err)
	}
}

func TestABillOnHoldTakesNoLine(t *testing.T) {
	c := openChambers(t)
	if err := c.draft(t.Context(), c.matter.ID, func(b *Bill) { b.OnHold = true }, 100); err != nil {
		t.Fatal(err)
	}
	c.worked(t, c.lawyer, 360, "")
	if _, err := c.desk.AddLast(t.Context(), c.Ask(c.lawyer), acme, Own); !errors.Is(err, ErrOnHold) {
		t.Errorf("got %v", err)
	}
}

func TestAfterIssuingANewDraftBegins(t *testing.T) {
	c := openChambers(t)
	c.worked(t, c.lawyer, 360, "")
	c.worked(t, c.lawyer, 3600, "")
	first := c.add(t, c.lawyer)
	issued, err := c.issue(t.Context(), c.matter.ID, "")
	if err != nil || issued.ID != first.Bill {
		t.Fatalf("issued %+v, %v", issued, err)
	}
	second := c.add(t, c.lawyer)
	if second.Bill == first.Bill || second.Count != 1 || len(c.lines(t, first.Bill)) != 1 {
		t.Errorf("then added %+v", second)
	}
}

func TestAnIssueAndAnAddAtOnceLoseNothing(t *testing.T) {
	for range 20 {
		c := openChambers(t)
		c.worked(t, c.lawyer, 3600, "")
		c.add(t, c.lawyer)
		c.worked(t, c.lawyer, 7200, "")
		var wait sync.WaitGroup
		var added Added
		var issued Bill
		var errs [2]error
		request := c.Ask(c.lawyer)
		wait.Go(func() { added, errs[0] = c.desk.AddLast(t.Context(), request, acme, Own) })
		wait.Go(func() { issued, errs[1] = c.issue(t.Context(), c.matter.ID, "") })
		wait.Wait()
		if errs[0] != nil || errs[1] != nil {
			t.Fatal(errs)
		}
		onInvoice := added.Bill == issued.ID
		if got := len(c.lines(t, issued.ID)); got != issued.Count || onInvoice != (got == 2) {
			t.Fatalf("the invoice counts %d lines and has %d; added %+v", issued.Count, got, added)
		}
	}
}

func TestAnOldDayIsRoundedWithWhatWasBilledOfItThen(t *testing.T) {
	c := openChambers(t)
	c.Clock.Set(time.Date(2026, 10, 1, 16, 0, 0, 0, time.UTC)) // noon in New York, where told entries of a day are put
	c.worked(t, c.lawyer, 60, "2026-10-01")
	if added := c.add(t, c.lawyer); added.Billed != 360 {
		t.Fatalf("billed %+v", added)
	}
	for i := range 40 { // more days than one read of windows holds
		c.Clock.Set(time.Date(2026, 10, 2+i, 15, 0, 0, 0, time.UTC))
		c.worked(t, c.lawyer, 360, "")
		c.add(t, c.lawyer)
	}
	c.worked(t, c.lawyer, 60, "2026-10-01")
	ctx, trips := store.CountTrips(t.Context())
	added, err := c.desk.AddLast(ctx, c.Ask(c.lawyer), acme, Own)
	if err != nil || added.Billed != 0 {
		t.Errorf("billed %+v again, %v", added, err)
	}
	if got := trips().Total(); got != 4 {
		t.Errorf("%d trips; want one more", got)
	}
}

func TestAddingTakesTheSameTripsInASmallAndInALargeFirm(t *testing.T) {
	c := openChambers(t)
	for _, clientsMore := range []int{0, 200} {
		for i := range clientsMore {
			client := clients.Client{Number: fmt.Sprint(2000 + i), Name: fmt.Sprintf("Client %s Holdings", strings.Repeat("b", i%17+1)+fmt.Sprint(i))}
			if _, _, err := c.directory.Open(t.Context(), c.Ask(c.Admin), client, clients.Matter{Number: "1", Name: "matter"}); err != nil {
				t.Fatal(err)
			}
			c.worked(t, c.lawyer, 360, "")
		}
		c.worked(t, c.lawyer, 360, "")
		ctx, trips := store.CountTrips(t.Context())
		if _, err := c.desk.AddLast(ctx, c.Ask(c.lawyer), acme, Own); err != nil {
			t.Fatal(err)
		}
		if got := trips().Total(); got != 3 {
			t.Errorf("with %d clients more: %d trips", clientsMore, got)
		}
	}
}
