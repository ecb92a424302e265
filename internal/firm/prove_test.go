package firm_test

import (
	"context"
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

func TestACodeThatOnlyProvesIsCountedAndLocks(t *testing.T) {
	o := firmtest.Open(t)
	if err := o.House.SetCode(t.Context(), firmtest.On(o.Ask(o.Admin), firm.BySetup), o.Admin.Person, "1234"); err != nil {
		t.Fatal(err)
	}
	first := o.Ask(o.Admin)
	for range 2 { // the same request again counts once
		if p, err := o.House.Prove(t.Context(), first, "9999"); err != nil || p != (firm.Proof{Left: 2}) {
			t.Fatalf("wrong code: %+v, %v", p, err)
		}
	}
	if p, err := o.House.Prove(t.Context(), o.Ask(o.Admin), "1234"); err != nil || !p.Right {
		t.Fatalf("right code: %+v, %v", p, err)
	}
	for left := 2; left >= 0; left-- {
		if p, err := o.House.Prove(t.Context(), o.Ask(o.Admin), "0000"); err != nil || p.Right || p.Left != left {
			t.Fatalf("wrong code: %+v, %v; want %d left", p, err, left)
		}
	}
	_, err := o.House.Prove(t.Context(), o.Ask(o.Admin), "1234")
	wants(t, err, firm.ErrCodeLocked)
}

func TestAnActLeavesTheFirmItReadOnlyOnceItIsAuthenticated(t *testing.T) {
	o := firmtest.Open(t)
	ctx, seen := firm.SeenBy(context.Background())
	stranger := o.Ask(o.Admin)
	stranger.Grant = o.House.NewID()
	if _, err := o.House.Get(ctx, stranger); err == nil {
		t.Fatal("a caller without a grant was let in")
	}
	if _, _, ok := seen.Get(); ok {
		t.Error("settings were shown to a stranger")
	}
	if _, err := o.House.Get(ctx, o.Ask(o.Admin)); err != nil {
		t.Fatal(err)
	}
	if f, p, ok := seen.Get(); !ok || f.Name != o.Firm.Name || p.Name != "Ada" {
		t.Errorf("saw %+v, %+v, %v", f, p, ok)
	}
}
