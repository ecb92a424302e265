package sandbox

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"github.com/billingclerk/billingclerk/internal/money"
)

//go:embed templates/*.html templates/style.css
var files embed.FS

var templates = template.Must(template.ParseFS(files, "templates/*.html"))

// cardPage is what the payer's page shows.
type cardPage struct {
	Standing
	Page     string
	Total    string
	Problems map[string]string // by field
	Expiry   string            // typed again for the payer; the number and the code never are
	Cards    []sample
}

// sample is a test card that the page offers.
type sample struct{ Number, Does string }

var samples = []sample{
	{"4242 4242 4242 4242", "pays"},
	{"5555 5555 5555 4444", "pays (Mastercard)"},
	{"4000 0025 0000 3155", "asks you to approve, once"},
	{"4000 0027 6000 3184", "asks you to approve, every time"},
	{"4000 0000 0000 0341", "can be saved, then is declined"},
	{"4000 0000 0000 9995", "has insufficient funds"},
	{"4000 0000 0000 0069", "has expired"},
	{"4000 0000 0000 0127", "has a wrong security code"},
	{"4000 0000 0000 0002", "is declined"},
}

func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	standing, err := s.Look(r.PathValue("page"))
	s.showPage(w, r, standing, nil, err)
}

func (s *Server) serveCard(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<14)
	standing, problems, err := s.Pay(r.PathValue("page"), CardForm{r.PostFormValue("number"), r.PostFormValue("expiry"), r.PostFormValue("cvc")})
	if standing.Status == "complete" && err == nil {
		http.Redirect(w, r, standing.Success, http.StatusSeeOther)
		return
	}
	s.showPage(w, r, standing, problems, err)
}

func (s *Server) serveChallenge(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<14)
	standing, err := s.Answer(r.PathValue("page"), r.PostFormValue("decision") == "approve")
	if standing.Status == "complete" && err == nil {
		http.Redirect(w, r, standing.Success, http.StatusSeeOther)
		return
	}
	s.showPage(w, r, standing, nil, err)
}

func (s *Server) showPage(w http.ResponseWriter, r *http.Request, at Standing, problems []Problem, err error) {
	switch {
	case errors.Is(err, ErrNoPage):
		render(w, http.StatusNotFound, "gone.html", nil)
		return
	case err != nil:
		render(w, http.StatusInternalServerError, "gone.html", nil)
		return
	}
	page := cardPage{Standing: at, Page: r.PathValue("page"), Total: shown(at.Amount, at.Currency), Problems: map[string]string{}, Cards: samples}
	status := http.StatusOK
	for _, p := range problems {
		page.Problems[p.Field] = p.Message
		status = http.StatusUnprocessableEntity
	}
	if len(problems) > 0 {
		page.Expiry = r.PostFormValue("expiry")
		page.Message = ""
	}
	allowRedirect(w, at.Success)
	render(w, status, "card.html", page)
}

// paymentRow is a payment as a developer sees it.
type paymentRow struct {
	ID, Amount, State, Customer, Why string
	Metadata                         []string
}

// servePayments lists all that the processor knows.
func (s *Server) servePayments(w http.ResponseWriter, _ *http.Request) {
	payments, customers := s.known()
	render(w, http.StatusOK, "payments.html", struct {
		Payments  []paymentRow
		Customers []customerRow
	}{payments, customers})
}

// customerRow is a customer as a developer sees it: everything that was ever sent about it.
type customerRow struct {
	ID, Name, Email, Description string
	Metadata                     []string
}

func (c *Core) known() (payments []paymentRow, customers []customerRow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.state.order) - 1; i >= 0; i-- {
		switch o := c.state.objects[c.state.order[i]].(type) {
		case PaymentIntent:
			row := paymentRow{o.ID, shown(o.Amount, o.Currency), o.Status, string(o.Customer), string(o.Description), pairs(o.Metadata)}
			if o.LastError != nil {
				row.Why = strings.TrimSpace(row.Why + " " + o.LastError.Message)
			}
			payments = append(payments, row)
		case Customer:
			customers = append(customers, customerRow{o.ID, string(o.Name), string(o.Email), string(o.Description), pairs(o.Metadata)})
		}
	}
	return payments, customers
}

func pairs(m map[string]string) []string {
	var all []string
	for k, v := range m {
		all = append(all, k+" = "+v)
	}
	sort.Strings(all)
	return all
}

// shown writes an amount that Stripe counts. A currency whose decimals Stripe counts otherwise than we do is shown
// as the bare number.
func shown(minor int64, currency string) string {
	code := strings.ToUpper(currency)
	if !money.Valid(code) || special[code] {
		return strconv.FormatInt(minor, 10) + " " + code
	}
	return money.Of(minor, code).String()
}

// special are the currencies that Stripe counts in other units than ISO 4217 (docs.stripe.com/currencies).
var special = map[string]bool{"ISK": true, "UGX": true, "MGA": true}

func render(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // a browser that is gone asks again
}

func serveStyle(w http.ResponseWriter, _ *http.Request) {
	style, err := files.ReadFile("templates/style.css")
	if err != nil {
		http.Error(w, "no style", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(style) // as above
}

const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// secured sets the headers of every answer.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// allowRedirect lets the form lead to the place the payer returns to: browsers hold redirects to form-action too.
func allowRedirect(w http.ResponseWriter, to string) {
	if u, err := url.Parse(to); err == nil && u.Host != "" && !strings.ContainsAny(u.Host, "; ,") {
		w.Header().Set("Content-Security-Policy", policy+" "+u.Scheme+"://"+u.Host)
	}
}
