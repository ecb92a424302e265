package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// story does a little of everything and returns the answers that must survive.
func (d *desk) story(t *testing.T) map[string]string {
	t.Helper()
	customer, method := d.onFile(t, "pm_card_visa")
	paid := d.must(t, payments, charge(customer, method), "k").field("id")
	refund := d.must(t, "/v1/refunds", query("payment_intent", paid, "amount", "100"), "r").field("id")
	page := d.must(t, "/v1/checkout/sessions", query("mode", "setup", "customer", customer, "payment_method_types[0]", "card", "success_url", "http://firm.test/x"), "p").field("id")
	if _, problems, err := d.Pay(page, CardForm{"4000002500003155", "12/34", "123"}); err != nil || problems != nil {
		t.Fatal(problems, err)
	}
	if _, err := d.Answer(page, true); err != nil {
		t.Fatal(err)
	}
	return d.read(t, "/v1/customers/"+customer, payments+"/"+paid, "/v1/refunds/"+refund, "/v1/checkout/sessions/"+page,
		"/v1/customers/"+customer+"/payment_methods", payments, "/v1/events", "/v1/disputes")
}

func (d *desk) read(t *testing.T, paths ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, path := range paths {
		all[path] = d.get(t, path, "").text
	}
	return all
}

func TestARestartForgetsNothing(t *testing.T) {
	d := newDesk(t)
	before := d.story(t)
	state := d.state
	d.restart(t)
	for path, want := range before {
		if got := d.get(t, path, "").text; got != want {
			t.Errorf("%s was\n%s\nis\n%s", path, want, got)
		}
	}
	if diff := cmp.Diff(state, d.state, cmp.AllowUnexported(state)); diff != "" {
		t.Error(diff)
	}
	customer, method := d.onFile(t, "pm_card_visa") // and it goes on
	d.must(t, payments, charge(customer, method), "k9")
}

// Whatever a crash leaves of the last line, everything that was answered is there, and the next line is whole.
func TestATornLastLineIsDropped(t *testing.T) {
	d := newDesk(t)
	d.must(t, "/v1/customers", "", "k1")
	whole, err := os.ReadFile(d.path)
	if err != nil {
		t.Fatal(err)
	}
	answered := d.must(t, "/v1/customers", "", "k2").text
	full, err := os.ReadFile(d.path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := len(whole); cut < len(full); cut += 7 {
		if err := os.WriteFile(d.path, full[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		d.restart(t)
		if len(d.state.replies) != 1 {
			t.Fatalf("cut at %d: %d replies", cut, len(d.state.replies))
		}
		d.must(t, "/v1/customers", "", "k3")
		d.restart(t)
		if len(d.state.replies) != 2 {
			t.Fatalf("cut at %d: the line after the torn one was lost", cut)
		}
	}
	torn := append(bytes.Clone(full), strings.Repeat("x", 10_000)...) // longer than the line that will be written over it
	if err := os.WriteFile(d.path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	d.restart(t)
	d.must(t, "/v1/customers", "", "k4")
	d.restart(t)
	d.must(t, "/v1/customers", "", "k5")
	d.restart(t)
	if again := d.must(t, "/v1/customers", "", "k2").text; again != answered {
		t.Errorf("%s\nand then %s", answered, again)
	}
}

func TestADamagedLineInTheMiddleIsAnError(t *testing.T) {
	d := newDesk(t)
	d.must(t, "/v1/customers", "", "k1")
	d.must(t, "/v1/customers", "", "k2")
	full, err := os.ReadFile(d.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.path, full[5:], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(d.path, Options{}); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(d.path, []byte(`{"at":1,"objects":[{"object":"spaceship"}]}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(d.path, Options{}); err == nil {
		t.Error("a journal of a newer version was opened")
	}
}

// Kill-safe: at the moment an answer exists, the journal already tells of it.
func TestWhatIsAnsweredIsInTheJournalFirst(t *testing.T) {
	core := NewCore(Options{Now: newClock().Now, NewID: newClock().id})
	var kept []entry
	core.save = func(e entry) error {
		if len(core.state.objects) != 0 {
			t.Error("it was true before it was durable")
		}
		kept = append(kept, e)
		return nil
	}
	if _, err := core.Do(Call{post, "/v1/customers", "", "k"}); err != nil || len(kept) != 1 || kept[0].Reply == nil {
		t.Fatalf("%v, %d entries", err, len(kept))
	}
	full := errors.New("no space left on device")
	core.save = func(entry) error { return full }
	if a, err := core.Do(Call{post, "/v1/customers", "", "k2"}); !errors.Is(err, full) {
		t.Errorf("answered %d, %v", a.Status, err)
	}
	if len(core.state.replies) != 1 {
		t.Error("what could not be written was believed")
	}
}

func TestNoCardNumberIsEverKept(t *testing.T) {
	d := newDesk(t)
	customer, _ := d.onFile(t, "pm_card_visa")
	page := d.must(t, "/v1/checkout/sessions", query("mode", "setup", "customer", customer, "payment_method_types[0]", "card", "success_url", "http://firm.test/x"), "").field("id")
	for _, number := range []string{"4111111111111111", "4000000000000002", "4242424242424242"} {
		if _, problems, err := d.Pay(page, CardForm{number, "12/34", "737"}); err != nil || problems != nil {
			t.Fatal(problems, err)
		}
		kept, err := os.ReadFile(d.path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(kept, []byte(number)) || bytes.Contains(kept, []byte("737")) {
			t.Errorf("%s is in the journal", number)
		}
	}
	if at, err := d.Look(page); err != nil || at.Status != "complete" {
		t.Errorf("the last card was not tried: %+v, %v", at, err)
	}
}

func TestTheSameCallsGiveTheSameBytes(t *testing.T) {
	run := func() []byte {
		d := newDesk(t)
		d.story(t)
		d.pass(25 * time.Hour)
		d.get(t, "/v1/events", "")
		kept, err := os.ReadFile(d.path)
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Error(diff)
	}
}

func TestAnEntryIsReadAsItWasWritten(t *testing.T) {
	e := entry{At: 7, Objects: []object{
		PaymentMethod{ID: "pm_1", Object: "payment_method", Customer: "cus_1", Hidden: &cardHidden{Behaviour: "pm_card_visa", SetUp: true}},
		Session{ID: "cs_1", Object: "checkout.session", Hidden: &pageHidden{Product: "p", Metadata: map[string]string{"attempt": "a"}}},
		Refund{ID: "re_1", Object: "refund", Next: "failed"},
	}, Reply: &reply{Key: "k", Print: "p", At: 6, Status: 402, Body: "{\n \"a\": \"<&>\"}"}, Delivered: []string{"evt_1"}}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back entry
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, back); diff != "" {
		t.Error(diff)
	}
	for _, o := range e.Objects {
		shown, err := json.Marshal(o.wire())
		if err != nil || bytes.Contains(shown, []byte("hidden")) {
			t.Errorf("%s shows what is hidden: %s, %v", o.kind(), shown, err)
		}
	}
}
