package local

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/outbound"
	"github.com/billingclerk/billingclerk/internal/outbox"
)

// auditor compares what the firm's books say with the processor's own list and with the mail that went out.
type auditor struct {
	system  *app.System
	firm    string
	sandbox string // its address
	mail    string // the folder
}

func (h *house) auditor() auditor { return auditor{h.System, h.Demo.Firm, h.Sandbox, h.mailDir()} }

func (h *house) audit(t testing.TB) { h.auditor().everythingAgrees(t) }

func (a auditor) caller() firm.Caller { return firm.System(a.firm, app.NewID()) }

// everythingAgrees holds of a firm when nothing is under way any more.
func (a auditor) everythingAgrees(t testing.TB) {
	t.Helper()
	taken := a.numbersAndPaymentsAgree(t)
	sums, err := a.system.Books.Balances(t.Context(), a.caller())
	if err != nil {
		t.Error(err)
	}
	if got := sums[ledger.Clearing].Minor; got != taken {
		t.Errorf("the ledger has %d captured by the processor, which has %d", got, taken)
	}
	if letters, _, err := outbox.DeadLetters(t.Context(), a.system.House.View(a.caller()), ""); err != nil || len(letters) > 0 {
		t.Errorf("dead letters %v, %v", letters, err)
	}
	if list, err := a.system.Charges.Attention(t.Context(), a.caller()); err != nil || len(list) > 0 {
		t.Errorf("charges wait for a person: %v, %v", list, err)
	}
	a.mailAgrees(t)
}

// numbersAndPaymentsAgree checks that numbers have no gap, that an attempt took money at most once, and that an invoice is
// paid by what its attempts took, in parts or whole. It returns what the processor took in all.
func (a auditor) numbersAndPaymentsAgree(t testing.TB) (taken int64) {
	t.Helper()
	payments, mine := a.payments(t), map[string]bool{}
	for i, b := range a.invoices(t) {
		if b.Number != strconv.Itoa(i+1) {
			t.Errorf("invoice %s comes after number %d", b.Number, i)
		}
		attempts, err := a.system.Charges.Attempts(t.Context(), a.caller(), b.ID)
		if err != nil {
			t.Fatal(err)
		}
		var captured int64
		for _, try := range attempts {
			succeeded := 0
			for _, p := range payments {
				if p.Metadata["attempt"] != try.ID {
					continue
				}
				if mine[p.ID] = true; p.Status == "succeeded" {
					succeeded, captured = succeeded+1, captured+p.Amount
				}
			}
			if succeeded > 1 {
				t.Errorf("attempt %d of invoice %s took money %d times", try.N, b.Number, succeeded)
			}
		}
		if (captured == b.Total.Minor) != (b.State == billing.Paid) || captured != b.Paid.Minor {
			t.Errorf("invoice %s of %v is %s with %v paid, and the payments took %d", b.Number, b.Total, b.State, b.Paid, captured)
		}
		taken += captured
	}
	for _, p := range payments {
		if !mine[p.ID] {
			t.Errorf("payment %s of %d belongs to no attempt", p.ID, p.Amount)
		}
	}
	return taken
}

// invoices lists all of the firm's, in the order of their numbers.
func (a auditor) invoices(t testing.TB) (all []billing.Bill) {
	t.Helper()
	now := a.system.House.Now()
	for _, month := range []string{now.AddDate(0, 0, -36).Format("2006-01"), now.AddDate(0, 0, -1).Format("2006-01"), now.Format("2006-01")} {
		for cursor := ""; ; {
			page, next, err := a.system.Billing.List(t.Context(), a.caller(), month, cursor)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page...)
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	number := func(b billing.Bill) int { n, _ := strconv.Atoi(b.Number); return n }
	slices.SortFunc(all, func(x, y billing.Bill) int { return number(x) - number(y) })
	return slices.CompactFunc(all, func(x, y billing.Bill) bool { return x.ID == y.ID })
}

// payment is a payment as the processor lists it.
type payment struct {
	ID       string            `json:"id"`
	Amount   int64             `json:"amount"`
	Status   string            `json:"status"`
	Metadata map[string]string `json:"metadata"`
}

// payments is the processor's own list.
func (a auditor) payments(t testing.TB) (all []payment) {
	t.Helper()
	for after := ""; ; {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.sandbox+"/v1/payment_intents?limit=100"+after, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+sandbox.DefaultKey)
		response, err := outbound.Client(0).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			More bool      `json:"has_more"`
			Data []payment `json:"data"`
		}
		err = json.NewDecoder(response.Body).Decode(&page)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatal(response.Status, err)
		}
		if all = append(all, page.Data...); !page.More {
			return all
		}
		after = "&starting_after=" + page.Data[len(page.Data)-1].ID
	}
}

// mailAgrees checks that every payment of a client with an address went out once, whole, as invoice and receipt, and an
// invoice alone as often as somebody sent it.
func (a auditor) mailAgrees(t testing.TB) {
	t.Helper()
	sent := map[string]int{}
	for _, l := range a.letters(t) {
		for file, content := range l.files {
			if !bytes.HasPrefix(content, []byte("%PDF-")) || !bytes.Contains(content, []byte("%%EOF")) {
				t.Errorf("%s of %s is no whole PDF", file, l.id)
			}
			sent[file]++
		}
	}
	alone := a.sentAlone(t)
	for _, b := range a.invoices(t) {
		want := 0
		if b.Recipient.Email != "" {
			want = len(b.Receipts)
		}
		if i, r := sent["invoice-"+b.Number+".pdf"], sent["receipt-"+b.Number+".pdf"]; i != want+alone["bill/"+b.ID] || r != want {
			t.Errorf("invoice %s is %s; it was sent %d times, its receipt %d times", b.Number, b.State, i, r)
		}
	}
}

// sentAlone counts, from the firm's audit, how often each invoice was sent without a charge.
func (a auditor) sentAlone(t testing.TB) map[string]int {
	t.Helper()
	alone, now := map[string]int{}, a.system.House.Now()
	for _, month := range slices.Compact([]string{now.AddDate(0, 0, -36).UTC().Format("2006-01"), now.UTC().Format("2006-01")}) {
		for cursor := ""; ; {
			page, next, err := a.system.House.Audit(t.Context(), a.caller(), month, cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				if e.Action == "invoice.send" && bytes.Contains(e.After, []byte(`"mailed":true`)) {
					alone[e.Subject]++
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return alone
}

// received is a message in the mail folder.
type received struct {
	id, to, subject, text string
	files                 map[string][]byte
}

// letters reads the mail folder, in which nothing but whole messages may lie.
func (a auditor) letters(t testing.TB) (all []received) {
	t.Helper()
	files, err := os.ReadDir(a.mail)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".eml" {
			t.Errorf("%s lies in the mail folder", f.Name())
			continue
		}
		l := readMessage(t, filepath.Join(a.mail, f.Name()))
		if ids[l.id] {
			t.Errorf("two messages %s", l.id)
		}
		ids[l.id] = true
		all = append(all, l)
	}
	return all
}

func readMessage(t testing.TB, path string) received {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	l := received{id: m.Header.Get("Message-Id"), to: m.Header.Get("To"), subject: m.Header.Get("Subject"), files: map[string][]byte{}}
	_, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return l
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		var body io.Reader = p // quoted-printable is undone already
		if strings.EqualFold(p.Header.Get("Content-Transfer-Encoding"), "base64") {
			body = base64.NewDecoder(base64.StdEncoding, p)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if file := p.FileName(); file != "" {
			l.files[file] = content
		} else {
			l.text += string(content)
		}
	}
}
