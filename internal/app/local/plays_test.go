package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/talk"
)

// plays are the conversations that hold in the demo firm: those that the skill's own tests play, and those about what
// only this firm has, its cards and its matters.
func plays(t *testing.T) (paths []string) {
	t.Helper()
	elsewhere := map[string]bool{"declined.txt": true, "matters.txt": true, "nothing-to-bill.txt": true} // of other matters
	for _, pattern := range []string{"../../talk/testdata/*.txt", "testdata/conversations/*.txt"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) < 5 {
			t.Fatalf("%s: %d plays, %v", pattern, len(found), err)
		}
		for _, path := range found {
			if !elsewhere[filepath.Base(path)] {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

func name(path string) string { return strings.TrimSuffix(filepath.Base(path), ".txt") }

func script(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPlays(t *testing.T) {
	from := furnished(t)
	for _, path := range plays(t) {
		t.Run(name(path), func(t *testing.T) {
			h := move(t, copied(t, from), firmtest.NewClock(), nil)
			talk.Play(t, script(t, path), h.stage(t, h.say))
			h.settle(t)
			h.audit(t)
		})
	}
}

func TestPlaysWhenEveryRequestComesTwice(t *testing.T) {
	from := furnished(t)
	for _, path := range plays(t) {
		t.Run(name(path), func(t *testing.T) {
			h := move(t, copied(t, from), firmtest.NewClock(), nil)
			talk.Play(t, script(t, path), h.stage(t, h.twice))
			h.settle(t)
			h.audit(t)
		})
	}
}

// The seed conversation, and everything that it leaves behind.
func TestTheSeedConversationChargesTheCardAndSendsTheInvoice(t *testing.T) {
	h := move(t, t.TempDir(), firmtest.NewClock(), nil)
	talk.Play(t, script(t, "../../talk/testdata/seed.txt"), h.stage(t, h.say))
	h.audit(t)
	a := h.auditor()
	invoices, payments, letters := a.invoices(t), a.payments(t), a.letters(t)
	if len(invoices) != 1 || len(payments) != 1 || len(letters) != 1 {
		t.Fatalf("%d invoices, %d payments, %d letters", len(invoices), len(payments), len(letters))
	}
	b := invoices[0]
	if b.Number != "1" || b.State != billing.Paid || b.Total != money.Of(12000, "USD") || b.Dated != "2026-11-23" || b.Ref.ClientName != "Acme Corporation" {
		t.Errorf("invoice %+v", b)
	}
	lines, err := h.Billing.Lines(t.Context(), a.caller(), b.ID)
	if err != nil || len(lines) != 1 || lines[0].Raw != 1200 || lines[0].Billed != 1440 || lines[0].Narrative != "reviewed the lease with the landlord's counsel" {
		t.Errorf("lines %+v, %v", lines, err)
	}
	if p := payments[0]; p.Amount != 12000 || p.Status != "succeeded" {
		t.Errorf("payment %+v", p)
	}
	l := letters[0]
	if !strings.Contains(l.to, "billing@acme.test") || !strings.Contains(l.subject, "Invoice 1") || len(l.files) != 2 {
		t.Errorf("letter to %s, %q, with %d files", l.to, l.subject, len(l.files))
	}
	sums, err := h.Books.Balances(t.Context(), a.caller())
	want := map[ledger.Account]int64{ledger.Clearing: 12000, ledger.Fees: -12000, ledger.Receivable(b.Ref.Client): 0}
	for account, amount := range want {
		if err != nil || sums[account].Minor != amount {
			t.Errorf("%s has %v, %v", account, sums[account], err)
		}
	}
}

func TestADeclinedCardPaysNothingAndSendsNothing(t *testing.T) {
	h := move(t, t.TempDir(), firmtest.NewClock(), nil)
	talk.Play(t, script(t, "testdata/conversations/hughes.txt"), h.stage(t, h.say))
	h.settle(t)
	h.audit(t)
	a := h.auditor()
	if invoices := a.invoices(t); len(invoices) != 1 || invoices[0].State != billing.Issued || invoices[0].Paid.Minor != 0 {
		t.Errorf("invoices %+v", invoices)
	}
	if payments := a.payments(t); len(payments) != 2 || payments[0].Status == "succeeded" || payments[1].Status == "succeeded" {
		t.Errorf("payments %+v", payments)
	}
	if letters := a.letters(t); len(letters) != 0 {
		t.Errorf("letters %+v", letters)
	}
}
