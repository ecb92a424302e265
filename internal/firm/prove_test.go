package firm_test

import (
	"context"
	"errors"
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
		wantLeft(t, o.House.Prove(t.Context(), first, "9999"), 2)
	}
	if err := o.House.Prove(t.Context(), o.Ask(o.Admin), "1234"); err != nil {
		t.Fatalf("right code: %v", err)
	}
	for left := 2; left >= 0; left-- {
		wantLeft(t, o.House.Prove(t.Context(), o.Ask(o.Admin), "0000"), left)
	}
	wants(t, o.House.Prove(t.Context(), o.Ask(o.Admin), "1234"), firm.ErrCodeLocked)
}

func wantLeft(t *testing.T, err error, left int) {
	t.Helper()
	var wrong *firm.WrongCode
	if !errors.As(err, &wrong) || wrong.Left != left || !errors.Is(err, firm.ErrCodeWrong) {
		t.Fatalf("got %v; want a wrong code with %d left", err, left)
	}
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
