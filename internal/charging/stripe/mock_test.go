//go:build stripemock

package stripe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/outbound"
)

// mock starts stripe-mock, Stripe's own: it checks paths and the type of every parameter against Stripe's published
// OpenAPI description, and keeps no state. Our sandbox has the semantics; this has the authority on names and types.
func mock(t *testing.T) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), built(t), "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	said, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatalf("start stripe-mock: %v", err)
	}
	t.Cleanup(func() { _ = command.Wait() }) // it is killed when the test's context ends
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if _, address, ok := strings.Cut(lines.Text(), "Listening for HTTP at address: "); ok {
			go func() { _, _ = io.Copy(io.Discard, said) }() // a full pipe would stop it
			return "http://" + address
		}
	}
	t.Fatal("stripe-mock ended before it listened")
	return ""
}

// built returns stripe-mock's binary, built from the tools module if make has not done so: version 0.203.0.
func built(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(root, ".tools", "bin", "stripe-mock")
	if _, err := os.Stat(binary); err == nil {
		return binary
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-C", filepath.Join(root, "tools"), "-o", binary, "github.com/stripe/stripe-mock")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("stripe-mock cannot be built: %v\n%s\nWith access to a Go module proxy, run: make .tools/bin/stripe-mock", err, said)
	}
	return binary
}

// strict turns an answer that complains of the request into an error with its text.
type strict struct{ calls map[string]int }

func (s strict) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := outbound.Transport().RoundTrip(r)
	if err != nil {
		return nil, err
	}
	s.calls[r.Method]++
	if response.StatusCode == http.StatusOK {
		return response, nil
	}
	text, err := io.ReadAll(response.Body)
	return nil, errors.Join(fmt.Errorf("%s %s: %d %s", r.Method, r.URL, response.StatusCode, text), err, response.Body.Close())
}

func TestEveryCallHasTheNamesAndTypesThatStripePublishes(t *testing.T) {
	seen := strict{map[string]int{}}
	p := New(Config{Key: key("sk_test_123"), BaseURL: mock(t), HTTP: &http.Client{Transport: seen}})
	ctx, usd := t.Context(), money.Of(12000, "USD")
	page := charging.PageRequest{Key: "k", Customer: "cus_1", Amount: usd, Return: "https://firm.test/pay/x", Expires: time.Unix(1_800_000_000, 0)}
	charge := charging.ChargeRequest{Key: "k", Customer: "cus_1", Method: "pm_card_visa", Amount: usd, Created: noon}
	for name, call := range map[string]func(context.Context) (string, error){
		"customer": func(ctx context.Context) (string, error) { return p.Customer(ctx, "k") },
		"save page": func(ctx context.Context) (string, error) {
			made, err := p.SavePage(ctx, page)
			return made.Reference, err
		},
		"pay page": func(ctx context.Context) (string, error) {
			made, err := p.PayPage(ctx, page)
			return made.Reference, err
		},
		"saved": func(ctx context.Context) (string, error) { return read(p.Saved(ctx, "cs_test_1")) },
		"card": func(ctx context.Context) (string, error) {
			card, err := p.Card(ctx, "cus_1", "pm_1")
			return card.Last4, err
		},
		"charge":        func(ctx context.Context) (string, error) { return named(p.Charge(ctx, charge)) },
		"find":          func(ctx context.Context) (string, error) { return reached(p.Find(ctx, charge)) },
		"fetch payment": func(ctx context.Context) (string, error) { return named(p.Fetch(ctx, "pi_1")) },
		"fetch page":    func(ctx context.Context) (string, error) { return named(p.Fetch(ctx, "cs_1")) },
		"fetch dispute": func(ctx context.Context) (string, error) {
			d, err := p.FetchDispute(ctx, "du_1")
			return d.Reference, err
		},
		"fetch refund":   func(ctx context.Context) (string, error) { return named(p.Fetch(ctx, "re_1")) },
		"expire payment": func(ctx context.Context) (string, error) { return named(p.Expire(ctx, "pi_1")) },
		"expire page":    func(ctx context.Context) (string, error) { return named(p.Expire(ctx, "cs_1")) },
		"refund": func(ctx context.Context) (string, error) {
			return named(p.Refund(ctx, charging.RefundRequest{Key: "k", Payment: "pi_1", Amount: usd}))
		},
		"find refund": func(ctx context.Context) (string, error) {
			return reached(p.FindRefund(ctx, charging.RefundRequest{Key: "k", Payment: "pi_1", Amount: usd}))
		},
	} {
		if id, err := call(ctx); err != nil || id == "" {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
	if seen.calls[http.MethodPost] < 7 || seen.calls[http.MethodGet] < 8 {
		t.Errorf("calls that reached the mock: %v", seen.calls)
	}
}

func named(o charging.Outcome, err error) (string, error)   { return o.Reference, err }
func reached(o charging.Outcome, err error) (string, error) { return string(o.Result), err }
func read(_ charging.Method, err error) (string, error)     { return "read", err }

// The mock notices what we would get wrong: without this, a mock that checked nothing would pass the test above.
func TestTheMockNoticesAWrongParameter(t *testing.T) {
	p := New(Config{Key: key("sk_test_123"), BaseURL: mock(t)})
	payment1 := "pi_1"
	_, err := search(t.Context(), p, "/v1/payment_intents", &listing{Payment: &payment1},
		func(payment) (string, bool, func() (charging.Outcome, error)) { return "", false, nil })
	if !errors.Is(err, charging.ErrRefused) {
		t.Errorf("payment_intent is no parameter of this list, yet: %v", err)
	}
}
