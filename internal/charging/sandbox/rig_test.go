package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// clock is the time and the source of ids of a test.
type clock struct {
	mu  sync.Mutex
	now time.Time
	ids int
}

func newClock() *clock { return &clock{now: noon} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) id() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids++
	return fmt.Sprintf("%05d", c.ids)
}

// desk is a sandbox behind a listener.
type desk struct {
	*Server
	*clock
	faults *Faults
	path   string
	http   *httptest.Server
}

func newDesk(t *testing.T, change ...func(*Options)) *desk {
	t.Helper()
	d := &desk{clock: newClock(), faults: &Faults{}, path: filepath.Join(t.TempDir(), "journal")}
	d.open(t, change...)
	return d
}

func (d *desk) open(t *testing.T, change ...func(*Options)) {
	t.Helper()
	opt := Options{Now: d.clock.Now, NewID: d.clock.id, Fault: d.faults.Next, URL: "http://sandbox.test"}
	for _, c := range change {
		c(&opt)
	}
	s, err := Open(d.path, opt)
	if err != nil {
		t.Fatal(err)
	}
	d.Server, d.http = s, httptest.NewServer(s)
	t.Cleanup(d.http.Close)
	t.Cleanup(func() { _ = s.Close() }) // a second close after shut is harmless
}

// restart closes the sandbox and opens it again on what the journal kept.
func (d *desk) restart(t *testing.T) {
	t.Helper()
	d.http.Close()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d.open(t)
}

// got is an answer as it came over the wire.
type got struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// field walks "error.code" into the body.
func (g got) field(path string) string {
	var at any = g.body
	for name := range strings.SplitSeq(path, ".") {
		m, ok := at.(map[string]any)
		if !ok {
			return ""
		}
		at = m[name]
	}
	if at == nil {
		return ""
	}
	return fmt.Sprint(at)
}

func (d *desk) call(method, path, form, key string) (got, error) {
	body := io.Reader(http.NoBody)
	target := d.http.URL + path
	if method == post {
		body = strings.NewReader(form)
	} else if form != "" {
		target += "?" + form
	}
	r, err := http.NewRequest(method, target, body)
	if err != nil {
		return got{}, err
	}
	r.Header.Set("Authorization", "Bearer "+DefaultKey)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if method == post {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return answered(d.client().Do(r))
}

func answered(response *http.Response, err error) (got, error) {
	if err != nil {
		return got{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	g := got{status: response.StatusCode, header: response.Header, text: string(text)}
	if err == nil && strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		err = json.Unmarshal(text, &g.body)
	}
	return g, err
}

func (d *desk) post(t *testing.T, path, form, key string) got {
	t.Helper()
	g, err := d.call(post, path, form, key)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return g
}

func (d *desk) get(t *testing.T, path, form string) got {
	t.Helper()
	g, err := d.call(get, path, form, "")
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return g
}

// must posts and expects 200.
func (d *desk) must(t *testing.T, path, form, key string) got {
	t.Helper()
	g := d.post(t, path, form, key)
	if g.status != http.StatusOK {
		t.Fatalf("%s answered %d %s", path, g.status, g.text)
	}
	return g
}

// onFile makes a customer with a test card.
func (d *desk) onFile(t *testing.T, token string) (customer, method string) {
	t.Helper()
	customer = d.must(t, "/v1/customers", "", "").field("id")
	return customer, d.must(t, "/v1/payment_methods/"+token+"/attach", query("customer", customer), "").field("id")
}

func charge(customer, method string) string {
	return query("amount", "12000", "currency", "usd", "customer", customer, "payment_method", method,
		"confirm", "true", "off_session", "true", "metadata[attempt]", "a1")
}

// client is the listener's own; a sandbox in another process has a new one, so that nothing is left of a killed one.
func (d *desk) client() *http.Client {
	if c := d.http.Client(); c != nil {
		return c
	}
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}
